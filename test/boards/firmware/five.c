/*
 * A board with all that the client has of MQTT 5.0: properties of CONNECT, will and messages, whose expiry in seconds is
 * its last argument. It publishes one message as it starts, and says what becomes of it.
 */
#define _POSIX_C_SOURCE 200809L
#include "board.h"
#include "client.h"
#include "posix.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint32_t clock_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)now.tv_sec * 1000u + (uint32_t)(now.tv_nsec / 1000000);
}

void board_say(const char *what, const char *detail) { fprintf(stderr, "perigee: %s: %s\n", what, detail); }

void board_halt(const char *what) {
  board_say("halts", what);
  exit(70);
}

void application_start(void) { client_publish("numbers/five", "00001", 5, CLIENT_QOS(1)); }
uint32_t application_step(uint32_t now) { return (void)now, 1000; }
void application_message(const struct client_message *message) { (void)message; }
void application_acknowledged(int32_t id) { board_say("acknowledged", id == 1 ? "1" : "another"); }

/* User Property, section 3.1.2.11.8: where = roof. */
#define WHERE 0x26, 0, 5, 'w', 'h', 'e', 'r', 'e', 0, 4, 'r', 'o', 'o', 'f'

int main(int count, char **values) {
  static const uint8_t of_connect[] = {WHERE}, of_will[] = {CLIENT_WILL_DELAY(70000)},
                       of_messages[] = {CLIENT_MESSAGE_EXPIRY(0), WHERE};
  static uint8_t of_message[sizeof of_messages];
  static const struct client_settings settings = {.id = "five",
                                                  .will_topic = "numbers/will",
                                                  .will_payload = "gone",
                                                  .will_flags = CLIENT_QOS(1) | CLIENT_RETAIN,
                                                  .keep_alive_s = 30,
                                                  .level = 5,
                                                  .session_expiry_s = 86400,
                                                  .properties = {sizeof of_connect, of_connect},
                                                  .will_properties = {sizeof of_will, of_will},
                                                  .message_properties = {sizeof of_message, of_message}};
  memcpy(of_message, of_messages, sizeof of_message);
  of_message[4] = (uint8_t)atoi(values[count - 1]);
  const struct network_settings network = {.host = values[1], .port = values[2]};
  const char *fault = count < 4 || flash_open(values[3]) != 0 ? "store" : network_start(&network);
  if (fault == 0) fault = client_start(&settings);
  if (fault != 0) board_halt(fault);
  for (;;) network_wait((int)client_step());
}
