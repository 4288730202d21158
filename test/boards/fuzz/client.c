/*
 * The client of perigee.wasm, as C, under libFuzzer: an input is a script of what a server sends, what a host asks for, of time, lost
 * connections and power cuts. The module is the one that boards get, so a branch of it is a branch that libFuzzer counts.
 *
 * First byte, the client: bit 0 MQTT 5.0, 1 a session that lasts, 2 durable, 3 topic aliases, 4 and 5 the window (1 to 4), 6 a small receive region.
 * Then steps: bits 0 to 2 say what, the rest is the operand:
 *
 *     0-2  the server sends so many bytes, which follow       5  time passes: 2 to the power of the operand, ms
 *     3    publish: QoS, RETAIN, and the size in one byte     6  the transport closes
 *     4    subscribe, or unsubscribe                          7  disconnect, connect, resend, drop, power cut, ...
 *
 * Whatever comes, the module traps nowhere, writes nowhere but into its record, sends whole packets that a client may send, says something
 * that is documented, and does not look at bytes that have not come: the same script with other bytes there is the same play. At the
 * end a healthy server gets everything that is left (server.h), or there was a state without an exit.
 */
#include "perigee.h"
#include "board.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT PERIGEE_CLIENT
#define EVENTS_MAX 10000
#define GUARD_SIZE 64
#define GUARD_BYTE 0xa5

static void fault(const char *what, int32_t number) {
  fprintf(stderr, "fault: %s (%d)\n", what, number);
  abort();
}

void board_halt(const char *what) { fault(what, 0); }

/* One input. */
static const uint8_t *script, *script_end;
static uint8_t filler, is_five, is_lasting, is_small;
static int32_t now, record_size;
/* FNV-1a of all that could be seen from outside. */
static uint32_t seen;
/* What the power leaves. */
static uint8_t flash[PERIGEE_MEMORY_SIZE];

static uint8_t next(void) { return script < script_end ? *script++ : 0; }
static void note(uint32_t value) { seen = (seen ^ value) * 0x01000193u; }

static int32_t answer(int32_t status) {
  /* -0x100: the message has expired already. */
  if (status < 0 && status != -0x100 && strcmp(perigee_name(status), "unknown") == 0) fault("no documented answer", status);
  note((uint32_t)status);
  return status;
}

#include "server.h"

static void save(void) {
  int32_t at = perigee_session_address(CLIENT), fields = perigee_pending_store(CLIENT, 0), size = perigee_pending_store(CLIENT, 1);
  if (fields == 0) return;
  memcpy(flash, perigee_memory + at, (size_t)fields);
  if (size > 0) {
    int32_t from = perigee_unstored_outbox_address(CLIENT);
    memcpy(flash + from - at, perigee_memory + from, (size_t)size);
  }
  perigee_stored(CLIENT);
}

static void put_text(int32_t at, const char *text) {
  perigee_memory[at] = 0;
  perigee_memory[at + 1] = (uint8_t)strlen(text);
  memcpy(perigee_memory + at + 2, text, strlen(text));
}

static void begin(int has_flash) {
  const uint8_t first = script_end[0];
  int32_t receive = is_small ? 32 : BOARD_RECEIVE_SIZE, aliases = first & 8 ? 32 : 0;
  record_size = perigee_initialize(CLIENT, receive + 2 * aliases, BOARD_OUTBOX_SIZE, BOARD_CONNECT_SIZE, BOARD_INBOUND_COUNT);
  memset(perigee_memory + CLIENT + record_size, GUARD_BYTE, GUARD_SIZE);
  if (aliases > 0) answer(perigee_aliases(CLIENT, aliases, aliases));
  perigee_configure(CLIENT, 0, 1 + (first >> 4 & 3));
  perigee_configure(CLIENT, 5, first >> 2 & 1);
  perigee_tick(CLIENT, now);
  int32_t at = perigee_session_address(CLIENT), size = perigee_session_size(CLIENT);
  answer(perigee_speak(CLIENT, 4 + is_five));
  if (!has_flash) {
    memcpy(flash, perigee_memory + at, (size_t)size);
    return;
  }
  memcpy(perigee_memory + at, flash, (size_t)size);
  if (answer(perigee_restored(CLIENT)) != PERIGEE_OK) fault("what was stored is refused", perigee_outbox_used(CLIENT));
}

