/* Sizes for Arduino; build flags override each. The session shares Arduino's small NVS partition, so the outbox is small too. */
#ifndef BOARD_CONFIG_H
#define BOARD_CONFIG_H

#ifndef BOARD_RECEIVE_SIZE
#define BOARD_RECEIVE_SIZE 512
#endif
#ifndef BOARD_OUTBOX_SIZE
#define BOARD_OUTBOX_SIZE 496
#endif
#ifndef BOARD_CONNECT_SIZE
#define BOARD_CONNECT_SIZE 256
#endif
#ifndef BOARD_INBOUND_COUNT
#define BOARD_INBOUND_COUNT 8
#endif

#endif
