/*
 * The network: UART 0 at 750,000 baud to a bridge that holds the TCP connection. Raising "terminal ready" asks for a connection,
 * "carrier" says that it stands, and lowering "terminal ready" ends it.
 */
#include "board.h"
#include "machine.h"

#define DATA (UART + 0x00)
#define FLAGS (UART + 0x18)
#define RECEIVE_EMPTY 0x10u
#define TRANSMIT_FULL 0x20u

static int has_carrier(void) { return (REGISTER(SIO + 0x04) >> PIN_CARRIER & 1) != 0; }

int network_open(void) {
  REGISTER(SIO + 0x14) = 1u << PIN_TERMINAL_READY;
  return has_carrier();
}

int network_read(uint8_t *target, int size) {
  int count = 0;
  while (count < size && (REGISTER(FLAGS) & RECEIVE_EMPTY) == 0) target[count++] = (uint8_t)REGISTER(DATA);
  return count == 0 && !has_carrier() ? -1 : count;
}

int network_write(const uint8_t *source, int size) {
  int count = 0;
  if (!has_carrier()) return -1;
  while (count < size && (REGISTER(FLAGS) & TRANSMIT_FULL) == 0) REGISTER(DATA) = source[count++];
  return count;
}

void network_close(void) {
  REGISTER(SIO + 0x18) = 1u << PIN_TERMINAL_READY;
  while ((REGISTER(FLAGS) & RECEIVE_EMPTY) == 0) (void)REGISTER(DATA);
}
