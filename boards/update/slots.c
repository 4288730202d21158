/*
 * A slot is the bytes of a module from its start, and words in its last sector:
 *
 *     began     4 bytes   0 once an update writes here; so what it leaves unfinished is never taken for a module
 *     starts    4 bytes   a bit is cleared at each start that is not proved
 *     proved    4 bytes   0 once the module has reached the server
 *     record   44 bytes   size, sequence, SHA-256, and a check of those: written last, when all the rest has been read back and judged
 *
 * Slot 0 may also hold a module that was written over a cable, bytes only and blank behind: the oldest of all. The newest wins
 * that is whole, is of this firmware's interface and has not used up its starts; both are hashed at each start, so
 * flash that has forgotten a bit is found too.
 */
#include "slots.h"
#include "board.h"
#include "module.h"
#include "module_check.h"
#include "module_flash.h"
#include <stddef.h>
#include <string.h>

#define BLANK 0xffffffffu
#define CHUNK_SIZE 64u

struct record {
  uint32_t size, sequence;
  uint8_t digest[32];
  uint32_t check;
};

/* The last sector of a slot. */
struct trailer {
  uint32_t began, starts, proved;
  struct record record;
};

#define AT(slot) ((slot) * MODULE_SLOT_SIZE)
#define TRAILER(slot) (AT(slot) + MODULE_SLOT_SIZE - MODULE_SECTOR_SIZE)
#define FIELD(slot, name) (TRAILER(slot) + (uint32_t)offsetof(struct trailer, name))

static uint32_t running, newest_sequence;
static uint8_t running_digest[32];

/* The slot being written: what it shall hold, how much has come, and the last of it that is not in flash yet. */
static struct record wanted;
static uint32_t written, chunk_size;
static uint8_t chunk[CHUNK_SIZE];

static uint32_t check_of(const struct record *record) {
  const uint8_t *bytes = (const uint8_t *)record;
  uint32_t hash = 0x811c9dc5; /* FNV-1a */
  for (uint32_t i = 0; i < offsetof(struct record, check); i++) hash = (hash ^ bytes[i]) * 0x01000193u;
  return hash;
}

static int digest_of(uint32_t at, uint32_t size, uint8_t digest[32]) {
  uint8_t bytes[CHUNK_SIZE];
  int fault = module_hash_begin();
  for (uint32_t done = 0; done < size && fault == 0; done += sizeof bytes) {
    uint32_t count = size - done < sizeof bytes ? size - done : (uint32_t)sizeof bytes;
    fault = module_flash_read(at + done, bytes, count);
    if (fault == 0) fault = module_hash_add(bytes, count);
  }
  return module_hash_end(digest) != 0 || fault != 0 ? -1 : 0;
}

