/*
 * The flash beside the chip, by the functions of the boot ROM (datasheet, section 2.8.3.1.3). While they run the flash cannot be
 * read, so what calls them stands in RAM. They program pages of 256 bytes: what is not meant stays ones, which change nothing.
 */
#include "board.h"
#include "machine.h"
#include <string.h>

#define PAGE_SIZE 256u
#define ERASE_BLOCK_SIZE 65536u
#define ERASE_BLOCK_COMMAND 0xd8u

static uint32_t page[PAGE_SIZE / 4];

/* At the front of the boot ROM (link.ld): where its table of functions is, and the function that searches it by two characters. */
extern const uint16_t rom_table, rom_look_up;

static void *rom_function(char first, char second) {
  void *(*look_up)(const uint16_t *, uint32_t) = (void *(*)(const uint16_t *, uint32_t))(uintptr_t)rom_look_up;
  return look_up((const uint16_t *)(uintptr_t)rom_table, (uint32_t)first | (uint32_t)second << 8);
}

struct rom {
  void (*connect)(void), (*leave_xip)(void), (*flush)(void), (*enter_xip)(void);
  void (*erase)(uint32_t at, uint32_t size, uint32_t block_size, uint8_t block_command);
  void (*program)(uint32_t at, const uint8_t *source, uint32_t size);
};

static struct rom find_rom(void) {
  return (struct rom){(void (*)(void))rom_function('I', 'F'), (void (*)(void))rom_function('E', 'X'),
                      (void (*)(void))rom_function('F', 'C'), (void (*)(void))rom_function('C', 'X'),
                      (void (*)(uint32_t, uint32_t, uint32_t, uint8_t))rom_function('R', 'E'),
                      (void (*)(uint32_t, const uint8_t *, uint32_t))rom_function('R', 'P')};
}

/* Erases a sector, or programs the page. */
static __attribute__((section(".ram.flash"), noinline, long_call)) void busy(const struct rom *rom, uint32_t at, int erases) {
  rom->connect();
  rom->leave_xip();
  if (erases) rom->erase(at, FLASH_SECTOR_SIZE, ERASE_BLOCK_SIZE, ERASE_BLOCK_COMMAND);
  else rom->program(at, (const uint8_t *)page, PAGE_SIZE);
  rom->flush();
  rom->enter_xip();
}

int flash_read(uint32_t at, void *target, uint32_t size) {
  memcpy(target, (const uint8_t *)(uintptr_t)(FLASH_MEMORY + FLASH_STORE_AT + at), size);
  return 0;
}

int flash_program(uint32_t at, const void *source, uint32_t size) {
  const struct rom rom = find_rom();
  const uint8_t *from = source;
  while (size > 0) {
    uint32_t offset = at % PAGE_SIZE, count = PAGE_SIZE - offset < size ? PAGE_SIZE - offset : size;
    memset(page, 0xff, PAGE_SIZE);
    memcpy((uint8_t *)page + offset, from, count);
    busy(&rom, FLASH_STORE_AT + at - offset, 0);
    at += count;
    from += count;
    size -= count;
  }
  return 0;
}

int flash_erase(uint32_t sector) {
  const struct rom rom = find_rom();
  busy(&rom, FLASH_STORE_AT + sector * FLASH_SECTOR_SIZE, 1);
  return 0;
}
