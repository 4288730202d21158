/*
 * Calls for a client that is none: its record lies beyond the core's memory, or between its words. The check of the access ends
 * the program with its name; without the check it would read or write what belongs to others.
 */
#include "session.h"

int network_open(void) { return 0; }
int network_read(uint8_t *target, int size) { return (void)target, (void)size, 0; }
int network_write(const uint8_t *source, int size) { return (void)source, size; }
void network_close(void) {}

int main(void) {
  begin();
  perigee_closed(ASTRAY, 1);
  machine_exit(0);
}
