/*
 * A file that behaves as NOR flash: erasing sets a sector to ones, programming only clears bits, and each is on the disk before
 * it returns.
 */
#define _POSIX_C_SOURCE 200809L
#include "board.h"
#include "posix.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int file = -1;

int flash_open(const char *path) {
  struct stat status;
  file = open(path, O_RDWR | O_CREAT, 0600);
  if (file < 0 || fstat(file, &status) != 0) return -1;
  for (uint32_t sector = 0; sector < FLASH_SECTOR_COUNT; sector++)
    if (status.st_size < (off_t)((sector + 1) * FLASH_SECTOR_SIZE) && flash_erase(sector) != 0) return -1;
  return 0;
}

int flash_read(uint32_t at, void *target, uint32_t size) {
  return pread(file, target, size, at) == (ssize_t)size ? 0 : -1;
}

int flash_program(uint32_t at, const void *source, uint32_t size) {
  uint8_t bytes[64];
  const uint8_t *from = source;
  for (uint32_t done = 0; done < size;) {
    uint32_t count = size - done < sizeof bytes ? size - done : sizeof bytes;
    if (flash_read(at + done, bytes, count) != 0) return -1;
    for (uint32_t i = 0; i < count; i++) bytes[i] &= from[done + i];
    if (pwrite(file, bytes, count, at + done) != (ssize_t)count) return -1;
    done += count;
  }
  return fdatasync(file);
}

int flash_erase(uint32_t sector) {
  uint8_t ones[64];
  memset(ones, 0xff, sizeof ones);
  for (uint32_t at = 0; at < FLASH_SECTOR_SIZE; at += sizeof ones)
    if (pwrite(file, ones, sizeof ones, sector * FLASH_SECTOR_SIZE + at) != sizeof ones) return -1;
  return fdatasync(file);
}
