/* A Raspberry Pi Pico: RP2040, 264 KiB of RAM, of which the client takes what an 8 KiB chip could give. */
#ifndef BOARD_CONFIG_H
#define BOARD_CONFIG_H

#define BOARD_NAME "pico"
#define BOARD_RECEIVE_SIZE 256
#define BOARD_OUTBOX_SIZE 496
#define BOARD_CONNECT_SIZE 64
#define BOARD_INBOUND_COUNT 8
#define BOARD_ALIAS_SIZE 64

/* The last sectors of the 2 MiB beside the chip. */
#define FLASH_SECTOR_SIZE 4096u
#ifndef FLASH_SECTOR_COUNT
#define FLASH_SECTOR_COUNT 4u
#endif
#define FLASH_STORE_AT (0x200000u - FLASH_SECTOR_COUNT * FLASH_SECTOR_SIZE)

#endif
