/* QEMU's machine "virt" as an ESP32-C3 without its peripherals: 32 KiB of flash for the program, 8 KiB of RAM. */
#ifndef BOARD_CONFIG_H
#define BOARD_CONFIG_H

#define BOARD_NAME "rv32"
#ifndef BOARD_RECEIVE_SIZE
#define BOARD_RECEIVE_SIZE 256
#endif
#ifndef BOARD_OUTBOX_SIZE
#define BOARD_OUTBOX_SIZE 496
#endif
#define BOARD_CONNECT_SIZE 64
#define BOARD_INBOUND_COUNT 8
#define BOARD_ALIAS_SIZE 64

/* Two chips of 16 bits beside each other. */
#define FLASH_SECTOR_SIZE 0x40000u
#define FLASH_SECTOR_COUNT 3u

#endif
