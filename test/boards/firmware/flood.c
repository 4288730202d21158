/*
 * How long one turn of the loop can keep a board from its watchdog: a network that never has less than is asked for, of messages at
 * QoS 0, 1 and 2, of messages larger than the memory, and of noise. Tells the most instructions that one client_step took of each.
 */
#include "client.h"
#include "measure.h"
#include "store.h"
#include <string.h>

#define STEPS 300
#define NOISE 0xff

static const uint8_t connack[] = {0x20, 3, 0, 0, 0};
/* What is sent again and again: of a large message its header, of which the rest is zeros for ever. */
static const uint8_t patterns[][8] = {{0x30, 6, 0, 3, 'a', '/', 'b', 0}, {0x32, 6, 0, 1, 'a', 0, 1, 0},
                                      {0x34, 6, 0, 1, 'a', 0, 1, 0},     {0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 'a'},
                                      {NOISE, NOISE, NOISE, NOISE, NOISE, NOISE, NOISE, NOISE}};
static const char *const names[] = {"qos0", "qos1", "qos2", "large", "noise"};
static unsigned kind;
static uint32_t moved;
static uint8_t is_gone;

int network_open(void) {
  moved = 0;
  return 1;
}

int network_read(uint8_t *target, int size) {
  if (is_gone) return -1;
  for (int i = 0; i < size; i++, moved++) {
    uint32_t at = moved - sizeof connack;
    target[i] = moved < sizeof connack ? connack[moved] : kind == 3 && at >= 8 ? 0 : patterns[kind][at % 8];
  }
  return size;
}

int network_write(const uint8_t *source, int size) { return (void)source, size; }
void network_close(void) {}

int store_load(uint8_t *session, uint16_t size, uint16_t fields, uint32_t identity, uint32_t *word) {
  return (void)session, (void)size, (void)fields, (void)identity, (void)word, 0;
}
int store_save(const struct store_change *change) { return (void)change, 0; }

static uint32_t pieces;
void application_start(void) {}
uint32_t application_step(uint32_t at) { return (void)at, 1000; }
void application_message(const struct client_message *message) { pieces += message->size >= 0; }
void application_acknowledged(int32_t id) { (void)id; }

int main(void) {
  static const struct client_settings settings = {.id = "flood", .keep_alive_s = 30, .level = 5};
  for (kind = 0; kind < sizeof names / sizeof *names; kind++) {
    uint32_t most = 0;
    const char *fault = client_start(&settings);
    if (fault != 0) board_halt(fault);
    pieces = 0;
    for (int step = 0; step < STEPS; step++) {
      uint32_t start = now();
      client_step();
      uint32_t taken = now() - start;
      if (taken > most) most = taken;
    }
    if (pieces == 0 && patterns[kind][0] != NOISE) board_halt(names[kind]);
    tell(names[kind], most);
    /* The next begins without a connection. */
    is_gone = 1;
    client_step();
    is_gone = 0;
  }
  machine_exit(0);
}
