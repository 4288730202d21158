/* Sizes for Linux and its like; -D overrides each. */
#ifndef BOARD_CONFIG_H
#define BOARD_CONFIG_H

#ifndef BOARD_RECEIVE_SIZE
#define BOARD_RECEIVE_SIZE 512
#endif
#ifndef BOARD_OUTBOX_SIZE
#define BOARD_OUTBOX_SIZE 2048
#endif
#ifndef BOARD_CONNECT_SIZE
#define BOARD_CONNECT_SIZE 256
#endif
#ifndef BOARD_INBOUND_COUNT
#define BOARD_INBOUND_COUNT 8
#endif
#ifndef BOARD_ALIAS_SIZE
#define BOARD_ALIAS_SIZE 256
#endif
#ifndef FLASH_SECTOR_SIZE
#define FLASH_SECTOR_SIZE 4096
#endif
#ifndef FLASH_SECTOR_COUNT
#define FLASH_SECTOR_COUNT 4
#endif
#ifndef BOARD_NAME
#define BOARD_NAME "posix"
#endif

#endif
