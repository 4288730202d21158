/* Flash that wears out: after so many programs, or erases, every other one is a fault and changes nothing. For the posix board. */
#include "board.h"
#include "posix.h"
#include <string.h>

#ifndef PROGRAMS
#define PROGRAMS 1000000
#endif
#ifndef ERASES
#define ERASES 1000000
#endif

static uint8_t bytes[FLASH_SECTOR_SIZE * FLASH_SECTOR_COUNT];
static int programs, erases;

int flash_open(const char *path) {
  (void)path;
  memset(bytes, 0xff, sizeof bytes);
  return 0;
}

int flash_read(uint32_t at, void *target, uint32_t size) {
  memcpy(target, bytes + at, size);
  return 0;
}

int flash_program(uint32_t at, const void *source, uint32_t size) {
  if (++programs > PROGRAMS) return -1;
  for (uint32_t i = 0; i < size; i++) bytes[at + i] &= ((const uint8_t *)source)[i];
  return 0;
}

int flash_erase(uint32_t sector) {
  if (++erases > ERASES) return -1;
  memset(bytes + sector * FLASH_SECTOR_SIZE, 0xff, FLASH_SECTOR_SIZE);
  return 0;
}
