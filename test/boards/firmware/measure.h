/*
 * What the programs that count have in common: the message they count with, the counter of instructions, and a line on the console.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include "board.h"
#include "machine.h"
#include <stdint.h>

static const char topic[] = "plant/7/line/3/sensor/42";
static const char payload[] = "{\"celsius\":21.50,\"humidity\":44}!";

static inline uint32_t now(void) {
  uint32_t count;
  __asm__ volatile(CONTROL("csrr %0, minstret") : "=r"(count)::"memory");
  return count;
}

static inline void tell(const char *what, uint32_t count) {
  char text[12], *at = text + sizeof text - 1;
  *at = 0;
  do *--at = (char)('0' + count % 10);
  while ((count /= 10) != 0);
  board_say(what, at);
}

#endif
