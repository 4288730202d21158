/*
 * A message that comes twice does no harm: the module that runs is not taken again. So it may be retained, for boards that sleep;
 * and one that a power cut or a lost connection broke off is sent again from its start by the server (QoS 1 and 2).
 */
#include "update.h"
#include "slots.h"
#include <string.h>

#define LEVEL "/module/"
#define LEVEL_SIZE ((int32_t)sizeof LEVEL - 1)
#define DIGITS 64

const char update_taken[] = "taken";

/* Where the next piece has to begin; 0 while there is no update. */
static int32_t next_offset;

int update_is_for(const struct client_message *message) {
  for (int32_t at = message->topic_size - LEVEL_SIZE; at >= 0; at--)
    if (memcmp(message->topic + at, LEVEL, (size_t)LEVEL_SIZE) == 0) return 1;
  return 0;
}

static int value_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static int read_digest(const struct client_message *message, uint8_t digest[32]) {
  int32_t from = message->topic_size - DIGITS;
  if (from < LEVEL_SIZE || memcmp(message->topic + from - LEVEL_SIZE, LEVEL, (size_t)LEVEL_SIZE) != 0) return -1;
  for (int i = 0; i < DIGITS; i += 2) {
    int high = value_of(message->topic[from + i]), low = value_of(message->topic[from + i + 1]);
    if (high < 0 || low < 0) return -1;
    digest[i / 2] = (uint8_t)(high << 4 | low);
  }
  return 0;
}

static const char *begin(const struct client_message *message) {
  uint8_t digest[32];
  if (read_digest(message, digest) != 0) return "the topic does not end in module/ and 64 hex digits";
  if (message->total == 0) return "it is empty";
  if (memcmp(digest, slots_digest(), sizeof digest) == 0) return "it is the one that runs";
  return slots_begin((uint32_t)message->total, digest);
}

const char *update_piece(const struct client_message *message) {
  const char *fault = 0;
  if (message->offset == 0) {
    next_offset = 0;
    fault = begin(message);
  } else if (message->offset != next_offset) {
    return 0;
  }
  if (fault == 0) fault = slots_write(message->payload, (uint32_t)message->size);
  next_offset = fault == 0 ? message->offset + message->size : 0;
  if (fault != 0 || next_offset < message->total) return fault;
  next_offset = 0;
  fault = slots_end();
  return fault == 0 ? update_taken : fault;
}
