/*
 * The shipped bytes in wasm3 on rv32imc: one publish that is acknowledged, one message received; then how much of the RAM was ever
 * used: data, what malloc was given, and the stack, which start.S has painted.
 */
#include "session.h"
#include <stdlib.h>

#define HEAP_SIZE (36 * 1024)

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

int main(void) {
  uint8_t inbound[2 + 2 + 24 + 2 + 32] = {0x32, 60, 0, 24};
  uint8_t puback[] = {0x40, 2, 0, 0};
  memcpy(inbound + 4, topic, 24);
  inbound[29] = 7;
  memcpy(inbound + 30, payload, 32);
  begin();
  uint32_t start = now();
  puback[3] = (uint8_t)publish();
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
