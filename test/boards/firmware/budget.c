/*
 * Counts instructions: a QoS 1 PUBLISH of a topic of 24 and a payload of 32 bytes from reserving to committed, the
 * same received and handed over, and a whole cycle from publish to acknowledged. Bytes of the server come from arrays.
 * One line each on the console.
 */
#include "session.h"

int network_open(void) { return 0; }
int network_read(uint8_t *target, int size) { return (void)target, (void)size, 0; }
int network_write(const uint8_t *source, int size) { return (void)source, size; }
void network_close(void) {}

int main(void) {
  uint8_t inbound[2 + 2 + 24 + 2 + 32] = {0x32, 60, 0, 24};
  uint8_t puback[] = {0x40, 2, 0, 0};
  uint32_t start, empty, id;
  memcpy(inbound + 4, topic, 24);
  inbound[29] = 7;
  memcpy(inbound + 30, payload, 32);
  begin();

  start = now();
  empty = now() - start;

  start = now();
  id = publish();
  tell("publish", now() - start - empty);
  check(id == 1, "identifier");
  transmit();
  puback[3] = (uint8_t)id;
  receive(puback, sizeof puback);
  check(perigee_next_event(CLIENT, 1) == PERIGEE_EVENT_PUBLISHED, "PUBLISHED");

  receive(inbound, sizeof inbound);
  start = now();
  int32_t event = perigee_next_event(CLIENT, 1);
  int32_t size = perigee_payload_size(CLIENT), from = perigee_payload_address(CLIENT);
  tell("receive", now() - start - empty);
  check(event == PERIGEE_EVENT_MESSAGE && size == 32 && memcmp(perigee_memory + from, payload, 32) == 0, "MESSAGE");
  check(perigee_next_event(CLIENT, 1) == PERIGEE_EVENT_NONE, "NONE");
  transmit();

  start = now();
  id = publish();
  check(perigee_next_event(CLIENT, 1) == PERIGEE_EVENT_NONE, "NONE");
  perigee_stored(CLIENT);
  transmit();
  puback[3] = (uint8_t)id;
  receive(puback, sizeof puback);
  event = perigee_next_event(CLIENT, 1);
  perigee_stored(CLIENT);
  tell("cycle", now() - start - empty);
  check(event == PERIGEE_EVENT_PUBLISHED && perigee_event_id(CLIENT) == (int32_t)id, "cycle");
  tell("stack", machine_stack_used());
  machine_exit(0);
}
