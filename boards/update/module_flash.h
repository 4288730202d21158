/*
 * What a board brings for a module that can be replaced: a part of its flash with two slots, and SHA-256, which it has from its
 * maker or its TLS. `at` counts from the start of that part. board_config.h may set the sizes; a board whose engine copies
 * the module to RAM says how large one may be.
 */
#ifndef MODULE_FLASH_H
#define MODULE_FLASH_H

#include "board_config.h"
#include <stdint.h>

#ifndef MODULE_SLOT_SIZE
#define MODULE_SLOT_SIZE 0x10000u
#endif
#ifndef MODULE_SECTOR_SIZE
#define MODULE_SECTOR_SIZE 0x1000u
#endif
/* The last sector of a slot is the slot's own. */
#ifndef MODULE_SIZE_MAX
#define MODULE_SIZE_MAX (MODULE_SLOT_SIZE - MODULE_SECTOR_SIZE)
#endif

/* 0, or -1 for a fault. program only clears bits; `at` and `size` are multiples of 4. erase sets a sector to ones. */
int module_flash_read(uint32_t at, void *target, uint32_t size);
int module_flash_program(uint32_t at, const void *source, uint32_t size);
int module_flash_erase(uint32_t at);

/* The same bytes as memory, for an engine to read, until the next reset; or 0. */
const uint8_t *module_flash_map(uint32_t at, uint32_t size);

/* 0, or -1 for a fault. */
int module_hash_begin(void);
int module_hash_add(const void *source, uint32_t size);
int module_hash_end(uint8_t digest[32]);

#endif
