/*
 * A connected client without a network, for the programs that count: what the server says comes from arrays, and what leaves is gone.
 */
#ifndef SESSION_H
#define SESSION_H

#include "measure.h"
#include "perigee.h"
#include <string.h>

#define CLIENT PERIGEE_CLIENT

static void receive(const uint8_t *bytes, int32_t size) {
  memcpy(perigee_memory + perigee_receive_address(CLIENT), bytes, (size_t)size);
  perigee_received(CLIENT, size, 1);
}

static void transmit(void) {
  int32_t size;
  while ((size = perigee_transmit(CLIENT)) > 0) perigee_transmitted(CLIENT, size, 1);
}

static void check(int holds, const char *what) {
  if (!holds) board_halt(what);
}

static inline uint32_t publish(void) {
  int32_t at = perigee_publish(CLIENT, 24, 32, 2);
  memcpy(perigee_memory + at, topic, 24);
  memcpy(perigee_memory + perigee_composed_end(CLIENT) - 32, payload, 32);
  return (uint32_t)perigee_commit(CLIENT);
}

/* From the start of the engine to CONNACK. */
static void begin(void) {
  static const uint8_t connack[] = {0x20, 2, 0, 0};
  const char *fault = engine_start();
  if (fault != 0) board_halt(fault);
  check(perigee_initialize(CLIENT, 256, 496, 64, 8) > 0, "initialize");
  int32_t at = perigee_connect(CLIENT, 6, 2, 60);
  memcpy(perigee_memory + at, "\0\4rv32", 6);
  check(perigee_commit(CLIENT) == 0, "CONNECT");
  check(perigee_next_event(CLIENT, 0) == PERIGEE_EVENT_OPEN, "OPEN");
  perigee_opened(CLIENT, 0);
  transmit();
  receive(connack, sizeof connack);
  check(perigee_next_event(CLIENT, 0) == PERIGEE_EVENT_CONNECTED, "CONNECTED");
}

#endif
