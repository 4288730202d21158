/*
 * The shipped bytes in wasm3 on rv32imc: one publish that is acknowledged, one message received; then how much of the RAM was ever
 * used: data, what malloc was given, and the stack, which start.S has painted.
 */
#include "board.h"
#include "machine.h"
#include "perigee.h"
#include <stdlib.h>
#include <string.h>

#define CLIENT PERIGEE_CLIENT
#define HEAP_SIZE (36 * 1024)

static const char topic[] = "plant/7/line/3/sensor/42";
static const char payload[] = "{\"celsius\":21.50,\"humidity\":44}!";
static const uint8_t connack[] = {0x20, 2, 0, 0};

/* wasm3 allocates at its start and frees little: a block is taken from the end, and given back if it is the last. */
static uint64_t heap[HEAP_SIZE / 8];
static size_t used, peak;

void *malloc(size_t size) {
  size_t *block = (size_t *)((uint8_t *)heap + used);
  used += 8 + ((size + 7) & ~(size_t)7);
  if (used > HEAP_SIZE) board_halt("heap");
  if (used > peak) peak = used;
  *block = size;
  return block + 2;
}

void *calloc(size_t count, size_t size) { return memset(malloc(count * size), 0, count * size); }

void free(void *pointer) {
  if (pointer == 0) return;
  size_t *block = (size_t *)pointer - 2;
  if ((uint8_t *)block + 8 + ((*block + 7) & ~(size_t)7) == (uint8_t *)heap + used) used = (size_t)((uint8_t *)block - (uint8_t *)heap);
}

void *realloc(void *pointer, size_t size) {
  void *moved = malloc(size);
  if (pointer == 0) return moved;
  size_t old = ((size_t *)pointer - 2)[0];
  memcpy(moved, pointer, old < size ? old : size);
  free(pointer);
  return moved;
}

void abort(void) {
  board_halt("abort");
  for (;;) continue;
}

static void tell(const char *what, uint32_t count) {
  char text[12], *at = text + sizeof text - 1;
  *at = 0;
  do *--at = (char)('0' + count % 10);
  while ((count /= 10) != 0);
  board_say(what, at);
}

static uint32_t now(void) {
  uint32_t count;
  __asm__ volatile(CONTROL("csrr %0, minstret") : "=r"(count)::"memory");
  return count;
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
  uint32_t start = now();
  at = perigee_publish(CLIENT, 24, 32, 2);
  memcpy(perigee_memory + at, topic, 24);
  memcpy(perigee_memory + perigee_composed_end(CLIENT) - 32, payload, 32);
  puback[3] = (uint8_t)perigee_commit(CLIENT);
  check(perigee_next_event(CLIENT, 1) == PERIGEE_EVENT_NONE, "NONE");
  transmit();
  receive(puback, sizeof puback);
  check(perigee_next_event(CLIENT, 1) == PERIGEE_EVENT_PUBLISHED, "PUBLISHED");
  tell("cycle", now() - start);
  receive(inbound, sizeof inbound);
  check(perigee_next_event(CLIENT, 1) == PERIGEE_EVENT_MESSAGE, "MESSAGE");
  check(memcmp(perigee_memory + perigee_payload_address(CLIENT), payload, 32) == 0, "payload");
  check(perigee_next_event(CLIENT, 1) == PERIGEE_EVENT_NONE, "NONE");
  transmit();
  tell("heap", (uint32_t)peak);
  tell("stack", machine_stack_used());
  machine_exit(0);
}
