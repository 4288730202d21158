/*
 * Counts what it receives in the word, shows it, and says "quiet" with the count when a message has been received and whatever
 * it takes to end its delivery has left: a turn of the loop in which the server owes nothing and nothing waits.
 */
#include "board.h"
#include "client.h"

static uint8_t idle_turns;

static const char *digits(uint32_t number) {
  static char text[6];
  for (int i = 4; i >= 0; i--, number /= 10) text[i] = (char)('0' + number % 10);
  return text;
}

void application_start(void) { board_say("restored", digits(client_word)); }

/* The answers of an emulated bridge come within a few turns. */
uint32_t application_step(uint32_t now) {
  (void)now;
  if (perigee_state(PERIGEE_CLIENT) == PERIGEE_STATE_CONNECTED && client_word > 0) idle_turns++;
  if (idle_turns == 30) board_say("quiet", digits(client_word));
  return 1000;
}

void application_message(const struct client_message *message) {
  (void)message;
  client_word++;
  board_say("received", digits(client_word));
}

void application_acknowledged(int32_t id) { (void)id; }
