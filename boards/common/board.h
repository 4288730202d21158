/*
 * What a board brings, as functions to link: a network, a flash, a clock; and what an engine brings. None of them waits, none
 * of them needs a heap. Sizes are bytes, times milliseconds in 32 bits that wrap.
 *
 * board_config.h, a file of the board, says how large things are:
 *
 *     BOARD_RECEIVE_SIZE    receive region, at least 32      BOARD_OUTBOX_SIZE   queue and window, at least 16
 *     BOARD_CONNECT_SIZE    CONNECT packet                   BOARD_INBOUND_COUNT QoS 2 messages half received
 *     FLASH_SECTOR_SIZE     what is erased at once           FLASH_SECTOR_COUNT  at least 2
 *     BOARD_ALIAS_SIZE      topic aliases of MQTT 5.0: 16, and 7 and its size for each topic; 0 without
 */
#ifndef BOARD_H
#define BOARD_H

#include "board_config.h"
#include <stdint.h>

#ifndef BOARD_ALIAS_SIZE
#define BOARD_ALIAS_SIZE 0
#endif
/* Where the client's record begins, and how large the core's memory is at least: assembly/layout.ts. */
#define PERIGEE_CLIENT 16
#define PERIGEE_RECORD_OVERHEAD 256
#ifndef PERIGEE_MEMORY_SIZE
#define PERIGEE_MEMORY_SIZE                                                                                        \
  (PERIGEE_CLIENT + PERIGEE_RECORD_OVERHEAD + BOARD_RECEIVE_SIZE + BOARD_ALIAS_SIZE + BOARD_OUTBOX_SIZE +           \
   BOARD_CONNECT_SIZE + 2 * BOARD_INBOUND_COUNT)
#endif

/* Engine: makes the calls of perigee.h work. Answers 0, or one line that says what is wrong with the module. */
const char *engine_start(void);

/* Network. open: 1 open, 0 ask again, -1 cannot be opened. read and write: bytes moved, 0 for none now, -1 closed. */
int network_open(void);
int network_read(uint8_t *target, int size);
int network_write(const uint8_t *source, int size);
void network_close(void);

/* Flash, behind store.c; `at` counts from the start of the store, and is a multiple of 4. 0, or -1 for a fault. */
int flash_read(uint32_t at, void *target, uint32_t size);
int flash_program(uint32_t at, const void *source, uint32_t size); /* size a multiple of 4; only clears bits */
int flash_erase(uint32_t sector);

/* Clock and console. halt names what cannot go on and resets the board: its session is in the store. */
uint32_t clock_ms(void);
void board_say(const char *what, const char *detail);
void board_halt(const char *what);

/* What the sensor application publishes: text without NUL, at most 16 bytes; answers its size. */
int32_t board_reading(char *text);

#endif
