/*
 * The application, to be replaced by your own: a reading every ten seconds at QoS 1, and a message of seconds that changes the
 * interval. Where the outbox is full (a long time without network) a reading is left out.
 */
#include "board.h"
#include "client.h"

static uint32_t interval_ms = 10000, due;

void application_start(void) { due = 0; }

uint32_t application_step(uint32_t now) {
  char text[16];
  if ((int32_t)(now - due) < 0) return due - now;
  due = now + interval_ms;
  client_publish("sensors/" BOARD_NAME, text, board_reading(text), CLIENT_QOS(1));
  return interval_ms;
}

void application_message(const struct client_message *message) {
  uint32_t seconds = 0;
  for (int32_t i = 0; i < message->size; i++) seconds = seconds * 10 + (message->payload[i] - '0');
  if (seconds > 0 && seconds < 86400) interval_ms = seconds * 1000;
}

void application_acknowledged(int32_t id) { (void)id; }
