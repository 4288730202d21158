/* The client on a Raspberry Pi Pico: a core in plain C, a UART to a bridge, the flash beside the chip. */
#include "board.h"
#include "client.h"
#include "machine.h"
#include <string.h>

/* Crystal of 12 MHz for everything, a tick of a microsecond for the timer. */
static void start_clocks(void) {
  REGISTER(XOSC + 0x0c) = 47;              /* 1 ms to start, in units of 256 cycles */
  REGISTER(XOSC + 0x00) = 0xfabaa0;        /* on, 1 to 15 MHz */
  while ((REGISTER(XOSC + 0x04) >> 31) == 0) continue;
  REGISTER(CLOCKS + 0x30) = 2;             /* clk_ref from the crystal; clk_sys comes from clk_ref */
  REGISTER(CLOCKS + 0x48) = 1u << 11 | 4u << 5; /* clk_peri from the crystal */
  REGISTER(WATCHDOG + 0x2c) = 1u << 9 | 12;
}

static void start_pins(void) {
  const uint32_t wanted = 1u << 5 | 1u << 8 | 1u << 21 | 1u << 22; /* IO_BANK0, PADS_BANK0, TIMER, UART0 */
  REGISTER(RESETS + CLEAR) = wanted;
  while ((REGISTER(RESETS + 0x08) & wanted) != wanted) continue;
  REGISTER(IO_BANK + 0x04) = REGISTER(IO_BANK + 0x0c) = 2; /* GPIO 0 and 1 are the UART's */
  REGISTER(IO_BANK + 0x14) = REGISTER(IO_BANK + 0x1c) = 5; /* 2 and 3 are the program's */
  REGISTER(PADS_BANK + 0x10) = 0x46; /* 3 is an input that falls when nobody drives it */
  REGISTER(SIO + 0x24) = 1u << PIN_TERMINAL_READY;
  REGISTER(UART + 0x24) = 1; /* 12 MHz / 16 */
  REGISTER(UART + 0x28) = 0;
  REGISTER(UART + 0x2c) = 0x70; /* 8 bits, FIFOs */
  REGISTER(UART + 0x30) = 0x301;
}

/* The timer's lower half is enough if it is asked every hour. */
uint32_t clock_ms(void) {
  static uint32_t ms, counted;
  uint32_t passed = (REGISTER(TIMER + 0x28) - counted) / 1000;
  counted += passed * 1000;
  return ms += passed;
}

const char *volatile board_said[2];

/* A console on UART 1 or USB is the developer's to add; a debugger finds the last line here. */
__attribute__((weak)) void board_say(const char *what, const char *detail) {
  board_said[0] = what;
  board_said[1] = detail;
}

void board_halt(const char *what) {
  board_say("halts", what);
  REGISTER(WATCHDOG) = 1u << 31; /* resets the chip */
  for (;;) continue;
}

__attribute__((weak)) int32_t board_reading(char *text) {
  uint32_t seconds = clock_ms() / 1000;
  for (int i = 5; i >= 0; i--, seconds /= 10) text[i] = (char)('0' + seconds % 10);
  return 6;
}

int main(void) {
  static const struct client_settings settings = {
      .id = "perigee-pico", .keep_alive_s = 30, .filter = "boards/pico/#", .filter_qos = 2};
  start_clocks();
  start_pins();
  const char *fault = client_start(&settings);
  if (fault != 0) board_halt(fault);
  for (;;) client_step();
}
