/*
 * The flash: Intel's command set on two chips of 16 bits, so every command and every status stands in both halves of a word.
 * QEMU's chips know no errors and no wear; a status other than "ready" alone is a fault all the same.
 */
#include "board.h"
#include "machine.h"
#include <string.h>

#define BOTH(command) ((command)*0x00010001u)
#define READ_ARRAY BOTH(0xffu)
#define READY BOTH(0x80u)
#define FAULTS BOTH(0x3au)

/* A chip that has been given a command answers its status until it is told to be memory again. */
static uint8_t is_status;

static int settle(uint32_t address) {
  uint32_t status;
  is_status = 1;
  do status = REGISTER_32(address);
  while ((status & READY) != READY);
  REGISTER_32(address) = BOTH(0x50u); /* clears the status */
  return (status & FAULTS) == 0 ? 0 : -1;
}

int flash_read(uint32_t at, void *target, uint32_t size) {
  if (is_status) REGISTER_32(NOR) = READ_ARRAY;
  is_status = 0;
  memcpy(target, (const void *)(uintptr_t)(NOR + at), size);
  return 0;
}

/* Through the chips' buffers, of which 64 bytes are used at a time: 32 bytes a chip, aligned. */
int flash_program(uint32_t at, const void *source, uint32_t size) {
  const uint8_t *from = source;
  while (size > 0) {
    uint32_t count = 64 - at % 64 < size ? 64 - at % 64 : size;
    REGISTER_32(NOR + at) = BOTH(0xe8u);
    REGISTER_32(NOR + at) = BOTH(count / 4 - 1);
    for (uint32_t done = 0; done < count; done += 4) {
      uint32_t word;
      memcpy(&word, from + done, 4);
      REGISTER_32(NOR + at + done) = word;
    }
    REGISTER_32(NOR + at) = BOTH(0xd0u);
    if (settle(NOR + at) != 0) return -1;
    at += count;
    from += count;
    size -= count;
  }
  return 0;
}

int flash_erase(uint32_t sector) {
  REGISTER_32(NOR + sector * FLASH_SECTOR_SIZE) = BOTH(0x20u);
  REGISTER_32(NOR + sector * FLASH_SECTOR_SIZE) = BOTH(0xd0u);
  return settle(NOR + sector * FLASH_SECTOR_SIZE);
}
