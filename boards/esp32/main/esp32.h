/* What app_main.c says to the parts of this board, and asks of them. */
#ifndef ESP32_H
#define ESP32_H

#include <stdint.h>

/* Begins to join the network of menuconfig, and joins it again whenever it is lost. */
void wifi_start(void);
int wifi_is_up(void);

/* 0, or what is wrong with the partition. */
const char *module_flash_open(void);

/* 0, or what is wrong with the certificates. */
const char *network_start(void);
/* Waits until something has come, at least one tick and at most `ms`. */
void network_wait(uint32_t ms);

#endif