static void want_connection(void) {
  static const uint8_t five[] = {13, 0x11, 0, 0, 0x0e, 0x10, 0x21, 0, BOARD_INBOUND_COUNT, 0x22, 0, 4, 0x19, 1};
  int32_t block = is_five ? (int32_t)sizeof five : 0;
  int32_t at = answer(perigee_connect(CLIENT, block + 3, is_lasting ? 0 : 2, 10));
  if (at < 0) return;
  if (is_five) memcpy(perigee_memory + at, five, sizeof five);
  put_text(at + block, "c");
  answer(perigee_commit(CLIENT));
}

/* Events, the store and the wire, until there is no more. */
static void run(void) {
  for (int count = 0;; count++) {
    if (count > EVENTS_MAX) fault("events without end", perigee_state(CLIENT));
    int32_t event = perigee_next_event(CLIENT, now);
    save();
    if (event < 0 || event > PERIGEE_EVENT_AUTHENTICATE) fault("no documented event", event);
    if (event == PERIGEE_EVENT_NONE) {
      int32_t size = perigee_transmit(CLIENT);
      if (size <= 0) return;
      for (int32_t i = 0; i < size; i++) note(perigee_memory[perigee_transmit_address(CLIENT) + i]);
      hear(perigee_memory + perigee_transmit_address(CLIENT), size);
      answer(perigee_transmitted(CLIENT, size, now));
      save();
      continue;
    }
    note((uint32_t)event);
    if (event >= PERIGEE_EVENT_MESSAGE) note((uint32_t)perigee_event_id(CLIENT));
    if (event == PERIGEE_EVENT_MESSAGE) {
      int32_t at = perigee_payload_address(CLIENT), size = perigee_payload_size(CLIENT);
      for (int32_t i = 0; i < size; i++) note(perigee_memory[at + i]);
    }
    if (event == PERIGEE_EVENT_OPEN) {
      hang_up();
      answer(perigee_opened(CLIENT, now));
    }
    if (event == PERIGEE_EVENT_CLOSE) {
      answer(perigee_reason(CLIENT));
      for (int32_t size; (size = perigee_transmit(CLIENT)) > 0; perigee_transmitted(CLIENT, size, now)) {
        hear(perigee_memory + perigee_transmit_address(CLIENT), size);
      }
      perigee_closed(CLIENT, now);
      hang_up();
    }
  }
}

/* Bytes from the server, as many as the client has room for at once; the rest is lost with a connection that takes none. */
static void deliver(const uint8_t *bytes, int32_t size) {
  while (size > 0) {
    int32_t room = perigee_receive_room(CLIENT), state = perigee_state(CLIENT);
    if (room <= 0 || state < PERIGEE_STATE_CONNECTING || state >= PERIGEE_STATE_CLOSING) return;
    int32_t count = size < room ? size : room, at = perigee_receive_address(CLIENT);
    memset(perigee_memory + at, filler, (size_t)room);
    memcpy(perigee_memory + at, bytes, (size_t)count);
    answer(perigee_received(CLIENT, count, now));
    bytes += count;
    size -= count;
    run();
  }
}

static void pass(int32_t ms) {
  now = (int32_t)((uint32_t)now + (uint32_t)ms);
  perigee_timed_out(CLIENT, now);
  run();
}

static void publish(uint8_t operand) {
  int32_t size = next(), whole = size + is_five;
  perigee_tick(CLIENT, now);
  int32_t at = answer(perigee_publish(CLIENT, 3, whole, operand & 7));
  if (at < 0) return;
  memcpy(perigee_memory + at, operand & 8 ? "t/a" : "t/b", 3);
  int32_t payload = perigee_composed_end(CLIENT) - whole;
  memset(perigee_memory + payload, 'x', (size_t)whole);
  if (is_five) perigee_memory[payload] = 0;
  if (operand & 16) answer(perigee_supersede(CLIENT));
  answer(perigee_commit(CLIENT));
}

