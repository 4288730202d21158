/*
 * Files that behave as NOR flash: erasing sets a sector to ones, programming only clears bits, and each is on the disk before
 * it returns. One is the store's.
 */
#define _POSIX_C_SOURCE 200809L
#include "board.h"
#include "posix.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int nor_open(const char *path, uint32_t size) {
  struct stat status;
  int file = open(path, O_RDWR | O_CREAT, 0600);
  if (file < 0 || fstat(file, &status) != 0) return -1;
  if (status.st_size < (off_t)size && nor_erase(file, (uint32_t)status.st_size, size - (uint32_t)status.st_size) != 0) return -1;
  return file;
}

int nor_read(int file, uint32_t at, void *target, uint32_t size) {
  return pread(file, target, size, at) == (ssize_t)size ? 0 : -1;
}

int nor_program(int file, uint32_t at, const void *source, uint32_t size) {
  uint8_t bytes[64];
  const uint8_t *from = source;
  for (uint32_t done = 0; done < size;) {
    uint32_t count = size - done < sizeof bytes ? size - done : sizeof bytes;
    if (nor_read(file, at + done, bytes, count) != 0) return -1;
    for (uint32_t i = 0; i < count; i++) bytes[i] &= from[done + i];
    if (pwrite(file, bytes, count, at + done) != (ssize_t)count) return -1;
    done += count;
  }
  return fdatasync(file);
}

int nor_erase(int file, uint32_t at, uint32_t size) {
  uint8_t ones[64];
  memset(ones, 0xff, sizeof ones);
  for (const uint32_t end = at + size; at < end;) {
    uint32_t count = end - at < sizeof ones ? end - at : sizeof ones;
    if (pwrite(file, ones, count, at) != (ssize_t)count) return -1;
    at += count;
  }
  return fdatasync(file);
}

static int file = -1;

int flash_open(const char *path) {
  file = nor_open(path, FLASH_SECTOR_COUNT * FLASH_SECTOR_SIZE);
  return file < 0 ? -1 : 0;
}

int flash_read(uint32_t at, void *target, uint32_t size) { return nor_read(file, at, target, size); }
int flash_program(uint32_t at, const void *source, uint32_t size) { return nor_program(file, at, source, size); }
int flash_erase(uint32_t sector) { return nor_erase(file, sector * FLASH_SECTOR_SIZE, FLASH_SECTOR_SIZE); }
