/*
 * A boot ROM for the emulator, which has none: the table of functions and the few of them that boards/rp2040/flash.c calls, as the
 * datasheet's section 2.8.3.1 says. The emulator lets stores change the flash, so programming is a loop of stores, each of one
 * word, and a power cut can come between any two of them.
 */
#include <stdint.h>

#define FLASH_MEMORY 0x10000000u

void nothing(void) {}

void erase(uint32_t at, uint32_t size, uint32_t block_size, uint8_t block_command) {
  (void)block_size, (void)block_command;
  volatile uint32_t *word = (volatile uint32_t *)(uintptr_t)(FLASH_MEMORY + at);
  for (; size > 0; size -= 4) *word++ = 0xffffffff;
}

void program(uint32_t at, const uint8_t *source, uint32_t size) {
  volatile uint32_t *word = (volatile uint32_t *)(uintptr_t)(FLASH_MEMORY + at);
  const uint32_t *from = (const uint32_t *)(uintptr_t)source;
  // A page's ones change nothing: only words that have zeros are written.
  for (; size > 0; size -= 4, word++, from++)
    if (*from != 0xffffffff) *word &= *from;
}

void *look_up(const uint16_t *table, uint32_t code) {
  for (; table[0] != 0; table += 2)
    if (table[0] == code) return (void *)(uintptr_t)table[1];
  return 0;
}
