/* The reading that is published: yours takes its place. */
#include "board.h"
#include <stdio.h>

/* Seconds since the start, at most 16 bytes without NUL. */
int32_t board_reading(char *text) { return snprintf(text, 16, "%lu", (unsigned long)(clock_ms() / 1000)); }