static void request(uint8_t operand) {
  int32_t is_subscribe = operand & 1, size = is_five + 3 + is_subscribe;
  int32_t at = answer(is_subscribe ? perigee_subscribe(CLIENT, size) : perigee_unsubscribe(CLIENT, size));
  if (at < 0) return;
  if (is_five) perigee_memory[at++] = 0;
  put_text(at, "#");
  if (is_subscribe) perigee_memory[at + 3] = operand >> 1 & 3;
  answer(perigee_commit(CLIENT));
}

static void act(uint8_t operand) {
  switch (operand & 7) {
  case 0: answer(perigee_disconnect(CLIENT, now)); break;
  case 1: want_connection(); break;
  case 2: answer(perigee_resend(CLIENT)); break;
  case 3: answer(perigee_drop(CLIENT)); break;
  case 4: hang_up(), begin(1), want_connection(); break;
  case 5: perigee_age(CLIENT, 1 << (operand >> 3)); break;
  default: {
    /* AUTH, or DISCONNECT with a reason. */
    int32_t type = operand & 1 ? 15 : 14, at = answer(perigee_compose(CLIENT, type, 2));
    if (at < 0) return;
    perigee_memory[at] = next();
    perigee_memory[at + 1] = 0;
    answer(perigee_commit(CLIENT));
  }
  }
}

static void take_step(void) {
  uint8_t step = next(), operand = step >> 3;
  switch (step & 7) {
  case 3: publish(operand); break;
  case 4: request(operand); break;
  case 5: pass(1 << (operand & 15)); return;
  case 6:
    hang_up();
    answer(perigee_closed(CLIENT, now));
    break;
  case 7: act(operand); break;
  default: {
    int32_t size = (step & 7) * 32 + operand, left = (int32_t)(script_end - script);
    const uint8_t *bytes = script;
    if (size > left) size = left;
    script += size;
    deliver(bytes, size);
  }
  }
  run();
}

/* Everything that is left goes to a healthy server. */
static void heal(void) {
  hang_up();
  perigee_closed(CLIENT, now);
  run();
  for (int turn = 0; turn < 400; turn++) {
    if (perigee_state(CLIENT) == PERIGEE_STATE_IDLE) want_connection(), run();
    while (reply_size > 0) {
      static uint8_t said[sizeof reply];
      int32_t size = reply_size;
      memcpy(said, reply, (size_t)size);
      reply_size = 0;
      deliver(said, size);
    }
    if (perigee_state(CLIENT) == PERIGEE_STATE_CONNECTED && perigee_outbox_used(CLIENT) == 0) return;
    int32_t wait = perigee_next_timeout(CLIENT, now);
    if (wait == PERIGEE_NEVER) fault("waits for nothing", perigee_state(CLIENT));
    pass(wait);
  }
  fault("is not done with a healthy server", perigee_state(CLIENT));
}

static uint32_t play(const uint8_t *data, size_t size, uint8_t fill) {
  static uint8_t copy[4096];
  if (size > sizeof copy - 1) size = sizeof copy - 1;
  memcpy(copy, data + 1, size - 1);
  script = copy;
  script_end = copy + size - 1;
  copy[size - 1] = data[0];
  filler = fill;
  is_five = data[0] & 1;
  is_lasting = data[0] >> 1 & 1;
  is_small = data[0] >> 6 & 1;
  now = 1000;
  seen = 0x811c9dc5u;
  memset(perigee_memory, fill, PERIGEE_MEMORY_SIZE);
  hang_up();
  begin(0);
  want_connection();
  run();
  while (script < script_end) take_step();
  heal();
  for (int32_t i = 0; i < GUARD_SIZE; i++)
    if (perigee_memory[CLIENT + record_size + i] != GUARD_BYTE) fault("a byte behind the record was written", i);
  return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static int is_started;
  if (!is_started) is_started = engine_start() == 0;
  if (size == 0) return 0;
  if (play(data, size, 0x00) != play(data, size, 0xff)) fault("looks at bytes that have not come", 0);
  return 0;
}
