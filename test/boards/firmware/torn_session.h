/*
 * Changes of a session, numbered: the same number is the same change, so that what any count of saves leaves can be made again and
 * compared. Before it is included: SESSION_SIZE, FIELDS_SIZE, and CHANGE_SIZE(room), which draws how much of `room` bytes changes.
 */
#include "store.h"
#include <stdint.h>
#include <string.h>

static uint32_t seed;
static uint32_t draw(uint32_t below) {
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % below;
}

static struct state {
  uint8_t session[SESSION_SIZE];
  uint32_t word;
} now;

/* The change number `index`, and what the session is after it. */
static struct store_change change(struct state *state, int index) {
  seed = (uint32_t)index * 2654435761u + 1;
  struct store_change made = {draw(5) == 0 ? 0 : FIELDS_SIZE, 0, 0, (uint32_t)index + 1};
  state->word = made.word;
  if (made.fields == 0) return made;
  for (int i = 0; i < FIELDS_SIZE; i++) state->session[i] = (uint8_t)draw(256);
  made.offset = (uint16_t)(FIELDS_SIZE + draw(SESSION_SIZE - FIELDS_SIZE));
  made.size = (uint16_t)CHANGE_SIZE((uint32_t)(SESSION_SIZE - made.offset));
  for (int i = 0; i < made.size; i++) state->session[made.offset + i] = (uint8_t)draw(256);
  return made;
}

static int load(uint32_t identity) {
  memset(&now, 0, sizeof now);
  return store_load(now.session, SESSION_SIZE, FIELDS_SIZE, identity, &now.word);
}

static int save(int index) {
  struct store_change made = change(&now, index);
  return store_save(&made);
}

/* Whether the session is what `count` saves leave. */
static int is_state(int count) {
  struct state wanted;
  memset(&wanted, 0, sizeof wanted);
  for (int i = 0; i < count; i++) change(&wanted, i);
  return now.word == wanted.word && memcmp(now.session, wanted.session, SESSION_SIZE) == 0;
}
