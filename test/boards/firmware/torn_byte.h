/* A byte of flash, and the power that it takes to change it. */
#include <stdint.h>

/* Bytes until the power goes, below zero when it has gone; whether the last of them is half done then. */
static long power;
static unsigned half_bits;

static int spend(uint8_t *byte, uint8_t next) {
  if (power == 0) {
    if (half_bits) *byte = (uint8_t)((*byte & 0xaa) | (next & 0x55));
    power = -1;
  }
  if (power < 0) return -1;
  power--;
  *byte = next;
  return 0;
}
