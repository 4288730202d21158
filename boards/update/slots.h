/*
 * Two slots for the module: the one that runs stays whole until the other is. board_module(), which an engine asks for the
 * bytes, is here; it chooses the slot and says which.
 */
#ifndef SLOTS_H
#define SLOTS_H

#include <stdint.h>

/* Starts that a new module has to reach the server, before the one before it is run again. */
#define SLOTS_STARTS_MAX 3

/* SHA-256 of the module that runs; and its first 16 digits, as sha256sum spells them, which last until the next call. */
const uint8_t *slots_digest(void);
const char *slots_name(const uint8_t digest[32]);

/* The module that runs has reached the server: it is kept. */
void slots_proved(void);

/*
 * Writes a new module into the other slot: its size and SHA-256 first, then its bytes in order, in pieces of any size, then the
 * judgement. Each answers 0 or one line that says what is wrong; then it begins anew. From slots_end's 0 on, the next start runs it.
 */
const char *slots_begin(uint32_t size, const uint8_t digest[32]);
const char *slots_write(const uint8_t *bytes, uint32_t size);
const char *slots_end(void);

#endif
