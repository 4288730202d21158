/*
 * The session as a log in NOR flash. A sector begins with a record that holds the whole session, and goes on with records of what
 * has changed since; when it is full, the next sector is erased and begins anew. So the last generation stays until the
 * next is whole, and the sectors wear evenly.
 *
 *     sequence    4 bytes   one more than the record before
 *     word        4 bytes   the application's
 *     range       4 bytes   offset in the session, and size, of the second run of bytes
 *     fields      2 bytes   size of the first run, which begins at 0
 *     ~fields     2 bytes
 *     CRC-32      4 bytes   of all of the above and both runs, begun with the identity
 *     the runs, filled up with 0xff to a multiple of 4
 *
 * A record that was cut off at any byte fails its CRC, and so does one of another client. Behind the last record everything
 * is blank, or the sector is taken for full: flash that was written once cannot be written again. A sector is erased
 * before it is written even if it looks blank, because an erase may have been cut off too. What was written is read back.
 */
#include "store.h"
#include "board.h"
#include <string.h>

#define HEADER_SIZE 20u
#define CHUNK_SIZE 64u

/* The little-endian words of a header. */
enum { SEQUENCE, WORD, RANGE, FIELDS, CRC };

static uint8_t *session;
static uint16_t session_size, fields_size;
static uint32_t identity;
/* The sector in use, where it goes on, and the sequence of its last record. */
static uint32_t sector, next_at, sequence;
static uint8_t has_sector;

/* Bytes on their way to the flash, or back. */
static uint8_t chunk[CHUNK_SIZE];
static uint32_t chunk_size, chunk_at;

static uint32_t crc_of(uint32_t crc, const uint8_t *bytes, uint32_t size) {
  static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                     0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                     0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  for (; size > 0; size--, bytes++) {
    crc = table[(crc ^ *bytes) & 15] ^ (crc >> 4);
    crc = table[(crc ^ (*bytes >> 4)) & 15] ^ (crc >> 4);
  }
  return crc;
}

static uint32_t record_size(const uint32_t *header) {
  return (HEADER_SIZE + (header[FIELDS] & 0xffff) + (header[RANGE] & 0xffff) + 3) & ~3u;
}

static int flush(void) {
  if (chunk_size == 0) return 0;
  uint32_t at = chunk_at, size = (chunk_size + 3) & ~3u;
  memset(chunk + chunk_size, 0xff, size - chunk_size);
  chunk_at += size;
  chunk_size = 0;
  return flash_program(at, chunk, size);
}

static int append(const void *source, uint32_t size) {
  const uint8_t *bytes = source;
  while (size > 0) {
    uint32_t count = CHUNK_SIZE - chunk_size < size ? CHUNK_SIZE - chunk_size : size;
    memcpy(chunk + chunk_size, bytes, count);
    chunk_size += count;
    bytes += count;
    size -= count;
    if (chunk_size == CHUNK_SIZE && flush() != 0) return -1;
  }
  return 0;
}

/* Reads the header of the record at `at` of sector `index`; 1 where the whole record is one of this identity. */
static int is_whole(uint32_t index, uint32_t at, uint32_t *header) {
  uint32_t base = index * FLASH_SECTOR_SIZE;
  if (at + HEADER_SIZE > FLASH_SECTOR_SIZE || flash_read(base + at, header, HEADER_SIZE) != 0) return 0;
  uint32_t fields = header[FIELDS] & 0xffff, size = header[RANGE] & 0xffff;
  if ((header[FIELDS] >> 16 ^ fields) != 0xffff || (fields != 0 && fields != fields_size)) return 0;
  if ((header[RANGE] >> 16) + size > session_size || at + record_size(header) > FLASH_SECTOR_SIZE) return 0;
  uint32_t crc = crc_of(identity, (const uint8_t *)header, HEADER_SIZE - 4);
  uint32_t from = at + HEADER_SIZE, end = from + fields + size;
  for (; from < end; from += CHUNK_SIZE) {
    uint32_t count = end - from < CHUNK_SIZE ? end - from : CHUNK_SIZE;
    if (flash_read(base + from, chunk, count) != 0) return 0;
    crc = crc_of(crc, chunk, count);
  }
  return crc == header[CRC];
}

