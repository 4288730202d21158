/* Sizes for an ESP32, from menuconfig. */
#ifndef BOARD_CONFIG_H
#define BOARD_CONFIG_H

#include "sdkconfig.h"

#define BOARD_NAME "esp32" /* in the topic of sensor.c; application.c takes the board's own */
#define BOARD_RECEIVE_SIZE CONFIG_PERIGEE_RECEIVE_SIZE
#define BOARD_OUTBOX_SIZE CONFIG_PERIGEE_OUTBOX_SIZE
#define BOARD_CONNECT_SIZE 384
#define BOARD_INBOUND_COUNT 8
#ifdef CONFIG_PERIGEE_PROFILE_FULL
#define BOARD_ALIAS_SIZE 192 /* a reading's topic and the module's, of the longest names */
#endif

#ifdef CONFIG_PERIGEE_ENGINE_WAMR
#define PERIGEE_WAMR_POOL (CONFIG_PERIGEE_WAMR_POOL_KIB * 1024)
#define PERIGEE_MODULE_MAX (CONFIG_PERIGEE_MODULE_KIB * 1024)
#define MODULE_SIZE_MAX (CONFIG_PERIGEE_MODULE_KIB * 1024u)
#endif

#endif
