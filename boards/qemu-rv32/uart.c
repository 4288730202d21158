/*
 * The network: the UART, which QEMU makes a TCP stream to the broker. A UART does not tell that its other end has closed, nor can
 * it close: a connection is taken for new once the line has been silent for a while, and what came before is thrown away.
 */
#include "board.h"
#include "machine.h"

#define SETTLE_MS 50u
#define DATA_READY 0x01u
#define TRANSMITTER_EMPTY 0x20u

/* Line status; an emulated transmitter is always empty, so nothing waits here. */
static uint8_t status(void) { return REGISTER_8(UART + 5); }

static uint32_t silent_since;
static uint8_t is_settling;

int network_open(void) {
  uint32_t now = clock_ms();
  if (!is_settling) {
    REGISTER_8(UART + 2) = 0x01; /* FIFOs on */
    silent_since = now;
    is_settling = 1;
  }
  for (; (status() & DATA_READY) != 0; silent_since = now) (void)REGISTER_8(UART);
  if (now - silent_since < SETTLE_MS) return 0;
  is_settling = 0;
  return 1;
}

int network_read(uint8_t *target, int size) {
  int count = 0;
  while (count < size && (status() & DATA_READY) != 0) target[count++] = REGISTER_8(UART);
  return count;
}

int network_write(const uint8_t *source, int size) {
  int count = 0;
  while (count < size && (status() & TRANSMITTER_EMPTY) != 0) REGISTER_8(UART) = source[count++];
  return count;
}

void network_close(void) {}
