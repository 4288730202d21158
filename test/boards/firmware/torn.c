/*
 * The store against a flash in memory whose power is cut after every single byte that it programs or erases, once with that byte
 * untouched and once with half of its bits done. After each cut: what is loaded is what the last finished save kept, or
 * what the unfinished one was to keep; and the store works on. Then sectors that wear out.
 *
 * Prints what it did; a fault ends it with a line and status 1.
 */
#include "board.h"
#include "torn_byte.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSION_SIZE 150
#define FIELDS_SIZE 28
#define SAVES 40
#define CHANGE_SIZE(room) draw((room) + 1)
#include "torn_session.h"

static uint8_t flash[FLASH_SECTOR_SIZE * FLASH_SECTOR_COUNT];
static unsigned erases[FLASH_SECTOR_COUNT];
/* Sectors that hold nothing any more, one bit each. */
static unsigned worn;

int flash_read(uint32_t at, void *target, uint32_t size) {
  memcpy(target, flash + at, size);
  return 0;
}

int flash_program(uint32_t at, const void *source, uint32_t size) {
  const uint8_t *from = source;
  if (at % 4 != 0 || size % 4 != 0) exit(2);
  for (uint32_t i = 0; i < size; i++) {
    uint8_t next = flash[at + i] & from[i];
    if (worn >> (at / FLASH_SECTOR_SIZE) & 1) next &= 0xfe;
    if (spend(flash + at + i, next) != 0) return -1;
  }
  return 0;
}

int flash_erase(uint32_t sector) {
  erases[sector]++;
  for (uint32_t i = 0; i < FLASH_SECTOR_SIZE; i++)
    if (spend(flash + sector * FLASH_SECTOR_SIZE + i, 0xff) != 0) return -1;
  return 0;
}

static void fail(const char *what, long cut, int index) {
  printf("FAULT %s: cut after byte %ld, save %d, half bits %u\n", what, cut, index, half_bits);
  exit(1);
}

/* Answers 1 where the cut came behind the last save. */
static int cut_at(long cut) {
  int index = 0;
  memset(flash, 0xff, sizeof flash);
  power = cut;
  load(1);
  while (index < SAVES && save(index) == 0 && power >= 0) index++;
  if (power >= 0) return 1;
  power = 1L << 40;
  int loaded = load(1);
  if (loaded <= 0 && index > 0) fail("nothing was loaded", cut, index);
  // One save further than was finished is right too: the cut may have come behind its last byte.
  if (loaded > 0 && is_state(index + 1)) index++;
  else if (loaded > 0 ? !is_state(index) : index != 0) fail("another state was loaded", cut, index);
  for (int more = 0; more < 3 && index < SAVES; more++, index++)
    if (save(index) != 0) fail("a save failed after the cut", cut, index);
  if (load(1) != 1 || !is_state(index)) fail("lost after the recovery", cut, index);
  return 0;
}

int main(void) {
  long cuts = 0;
  for (half_bits = 0; half_bits < 2; half_bits++)
    for (long cut = 0; !cut_at(cut); cut++) cuts++;
  printf("cuts %ld\n", cuts);

  memset(flash, 0xff, sizeof flash);
  memset(erases, 0, sizeof erases);
  power = 1L << 40;
  if (load(1) != 0) fail("blank flash was loaded", 0, 0);
  for (int i = 0; i < 5000; i++)
    if (save(i) != 0) fail("a save failed", 0, i);
  unsigned least = erases[0], most = erases[0];
  for (unsigned i = 1; i < FLASH_SECTOR_COUNT; i++) {
    if (erases[i] < least) least = erases[i];
    if (erases[i] > most) most = erases[i];
  }
  printf("erases %u to %u a sector\n", least, most);
  if (most - least > 1) fail("wear is uneven", 0, 0);
  if (load(2) != -1) fail("another client's session was loaded", 0, 0);

  // Sectors wear out one after another; the last that holds keeps what it had.
  int index = 5000;
  if (load(1) != 1 || !is_state(index)) fail("lost", 0, index);
  for (unsigned bad = 0; bad < FLASH_SECTOR_COUNT - 1; bad++) {
    worn |= 1u << bad;
    for (int i = 0; i < 100 && save(index) == 0; i++) index++;
    if (load(1) != 1 || !is_state(index)) {
      if (!(bad == FLASH_SECTOR_COUNT - 2 && is_state(index))) fail("lost to a worn sector", (long)bad, index);
    }
  }
  worn = ~0u;
  while (save(index) == 0) index++;
  int kept = index;
  if (save(kept) == 0 || load(1) != 1 || !is_state(kept)) fail("lost when all are worn", 0, kept);
  printf("worn out, kept\n");
  return 0;
}
