/*
 * For an interpreter: where the module's bytes are. The default is the array of perigee_wasm.h, in flash; a board that keeps the
 * module in a partition of its own answers that.
 */
#ifndef MODULE_H
#define MODULE_H

#include <stdint.h>

const uint8_t *board_module(uint32_t *size);

#endif
