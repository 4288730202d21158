/*
 * The client on Linux: the same C as on a board, with sockets, TLS by OpenSSL and a file as flash.
 *
 *     perigee-posix HOST PORT STORE [-V 311|5] [--id ID] [--user NAME] [--password WORD] [--filter TOPIC]
 *                   [--cafile FILE [--cert FILE --key FILE]] [--module FILE]
 *
 * Built with POSIX_UPDATE, boards/update and an interpreter, it runs the newest module in the flash that --module is, and takes new
 * ones; whoever started it starts it again, as a reset would.
 */
#define _POSIX_C_SOURCE 200809L
#include "board.h"
#include "client.h"
#include "posix.h"
#ifdef POSIX_UPDATE
#include "application.h"
#endif
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint32_t clock_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)now.tv_sec * 1000u + (uint32_t)(now.tv_nsec / 1000000);
}

void board_say(const char *what, const char *detail) {
  fprintf(stderr, "perigee: %s%s%s\n", what, *detail != 0 ? ": " : "", detail);
}

/* There is nobody here to reset the process but who started it. */
void board_halt(const char *what) {
  board_say("halts", what);
  exit(70);
}

int32_t board_reading(char *text) { return snprintf(text, 16, "%u", (unsigned)(clock_ms() / 1000)); }

int main(int count, char **values) {
  static struct client_settings client = {.id = "perigee-" BOARD_NAME, .keep_alive_s = 30, .filter_qos = 2};
  static struct network_settings network;
#ifdef POSIX_UPDATE
  static const char *module_path;
#endif
  const char *version = "311";
  const struct {
    const char *name, **value;
  } options[] = {{"--id", &client.id},           {"--user", &client.user},       {"--password", &client.password},
                 {"--filter", &client.filter},   {"--cafile", &network.ca_file}, {"--cert", &network.cert_file},
                 {"--key", &network.key_file},   {"-V", &version},
#ifdef POSIX_UPDATE
                 {"--module", &module_path},
#endif
  };
  if (count < 4) {
    fprintf(stderr, "usage: %s HOST PORT STORE [--id ID] [--cafile FILE] ...\n", values[0]);
    return 64;
  }
  network.host = values[1];
  network.port = values[2];
  for (int at = 4; at < count; at += 2) {
    unsigned index = 0;
    while (index < sizeof options / sizeof *options && strcmp(options[index].name, values[at]) != 0) index++;
    if (index == sizeof options / sizeof *options || at + 1 == count) {
      fprintf(stderr, "perigee: %s: %s\n", values[at], at + 1 == count ? "needs a value" : "no such option");
      return 64;
    }
    *options[index].value = values[at + 1];
  }
  client.level = strcmp(version, "5") == 0 || strcmp(version, "mqttv5") == 0 ? 5 : 4;
  if (client.level == 4 && strcmp(version, "311") != 0 && strcmp(version, "mqttv311") != 0) {
    fprintf(stderr, "perigee: -V %s: versions are 311 and 5\n", version);
    return 64;
  }
  signal(SIGPIPE, SIG_IGN);
  const char *fault = (network.cert_file == 0) != (network.key_file == 0) ? "--cert and --key go together" : 0;
  if (fault == 0) fault = network_start(&network);
  if (fault == 0 && flash_open(values[3]) != 0) fault = "the store's file cannot be opened";
#ifdef POSIX_UPDATE
  if (fault == 0 && (module_path == 0 || module_open(module_path) != 0)) fault = "--module: the file cannot be opened";
  if (fault == 0) client.filter = application_name(client.id);
#endif
  if (fault == 0) fault = client_start(&client);
  if (fault != 0) {
    board_say(fault, "");
    return 64;
  }
  for (;;) {
    uint32_t wait = client_step();
    network_wait(wait > 60000 ? 60000 : (int)wait);
  }
}