const char *slots_name(const uint8_t digest[32]) {
  static char text[17];
  for (int i = 0; i < 16; i++) text[i] = "0123456789abcdef"[digest[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
  return text;
}

/* Answers whether the slot holds a module; fills `trailer`, of a module that came over a cable too. */
static int read_slot(uint32_t slot, struct trailer *trailer) {
  uint8_t digest[32];
  uint32_t size, first;
  struct record *record = &trailer->record;
  if (module_flash_read(TRAILER(slot), trailer, sizeof *trailer) != 0) return 0;
  if (module_flash_read(AT(slot), &first, sizeof first) != 0 || first == BLANK) return 0;
  int is_bare = slot == 0 && trailer->began == BLANK;
  if (!is_bare && (record->check != check_of(record) || record->size > MODULE_SIZE_MAX)) return 0;
  const char *fault = module_check(AT(slot), is_bare ? MODULE_SIZE_MAX : record->size, &size);
  if (fault == 0 && digest_of(AT(slot), size, digest) != 0) fault = "the flash cannot be read";
  if (fault == 0 && !is_bare && memcmp(digest, record->digest, sizeof digest) != 0) fault = "its SHA-256 is another";
  if (fault != 0) {
    board_say(slot == 0 ? "module in slot 0 is not run" : "module in slot 1 is not run", fault);
    return 0;
  }
  if (is_bare) {
    record->size = size;
    record->sequence = 0;
    memcpy(record->digest, digest, sizeof digest);
  }
  return 1;
}

static int is_given_up(const struct trailer *trailer) {
  return trailer->proved == BLANK && (trailer->starts & ((1u << SLOTS_STARTS_MAX) - 1)) == 0;
}

/* A module that never reached the server yields to one that has, or may; of two alike the newer is run. */
static uint32_t choose(const struct trailer slots[2], const int is_there[2]) {
  if (!is_there[0] || !is_there[1]) return is_there[0] ? 0 : 1;
  if (is_given_up(&slots[0]) != is_given_up(&slots[1])) return is_given_up(&slots[0]) ? 1 : 0;
  return (int32_t)(slots[1].record.sequence - slots[0].record.sequence) > 0 ? 1 : 0;
}

const uint8_t *board_module(uint32_t *size) {
  struct trailer slots[2];
  int is_there[2];
  newest_sequence = 0;
  for (uint32_t slot = 0; slot < 2; slot++) {
    is_there[slot] = read_slot(slot, &slots[slot]);
    if (is_there[slot] && (int32_t)(slots[slot].record.sequence - newest_sequence) > 0)
      newest_sequence = slots[slot].record.sequence;
  }
  if (!is_there[0] && !is_there[1]) board_halt("no module in flash");
  running = choose(slots, is_there);
  const struct trailer *chosen = &slots[running], *other = &slots[1 - running];
  if (is_there[1 - running] && is_given_up(other)) board_say("module that never reached the server is not run", slots_name(other->record.digest));
  if (chosen->proved == BLANK) {
    const uint32_t starts = chosen->starts << 1;
    module_flash_program(FIELD(running, starts), &starts, sizeof starts);
  }
  memcpy(running_digest, chosen->record.digest, sizeof running_digest);
  board_say("module", slots_name(running_digest));
  const uint8_t *bytes = module_flash_map(AT(running), chosen->record.size);
  if (bytes == 0) board_halt("the module's flash cannot be read");
  *size = chosen->record.size;
  return bytes;
}

const uint8_t *slots_digest(void) { return running_digest; }

void slots_proved(void) {
  const uint32_t proved = 0;
  uint32_t was;
  if (module_flash_read(FIELD(running, proved), &was, sizeof was) == 0 && was == BLANK)
    module_flash_program(FIELD(running, proved), &proved, sizeof proved);
}

const char *slots_begin(uint32_t size, const uint8_t digest[32]) {
  const uint32_t slot = 1 - running, began = 0;
  struct trailer trailer;
  if (size > MODULE_SIZE_MAX) return "it is larger than this board takes";
  if (module_flash_read(TRAILER(slot), &trailer, sizeof trailer) == 0 && trailer.record.check == check_of(&trailer.record) &&
      memcmp(trailer.record.digest, digest, 32) == 0 && is_given_up(&trailer))
    return "it was run already, and never reached the server";
  wanted = (struct record){.size = size, .sequence = newest_sequence + 1};
  memcpy(wanted.digest, digest, sizeof wanted.digest);
  written = chunk_size = 0;
  if (module_flash_erase(TRAILER(slot)) != 0 || module_flash_program(FIELD(slot, began), &began, sizeof began) != 0)
    return "the flash cannot be written";
  return 0;
}

static int flush(void) {
  uint32_t at = AT(1 - running) + written, size = (chunk_size + 3) & ~3u;
  if (chunk_size == 0) return 0;
  memset(chunk + chunk_size, 0xff, size - chunk_size);
  // A sector at a time, so that no piece waits for the whole slot.
  if (written % MODULE_SECTOR_SIZE == 0 && module_flash_erase(at) != 0) return -1;
  written += chunk_size;
  chunk_size = 0;
  return module_flash_program(at, chunk, size);
}

const char *slots_write(const uint8_t *bytes, uint32_t size) {
  if (size > wanted.size - written - chunk_size) return "it is longer than it said";
  while (size > 0) {
    uint32_t count = CHUNK_SIZE - chunk_size < size ? CHUNK_SIZE - chunk_size : size;
    memcpy(chunk + chunk_size, bytes, count);
    chunk_size += count;
    bytes += count;
    size -= count;
    if (chunk_size == CHUNK_SIZE && flush() != 0) return "the flash cannot be written";
  }
  return 0;
}

const char *slots_end(void) {
  const uint32_t slot = 1 - running;
  uint8_t digest[32];
  uint32_t size;
  if (flush() != 0) return "the flash cannot be written";
  if (written != wanted.size) return "it is shorter than it said";
  if (digest_of(AT(slot), written, digest) != 0) return "the flash cannot be read";
  if (memcmp(digest, wanted.digest, sizeof digest) != 0) return "its SHA-256 is not the topic's";
  const char *fault = module_check(AT(slot), written, &size);
  if (fault != 0) return fault;
  if (size != written) return "there is something behind it";
  wanted.check = check_of(&wanted);
  if (module_flash_program(FIELD(slot, record), &wanted, sizeof wanted) != 0) return "the flash cannot be written";
  newest_sequence = wanted.sequence;
  return 0;
}
