/* Whether bytes in a slot are a whole module for this firmware. */
#ifndef MODULE_CHECK_H
#define MODULE_CHECK_H

#include <stdint.h>

/* Looks at no more than `limit` bytes from `at`. Answers 0 and the module's size, or one line that says what it is instead. */
const char *module_check(uint32_t at, uint32_t limit, uint32_t *size);

#endif
