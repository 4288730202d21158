/*
 * Where the session outlives the power. store.c keeps it in any NOR flash; a board with another keeper links its own three calls.
 *
 * A change is two runs of bytes of the session, which begins with its fields: the first `fields` bytes, and `size` bytes from
 * `offset`; and one word of the application's. All of a change is there after a power cut, or none of it.
 */
#ifndef STORE_H
#define STORE_H

#include <stdint.h>

struct store_change {
  uint16_t fields, offset, size;
  uint32_t word;
};

/*
 * Puts what was kept last into `session`, of which `fields` bytes are fields, and the application's word into `word`; remembers
 * both places. `identity` is a number that another client or geometry would not have. Answers 1; or 0 for a store that was never
 * written; or -1 for one that holds nothing of this identity that is whole.
 */
int store_load(uint8_t *session, uint16_t size, uint16_t fields, uint32_t identity, uint32_t *word);

/* Keeps a change. Answers 0, or -1 where nothing can be written any more: what was kept last stays. */
int store_save(const struct store_change *change);

#endif
