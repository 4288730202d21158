/*
 * The session in NVS, which keeps each value whole or as it was (CRC, one entry written before the old one is given up) and spreads
 * the wear over its pages. Several values are no such unit, so a change is one value:
 *
 *     base       a header and the whole session
 *     r0 ...     a header and what has changed, each one sequence number behind the one before, r0 one behind base
 *
 * When there are RECORD_COUNT of them, or they take more than twice the session, base is written anew and they are erased. A
 * power cut between the two leaves records whose sequence is not base's: they are passed over, and erased at the next start.
 */
#include "store_nvs.h"
#include "board.h"
#include "nvs.h"
#include "nvs_flash.h"
#include "store.h"
#include <string.h>

#ifndef RECORD_COUNT
#define RECORD_COUNT 32u
#endif
#define SESSION_MAX (BOARD_OUTBOX_SIZE + 2 * BOARD_INBOUND_COUNT + PERIGEE_RECORD_OVERHEAD)

struct header {
  uint32_t identity, sequence, word;
  uint16_t fields, offset, size, unused;
};

static nvs_handle_t store;
static uint8_t *session;
static uint16_t session_size;
/* Of base; and records behind it, and their bytes. */
static struct header base;
static uint32_t record_count, record_bytes;
static uint8_t has_base;
/* A value on its way to NVS, or back. */
static struct {
  struct header header;
  uint8_t bytes[SESSION_MAX];
} value;

const char *store_open(const char *partition) {
  if (nvs_flash_init_partition(partition) != ESP_OK) {
    board_say("store: its partition is damaged, or of another version of NVS: erased", partition);
    if (nvs_flash_erase_partition(partition) != ESP_OK || nvs_flash_init_partition(partition) != ESP_OK)
      return "store: no NVS partition that can be used";
  }
  return nvs_open_from_partition(partition, "perigee", NVS_READWRITE, &store) == ESP_OK ? 0 : "store: it cannot be opened";
}

static const char *key_of(uint32_t record) {
  static char key[4] = "r";
  key[1] = (char)('0' + record / 10);
  key[2] = (char)('0' + record % 10);
  return key;
}

static void forget_from(uint32_t record) {
  for (; record < RECORD_COUNT; record++) nvs_erase_key(store, key_of(record));
}

static int write_value(const char *key, size_t size) {
  return nvs_set_blob(store, key, &value, sizeof value.header + size) == ESP_OK && nvs_commit(store) == ESP_OK ? 0 : -1;
}

/* Answers bytes behind the header, or -1 where there is no such value. */
static int read_value(const char *key) {
  size_t size = sizeof value;
  if (nvs_get_blob(store, key, &value, &size) != ESP_OK || size < sizeof value.header) return -1;
  return (int)(size - sizeof value.header);
}

static int write_base(uint32_t word) {
  value.header = (struct header){.identity = base.identity, .sequence = base.sequence + record_count + 1, .word = word};
  memcpy(value.bytes, session, session_size);
  // Where even this fails, nothing is written behind what may not be there.
  has_base = 0;
  if (write_value("base", session_size) != 0) return -1;
  base = value.header;
  has_base = 1;
  record_count = record_bytes = 0;
  forget_from(0);
  return 0;
}

int store_save(const struct store_change *change) {
  const uint32_t size = (uint32_t)change->fields + change->size;
  if (session_size == 0) return -1;
  if (!has_base || record_count == RECORD_COUNT || record_bytes + size > 2u * session_size) return write_base(change->word);
  value.header = (struct header){base.identity, base.sequence + record_count + 1, change->word,
                                 change->fields, change->offset, change->size, 0};
  memcpy(value.bytes, session, change->fields);
  memcpy(value.bytes + change->fields, session + change->offset, change->size);
  // One that failed may be there all the same; base is then one further than it.
  const int fault = write_value(key_of(record_count), size);
  record_count++;
  record_bytes += size;
  return fault == 0 ? 0 : write_base(change->word);
}

static int is_next(int size) {
  const struct header *header = &value.header;
  return header->identity == base.identity && header->sequence == base.sequence + record_count + 1 &&
         size == header->fields + header->size && header->fields <= session_size &&
         header->offset + header->size <= session_size;
}

int store_load(uint8_t *target, uint16_t size, uint16_t fields, uint32_t identity, uint32_t *word) {
  (void)fields;
  session = target;
  session_size = size <= SESSION_MAX ? size : 0;
  has_base = 0;
  record_count = record_bytes = 0;
  const int base_size = read_value("base");
  base = (struct header){.identity = identity};
  if (base_size < 0) return 0;
  if (base_size != size || value.header.identity != identity) return -1;
  base = value.header;
  has_base = 1;
  memcpy(session, value.bytes, session_size);
  *word = base.word;
  while (record_count < RECORD_COUNT && is_next(read_value(key_of(record_count)))) {
    memcpy(session, value.bytes, value.header.fields);
    memcpy(session + value.header.offset, value.bytes + value.header.fields, value.header.size);
    *word = value.header.word;
    record_bytes += (uint32_t)value.header.fields + value.header.size;
    record_count++;
  }
  forget_from(record_count);
  return 1;
}
