/* The client on rv32imc: a core in plain C, a UART, a NOR flash. */
#include "board.h"
#include "client.h"
#include "machine.h"

#ifndef BOARD_CLIENT_ID
#define BOARD_CLIENT_ID "perigee-rv32"
#endif

/* The newest version of MQTT that the core knows. */
#ifndef BOARD_LEVEL
#define BOARD_LEVEL (4 + PERIGEE_FIVE)
#endif

/* A reading for the sensor application: the seconds since the reset. */
__attribute__((weak)) int32_t board_reading(char *text) {
  uint32_t seconds = clock_ms() / 1000;
  for (int i = 5; i >= 0; i--, seconds /= 10) text[i] = (char)('0' + seconds % 10);
  return 6;
}

int main(void) {
  static const struct client_settings settings = {
      .id = BOARD_CLIENT_ID, .keep_alive_s = 30, .filter = "boards/rv32/#", .filter_qos = 2, .level = BOARD_LEVEL};
  const char *fault = client_start(&settings);
  if (fault != 0) board_halt(fault);
  for (;;) {
    uint32_t wait = client_step();
    if (wait > 0) machine_wait(wait < 1000 ? wait : 1000);
  }
}