/* Writes a record behind the last. 0, or -1 where it has no room or did not hold. */
static int write_record(const struct store_change *change) {
  uint32_t header[5] = {sequence + 1, change->word, (uint32_t)change->offset << 16 | change->size,
                        change->fields | (uint32_t)(uint16_t)~change->fields << 16};
  uint32_t size = record_size(header);
  if (next_at + size > FLASH_SECTOR_SIZE) return -1;
  uint32_t crc = crc_of(identity, (const uint8_t *)header, HEADER_SIZE - 4);
  crc = crc_of(crc, session, change->fields);
  header[CRC] = crc_of(crc, session + change->offset, change->size);
  chunk_at = sector * FLASH_SECTOR_SIZE + next_at;
  chunk_size = 0;
  int fault = append(header, HEADER_SIZE) != 0 || append(session, change->fields) != 0 ||
              append(session + change->offset, change->size) != 0 || flush() != 0;
  if (fault || !is_whole(sector, next_at, header)) {
    // It has used up its place, and who knows how much behind it.
    next_at = FLASH_SECTOR_SIZE;
    return -1;
  }
  next_at += size;
  sequence++;
  return 0;
}

int store_save(const struct store_change *change) {
  const struct store_change whole = {fields_size, fields_size, (uint16_t)(session_size - fields_size), change->word};
  const uint32_t kept = sector;
  if (has_sector && write_record(change) == 0) return 0;
  // Never the sector that holds the last generation.
  for (uint32_t step = has_sector; step < FLASH_SECTOR_COUNT; step++) {
    sector = (kept + step) % FLASH_SECTOR_COUNT;
    next_at = 0;
    if (flash_erase(sector) == 0 && write_record(&whole) == 0) {
      has_sector = 1;
      return 0;
    }
  }
  sector = kept;
  next_at = FLASH_SECTOR_SIZE;
  return -1;
}

/* Whether a sector is blank from `at` on. */
static int is_blank(uint32_t index, uint32_t at) {
  for (; at < FLASH_SECTOR_SIZE; at += CHUNK_SIZE) {
    uint32_t count = FLASH_SECTOR_SIZE - at < CHUNK_SIZE ? FLASH_SECTOR_SIZE - at : CHUNK_SIZE;
    if (flash_read(index * FLASH_SECTOR_SIZE + at, chunk, count) != 0) return 0;
    for (uint32_t i = 0; i < count; i++)
      if (chunk[i] != 0xff) return 0;
  }
  return 1;
}

int store_load(uint8_t *target, uint16_t size, uint16_t fields, uint32_t wanted, uint32_t *word) {
  uint32_t header[5];
  session = target;
  session_size = size;
  fields_size = fields;
  identity = wanted;
  has_sector = 0;
  sector = sequence = 0;
  for (uint32_t index = 0; index < FLASH_SECTOR_COUNT; index++) {
    if (!is_whole(index, 0, header) || (header[RANGE] & 0xffff) + fields != size || (header[FIELDS] & 0xffff) != fields) continue;
    if (has_sector && (int32_t)(header[SEQUENCE] - sequence) < 0) continue;
    has_sector = 1;
    sector = index;
    sequence = header[SEQUENCE];
  }
  if (!has_sector) {
    for (uint32_t index = 0; index < FLASH_SECTOR_COUNT; index++)
      if (!is_blank(index, 0)) return -1;
    return 0;
  }
  sequence--;
  for (next_at = 0; is_whole(sector, next_at, header) && header[SEQUENCE] == sequence + 1; sequence++) {
    uint32_t from = sector * FLASH_SECTOR_SIZE + next_at + HEADER_SIZE, first = header[FIELDS] & 0xffff;
    if (flash_read(from, session, first) != 0) return -1;
    if (flash_read(from + first, session + (header[RANGE] >> 16), header[RANGE] & 0xffff) != 0) return -1;
    *word = header[WORD];
    next_at += record_size(header);
  }
  if (!is_blank(sector, next_at)) next_at = FLASH_SECTOR_SIZE;
  return 1;
}
