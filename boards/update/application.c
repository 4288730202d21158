/*
 * The application of boards whose module can be replaced; yours takes its place, and keeps what it likes of it.
 *
 *     sensors/NAME              a reading, every ten seconds, at QoS 1
 *     sensors/NAME/module       which module runs, and what became of a new one
 *     boards/NAME/interval      to the board: seconds between readings
 *     boards/NAME/module/HASH   to the board: a new module, and its SHA-256
 */
#include "application.h"
#include "board.h"
#include "client.h"
#include "slots.h"
#include "update.h"
#include <string.h>

#define NAME_MAX 48
/* For what acknowledges the module to leave before the restart; if it does not, the message comes again and is the one that runs. */
#define RESTART_MS 1000u

static char reading_topic[NAME_MAX + 16], module_topic[NAME_MAX + 24], filter[NAME_MAX + 16];
static uint32_t interval_ms = 10000, due, taken_at;
static uint8_t is_proved, is_taken;
/* What is still to be said of the module, wherever the outbox was full. */
static const char *outcome;

static void join(char *target, const char *first, const char *name, const char *last) {
  size_t first_size = strlen(first), name_size = strlen(name);
  memcpy(target, first, first_size);
  memcpy(target + first_size, name, name_size);
  strcpy(target + first_size + name_size, last);
}

const char *application_name(const char *name) {
  if (strlen(name) > NAME_MAX) board_halt("the board's name is longer than 48 bytes");
  join(reading_topic, "sensors/", name, "");
  join(module_topic, "sensors/", name, "/module");
  join(filter, "boards/", name, "/#");
  return filter;
}

void application_start(void) { due = clock_ms(); }

static const char *runs(void) {
  static char text[24];
  join(text, "runs ", slots_name(slots_digest()), "");
  return text;
}

static void tell(void) {
  if (outcome != 0 && client_publish(module_topic, outcome, (int32_t)strlen(outcome), CLIENT_QOS(1)) >= 0) outcome = 0;
}

uint32_t application_step(uint32_t now) {
  char text[16];
  if (!is_proved && perigee_state(PERIGEE_CLIENT) == PERIGEE_STATE_CONNECTED) {
    is_proved = 1;
    slots_proved();
    if (outcome == 0) outcome = runs();
  }
  tell();
  if (is_taken && now - taken_at >= RESTART_MS) board_halt("to start with the new module");
  if ((int32_t)(now - due) >= 0) {
    due = now + interval_ms;
    client_publish(reading_topic, text, board_reading(text), CLIENT_QOS(1));
  }
  return is_taken ? RESTART_MS : due - now;
}

/* Answers why not, or 0. */
static const char *take_interval(const struct client_message *message) {
  uint32_t seconds = 0;
  for (int32_t i = 0; i < message->size && seconds < 86400; i++) {
    if (message->payload[i] < '0' || message->payload[i] > '9') return "it is no number of seconds";
    seconds = seconds * 10 + (uint32_t)(message->payload[i] - '0');
  }
  if (seconds == 0 || seconds >= 86400) return "it is not between 1 and 86399 s";
  interval_ms = seconds * 1000;
  due = clock_ms() + interval_ms;
  return 0;
}

/* A newer module may come before the restart; then that one is decided first. */
static void take_module(const struct client_message *message) {
  if (message->offset == 0) is_taken = 0;
  const char *decided = update_piece(message);
  if (decided == 0) return;
  board_say("new module", decided);
  outcome = decided;
  is_taken = decided == update_taken;
  taken_at = clock_ms();
}

void application_message(const struct client_message *message) {
  if (update_is_for(message)) {
    take_module(message);
  } else if (message->offset == 0) {
    const char *fault = message->size < message->total ? "it is no number of seconds" : take_interval(message);
    if (fault != 0) board_say("interval", fault);
  }
}

void application_acknowledged(int32_t id) { (void)id; }
