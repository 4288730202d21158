/*
 * Counts instructions: a QoS 1 PUBLISH of a topic of 24 and a payload of 32 bytes from reserving to committed, the
 * same received and handed over, and a whole cycle from publish to acknowledged. Bytes of the server come from arrays.
 * One line each on the console.
 */
#include "board.h"
#include "machine.h"
#include "perigee.h"
#include <string.h>

#define CLIENT PERIGEE_CLIENT

static const char topic[] = "plant/7/line/3/sensor/42";
static const char payload[] = "{\"celsius\":21.50,\"humidity\":44}!";
static const uint8_t connack[] = {0x20, 2, 0, 0};

int network_open(void) { return 0; }
int network_read(uint8_t *target, int size) { return (void)target, (void)size, 0; }
int network_write(const uint8_t *source, int size) { return (void)source, size; }
void network_close(void) {}

static uint32_t now(void) {
  uint32_t count;
  __asm__ volatile(CONTROL("csrr %0, minstret") : "=r"(count)::"memory");
  return count;
}

static void tell(const char *what, uint32_t count) {
  char text[12], *at = text + sizeof text - 1;
  *at = 0;
  do *--at = (char)('0' + count % 10);
  while ((count /= 10) != 0);
  board_say(what, at);
}

static uint32_t publish(void) {
  int32_t at = perigee_publish(CLIENT, 24, 32, 2);
  memcpy(perigee_memory + at, topic, 24);
  memcpy(perigee_memory + perigee_composed_end(CLIENT) - 32, payload, 32);
  return (uint32_t)perigee_commit(CLIENT);
}

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

int main(void) {
  uint8_t inbound[2 + 2 + 24 + 2 + 32] = {0x32, 60, 0, 24};
  uint8_t puback[] = {0x40, 2, 0, 0};
  uint32_t start, empty, id;
  const char *fault = engine_start();
  if (fault != 0) board_halt(fault);
  memcpy(inbound + 4, topic, 24);
  inbound[29] = 7;
  memcpy(inbound + 30, payload, 32);
  check(perigee_initialize(CLIENT, 256, 496, 64, 8) > 0, "initialize");
  int32_t at = perigee_connect(CLIENT, 6, 2, 60);
  memcpy(perigee_memory + at, "\0\4rv32", 6);
  check(perigee_commit(CLIENT) == 0, "CONNECT");
  check(perigee_next_event(CLIENT, 0) == PERIGEE_EVENT_OPEN, "OPEN");
  perigee_opened(CLIENT, 0);
  transmit();
  receive(connack, sizeof connack);
  check(perigee_next_event(CLIENT, 0) == PERIGEE_EVENT_CONNECTED, "CONNECTED");

  start = now();
  empty = now() - start;

  start = now();
  id = publish();
  tell("publish", now() - start - empty);
  check(id == 1, "identifier");
  transmit();
  puback[3] = (uint8_t)id;
  receive(puback, sizeof puback);
  check(perigee_next_event(CLIENT, 1) == PERIGEE_EVENT_PUBLISHED, "PUBLISHED");

  receive(inbound, sizeof inbound);
  start = now();
  int32_t event = perigee_next_event(CLIENT, 1);
  int32_t size = perigee_payload_size(CLIENT), from = perigee_payload_address(CLIENT);
  tell("receive", now() - start - empty);
  check(event == PERIGEE_EVENT_MESSAGE && size == 32 && memcmp(perigee_memory + from, payload, 32) == 0, "MESSAGE");
  check(perigee_next_event(CLIENT, 1) == PERIGEE_EVENT_NONE, "NONE");
  transmit();

  start = now();
  id = publish();
  check(perigee_next_event(CLIENT, 1) == PERIGEE_EVENT_NONE, "NONE");
  perigee_stored(CLIENT);
  transmit();
  puback[3] = (uint8_t)id;
  receive(puback, sizeof puback);
  event = perigee_next_event(CLIENT, 1);
  perigee_stored(CLIENT);
  tell("cycle", now() - start - empty);
  check(event == PERIGEE_EVENT_PUBLISHED && perigee_event_id(CLIENT) == (int32_t)id, "cycle");
  tell("stack", machine_stack_used());
  machine_exit(0);
}
