/*
 * The application of the tests: publishes the numbers from 1 to COUNT at QOS, as fast as the outbox takes them, and counts what it
 * receives. The lower half of the word is the number published last, the upper half the messages received: both are stored
 * with the message that they count.
 */
#include "board.h"
#include "client.h"
#ifdef STACK_REPORT
#include "machine.h"
#endif

#ifndef COUNT
#define COUNT 3
#endif
#ifndef QOS
#define QOS 1
#endif

static uint8_t is_done;

static const char *digits(uint32_t number) {
  static char text[6];
  for (int i = 4; i >= 0; i--, number /= 10) text[i] = (char)('0' + number % 10);
  return text;
}

void application_start(void) { board_say("published", digits(client_word & 0xffff)); }

uint32_t application_step(uint32_t now) {
  (void)now;
  while ((client_word & 0xffff) != COUNT) {
    client_word++;
    int32_t id = client_publish("numbers/" BOARD_NAME, digits(client_word & 0xffff), 5, CLIENT_QOS(QOS));
    if (id >= 0) continue;
    client_word--;
    if (id != PERIGEE_FULL) board_say("cannot publish", "");
    break;
  }
  if (!is_done && (client_word & 0xffff) == COUNT && perigee_outbox_used(PERIGEE_CLIENT) == 0) {
    is_done = 1;
    board_say("done, received", digits(client_word >> 16));
  }
  return 1000;
}

/* Says what came, of a large message its last piece, and counts whole messages; QoS 0 promises nothing, and is not counted. */
void application_message(const struct client_message *message) {
  if ((message->flags & CLIENT_QOS(3)) == 0 || message->offset + message->size < message->total) return;
  client_word += 0x10000;
  board_say("received", digits((uint32_t)message->total));
#ifdef STACK_REPORT
  board_say("stack", digits(machine_stack_used()));
#endif
}

void application_acknowledged(int32_t id) { (void)id; }
