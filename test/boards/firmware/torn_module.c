/*
 * The module's slots against a flash in memory whose power is cut at every single byte that an update programs or erases, once with
 * that byte untouched and once with half of its bits done. After each cut the module that runs is the old one or the new one to
 * the last byte; and the update, sent again, is taken. Then every byte of the new module forgets a bit: the old one runs. And one that
 * was refused for its SHA-256 is never run, even where there is no other.
 *
 * Prints what it did; a fault ends it with a line and status 1.
 */
#include "board.h"
#include "module.h"
#include "module_flash.h"
#include "slots.h"
#include "torn_byte.h"
#include "update.h"
#include <openssl/sha.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 700
#define TOPIC_SIZE (8 + 64)

static uint8_t flash[2 * MODULE_SLOT_SIZE];
static uint8_t modules[3][SIZE];
static char topics[3][TOPIC_SIZE + 1];
static uint8_t hashed[MODULE_SLOT_SIZE];
static uint32_t hashed_size;

int module_hash_begin(void) { return hashed_size = 0, 0; }
int module_hash_add(const void *source, uint32_t size) {
  memcpy(hashed + hashed_size, source, size);
  hashed_size += size;
  return 0;
}
int module_hash_end(uint8_t digest[32]) { return SHA256(hashed, hashed_size, digest) == 0 ? -1 : 0; }

int module_flash_read(uint32_t at, void *target, uint32_t size) { return memcpy(target, flash + at, size), 0; }
const uint8_t *module_flash_map(uint32_t at, uint32_t size) { return (void)size, flash + at; }

int module_flash_program(uint32_t at, const void *source, uint32_t size) {
  const uint8_t *from = source;
  if (at % 4 != 0 || size % 4 != 0) exit(2);
  for (uint32_t i = 0; i < size; i++)
    if (spend(flash + at + i, flash[at + i] & from[i]) != 0) return -1;
  return 0;
}

int module_flash_erase(uint32_t at) {
  if (at % MODULE_SECTOR_SIZE != 0) exit(2);
  for (uint32_t i = 0; i < MODULE_SECTOR_SIZE; i++)
    if (spend(flash + at + i, 0xff) != 0) return -1;
  return 0;
}

static void fail(const char *what, long cut) {
  printf("FAULT %s: cut after byte %ld, half bits %u\n", what, cut, half_bits);
  exit(1);
}

void board_say(const char *what, const char *detail) { (void)what, (void)detail; }
static jmp_buf halted;
static int may_halt;
void board_halt(const char *what) {
  if (may_halt) longjmp(halted, 1);
  fail(what, power);
}

/* Sends the module in pieces of odd sizes. Answers what was decided, or 0 where the power went first. */
static const char *send(int index) {
  int32_t sizes[] = {1, 63, 64, 65, 130, 7};
  const char *decided = 0;
  for (int32_t offset = 0, i = 0; offset < SIZE && decided == 0; i++) {
    int32_t size = sizes[i % 6] < SIZE - offset ? sizes[i % 6] : SIZE - offset;
    struct client_message piece = {topics[index], modules[index] + offset, TOPIC_SIZE, size, offset, SIZE, 2};
    decided = update_piece(&piece);
    offset += size;
  }
  return power < 0 ? 0 : decided;
}

/* Which of the modules runs after a start. */
static int start(long cut) {
  uint32_t size;
  power = 1L << 40;
  const uint8_t *bytes = board_module(&size);
  for (int i = 0; i < 3; i++)
    if (size == SIZE && memcmp(bytes, modules[i], SIZE) == 0) return i;
  fail("another module runs", cut);
  return -1;
}

/* Module 0 is in slot 0, by cable; module 1 in slot 1; module 2 comes on top of `from`, and its power is cut. 1 where the cut came too late. */
static int cut_at(int from, long cut) {
  memset(flash, 0xff, sizeof flash);
  memcpy(flash, modules[0], SIZE);
  if (start(cut) != 0) fail("what came over the cable does not run", cut);
  slots_proved();
  if (from == 1) {
    if (send(1) != update_taken || start(cut) != 1) fail("a module was not taken", cut);
    slots_proved();
  }
  power = cut;
  send(2);
  int is_whole = power >= 0, runs = start(cut);
  if (runs != from && runs != 2) fail("neither the old nor the new one runs", cut);
  if (is_whole && runs != 2) fail("the new one was taken, and does not run", cut);
  if (runs == from && (send(2) != update_taken || start(cut) != 2)) fail("sent again, it was not taken", cut);
  return is_whole;
}

int main(void) {
  static const uint8_t preamble[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  uint8_t tail[] = {0, 12, 7, 'p', 'e', 'r', 'i', 'g', 'e', 'e', 0, 0, 0, 0};
  for (int i = 0; i < 4; i++) tail[10 + i] = (uint8_t)(PERIGEE_INTERFACE >> 8 * i);
  for (int i = 0; i < 3; i++) {
    uint8_t digest[32], *module = modules[i];
    const int body = SIZE - 8 - 3 - (int)sizeof tail;
    memset(module, 0x11 * (i + 1), SIZE);
    memcpy(module, preamble, sizeof preamble);
    module[8] = 0, module[9] = (uint8_t)(0x80 | (body & 0x7f)), module[10] = (uint8_t)(body >> 7), module[11] = 1;
    memcpy(module + SIZE - sizeof tail, tail, sizeof tail);
    SHA256(module, SIZE, digest);
    memcpy(topics[i], "/module/", 8);
    for (int at = 0; at < 32; at++) sprintf(topics[i] + 8 + 2 * at, "%02x", digest[at]);
  }
  long cuts = 0;
  for (half_bits = 0; half_bits < 2; half_bits++)
    for (int from = 0; from < 2; from++)
      for (long cut = 0; !cut_at(from, cut); cut++) cuts++;
  printf("cuts %ld\n", cuts);

  cut_at(1, 1L << 40);
  slots_proved();
  if (start(0) != 2) fail("the new one does not run", 0);
  const uint32_t at = memcmp(flash, modules[2], SIZE) == 0 ? 0 : MODULE_SLOT_SIZE;
  for (int byte = 0; byte < SIZE; byte++) {
    flash[at + (uint32_t)byte] ^= 0x10;
    if (start(byte) != 1) fail("a module with a wrong bit runs", byte);
    flash[at + (uint32_t)byte] ^= 0x10;
  }
  printf("bits %d\n", SIZE);

  cut_at(1, 0);
  if (start(0) != 2 || at != 0) fail("the new one does not run from slot 0", 0);
  memset(flash, 0xff, sizeof flash);
  memcpy(flash, modules[0], SIZE);
  if (start(0) != 0 || send(1) != update_taken || start(0) != 1) fail("a module was not taken", 0);
  modules[2][SIZE / 2] ^= 1;
  if (send(2) == update_taken || start(0) != 1) fail("a module of another SHA-256 was taken", 0);
  memset(flash + MODULE_SLOT_SIZE, 0xff, MODULE_SLOT_SIZE);
  may_halt = 1;
  if (setjmp(halted) == 0) start(0), fail("what was refused runs", 0);
  printf("refused\n");
  return 0;
}
