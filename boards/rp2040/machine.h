/* What the RP2040 has where: its datasheet, by section. A register has an alias 0x3000 above it that clears bits. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define CLEAR 0x3000u

#define RESETS 0x4000c000u    /* 2.14 */
#define CLOCKS 0x40008000u    /* 2.15 */
#define PADS_BANK 0x4001c000u /* 2.19 */
#define XOSC 0x40024000u      /* 2.16 */
#define IO_BANK 0x40014000u   /* 2.19 */
#define UART 0x40034000u      /* 4.2 */
#define TIMER 0x40054000u     /* 4.6 */
#define WATCHDOG 0x40058000u  /* 4.7 */
#define SIO 0xd0000000u       /* 2.3.1 */
#define FLASH_MEMORY 0x10000000u

/* Serial-to-TCP bridge or modem: data on GPIO 0 and 1, "data terminal ready" out on 2, "data carrier detect" in on 3. */
#define PIN_TERMINAL_READY 2u
#define PIN_CARRIER 3u

#endif
