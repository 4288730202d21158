/*
 * The loop. It asks the core for events until there are none, keeps what has to be kept, and moves bytes between the core and
 * the network. Every turn is bounded, so a flood from the network cannot keep the board from its other work.
 *
 * Order: before a message is handed to the application, before anything leaves, and before client_publish returns, what has
 * changed in the session is stored. So the power may go between any two instructions, and one thing may happen twice: the
 * application may see a message of QoS 2 again whose handler had not returned, or whose identifier was not in the store. A
 * handler that counts in client_word is not deceived by that: the word and the identifier are stored together.
 */
#include "client.h"
#include "board.h"
#include "store.h"
#include <string.h>

#define TURNS_MAX 16
/* A refusal will not pass by itself, but somebody may mend the account. */
#define REFUSED_WAIT_MS 60000u

uint32_t client_word;

static const struct client_settings *settings;
static uint32_t stored_word, refused_at;
static uint8_t is_opening, is_open, is_worn, must_subscribe, is_in_handler, is_five;
/* Where the core knows one version alone, the code for the other is none. */
#define FIVE (PERIGEE_FIVE && is_five)
#define GEOMETRY BOARD_RECEIVE_SIZE + BOARD_ALIAS_SIZE, BOARD_OUTBOX_SIZE, BOARD_CONNECT_SIZE, BOARD_INBOUND_COUNT

/* What changed in the session goes to the store, and the application's word with it. */
static void save(void) {
  int32_t fields = perigee_pending_store(PERIGEE_CLIENT, 0);
  struct store_change change = {(uint16_t)fields, 0, 0, client_word};
  if (is_in_handler || (fields == 0 && client_word == stored_word)) return;
  if (fields != 0) {
    change.size = (uint16_t)perigee_pending_store(PERIGEE_CLIENT, 1);
    if (change.size != 0)
      change.offset = (uint16_t)(perigee_unstored_outbox_address(PERIGEE_CLIENT) - perigee_session_address(PERIGEE_CLIENT));
  }
  if (!is_worn && store_save(&change) != 0) {
    is_worn = 1;
    board_say("store cannot be written: goes on, but will not survive a power cut", "");
  }
  stored_word = client_word;
  if (fields != 0) perigee_stored(PERIGEE_CLIENT);
}

static int32_t put(int32_t at, const char *text, int32_t size) {
  perigee_memory[at] = (uint8_t)(size >> 8);
  perigee_memory[at + 1] = (uint8_t)size;
  memcpy(perigee_memory + at + 2, text, (size_t)size);
  return at + 2 + size;
}

static int32_t size_of(const char *text) { return text == 0 ? 0 : (int32_t)strlen(text); }

#define BLOCK_SIZE(properties) (FIVE ? 1 + (properties).size : 0)

/* The properties that most packets of 5.0 have; `size` counts the client's own, which follow. */
static int32_t put_block(int32_t at, const struct client_properties *properties, int32_t size) {
  if (!FIVE) return at;
  perigee_memory[at++] = (uint8_t)(properties->size + size);
  if (properties->size > 0) memcpy(perigee_memory + at, properties->bytes, properties->size);
  return at + properties->size;
}

/* Composes CONNECT (section 3.1), and wants a connection. */
static int32_t want_connection(void) {
  const char *fields[] = {settings->id, settings->will_topic, settings->will_payload, settings->user, settings->password};
  const uint32_t expiry = settings->session_expiry_s == 0 ? 0xffffffffu : settings->session_expiry_s;
  const uint8_t own[] = {CLIENT_PROPERTY_4(0x11, expiry), 0x21, 0, BOARD_INBOUND_COUNT};
  const int32_t own_size = FIVE ? sizeof own : 0;
  int32_t flags = (settings->user != 0) << 7 | (settings->password != 0) << 6;
  int32_t size = BLOCK_SIZE(settings->properties) + own_size;
  if (settings->will_topic != 0) {
    fields[2] = settings->will_payload == 0 ? "" : settings->will_payload;
    flags |= 0x04 | (settings->will_flags & 0x06) << 2 | (settings->will_flags & CLIENT_RETAIN) << 5;
    size += BLOCK_SIZE(settings->will_properties);
  }
  for (int i = 0; i < 5; i++)
    if (fields[i] != 0) size += 2 + size_of(fields[i]);
  int32_t at = perigee_connect(PERIGEE_CLIENT, size, flags, settings->keep_alive_s);
  if (at < 0) return at;
  at = put_block(at, &settings->properties, own_size);
  memcpy(perigee_memory + at, own, (size_t)own_size);
  at += own_size;
  for (int i = 0; i < 5; i++) {
    if (i == 1 && fields[1] != 0) at = put_block(at, &settings->will_properties, 0);
    if (fields[i] != 0) at = put(at, fields[i], size_of(fields[i]));
  }
  return perigee_commit(PERIGEE_CLIENT);
}

/* The client anew; of its session, where it is wanted, what the store has: as store_load. */
static int begin(int wants_session) {
  perigee_initialize(PERIGEE_CLIENT, GEOMETRY);
  perigee_speak(PERIGEE_CLIENT, 4 + is_five);
  perigee_aliases(PERIGEE_CLIENT, 0, BOARD_ALIAS_SIZE);
  uint32_t identity = 0x811c9dc5; /* FNV-1a of what another client would have otherwise */
  int32_t size = perigee_session_size(PERIGEE_CLIENT), fields = size - perigee_outbox_capacity(PERIGEE_CLIENT);
  for (const char *c = settings->id; *c != 0; c++) identity = (identity ^ (uint8_t)*c) * 0x01000193u;
  identity = (identity ^ (uint32_t)(size << 16 ^ fields)) * 0x01000193u;
  perigee_configure(PERIGEE_CLIENT, 4, (int32_t)(identity & 0x7fffffff)); /* jitter differs from board to board */
  perigee_configure(PERIGEE_CLIENT, 5, 1);
  perigee_stored(PERIGEE_CLIENT);
  uint8_t *session = perigee_memory + perigee_session_address(PERIGEE_CLIENT);
  return wants_session ? store_load(session, (uint16_t)size, (uint16_t)fields, identity, &client_word) : 0;
}

const char *client_start(const struct client_settings *wanted) {
  const uint8_t level = wanted->level == 5 ? 5 : 4;
  settings = wanted;
  is_five = level == 5;
  const char *fault = is_five && !PERIGEE_FIVE ? "this core knows MQTT 3.1.1 alone" : engine_start();
  if (fault != 0) return fault;
  int32_t size = perigee_initialize(0, GEOMETRY);
  if (size < 0) return perigee_name(size);
  if (PERIGEE_CLIENT + size > (int32_t)PERIGEE_MEMORY_SIZE) return "core: its record is larger than PERIGEE_MEMORY_SIZE";
  int loaded = begin(1);
  if (loaded < 0) board_say("store holds no whole session of this client: begins anew", "");
  is_five ^= loaded > 0 && PERIGEE_FIVE && perigee_session_level(PERIGEE_CLIENT) != level;
  if (is_five != (level == 5)) begin(1);
  if (loaded > 0 && perigee_restored(PERIGEE_CLIENT) != PERIGEE_OK) {
    board_say("store holds a session that the core refuses: begins anew", "");
    loaded = begin(0);
  }
  /* Messages of the other version go first. */
  if (perigee_speak(PERIGEE_CLIENT, level) == PERIGEE_OK) is_five = level == 5;
  else board_say("store holds messages of the other version of MQTT, which is spoken until the next start", "");
  stored_word = client_word;
  int32_t status = want_connection();
  if (status < 0) return perigee_name(status);
  board_say(loaded > 0 ? "session restored" : "session begun", "");
  application_start();
  return 0;
}

int32_t client_publish(const char *topic, const void *payload, int32_t size, int32_t flags) {
  int32_t topic_size = size_of(topic), whole = size < 0 ? size : BLOCK_SIZE(settings->message_properties) + size;
  if (FIVE) perigee_tick(PERIGEE_CLIENT, (int32_t)clock_ms()); /* a message may expire */
  int32_t at = perigee_publish(PERIGEE_CLIENT, topic_size, whole, flags);
  if (at < 0) return at;
  memcpy(perigee_memory + at, topic, (size_t)topic_size);
  put_block(perigee_composed_end(PERIGEE_CLIENT) - whole, &settings->message_properties, 0);
  memcpy(perigee_memory + perigee_composed_end(PERIGEE_CLIENT) - size, payload, (size_t)size);
  at = perigee_commit(PERIGEE_CLIENT);
  save();
  return at;
}

/* SUBSCRIBE, section 3.8; again at the next turn where the outbox is full. */
static void subscribe(void) {
  int32_t size = size_of(settings->filter), at = perigee_subscribe(PERIGEE_CLIENT, 3 + size + FIVE);
  if (at > 0) {
    if (FIVE) perigee_memory[at++] = 0; /* no properties */
    perigee_memory[put(at, settings->filter, size)] = settings->filter_qos;
    at = perigee_commit(PERIGEE_CLIENT);
  }
  if (at != PERIGEE_FULL) must_subscribe = 0;
  if (at < 0 && at != PERIGEE_FULL) board_say("cannot subscribe", perigee_name(at));
  save();
}

static void close_network(uint32_t now, const char *why) {
  if (*why != 0) board_say(why, "");
  network_close();
  is_open = is_opening = 0;
  perigee_closed(PERIGEE_CLIENT, (int32_t)now);
}

static void deliver(void) {
  const struct client_message message = {
      (const char *)perigee_memory + perigee_topic_address(PERIGEE_CLIENT),
      perigee_memory + perigee_payload_address(PERIGEE_CLIENT),
      perigee_topic_size(PERIGEE_CLIENT),   perigee_payload_size(PERIGEE_CLIENT), perigee_payload_offset(PERIGEE_CLIENT),
      perigee_payload_total(PERIGEE_CLIENT), perigee_event_flags(PERIGEE_CLIENT)};
  is_in_handler = 1;
  application_message(&message);
  is_in_handler = 0;
}

static int write_network(uint32_t now) {
  save();
  int32_t size = is_open ? perigee_transmit(PERIGEE_CLIENT) : 0;
  if (size <= 0) return 0;
  int count = network_write(perigee_memory + perigee_transmit_address(PERIGEE_CLIENT), size);
  if (count > 0) perigee_transmitted(PERIGEE_CLIENT, count, (int32_t)now);
  if (count < 0) close_network(now, "connection lost");
  return count != 0;
}

/* Takes one event. Answers 0 where there was none. */
static int take_event(uint32_t now) {
  int32_t event = perigee_next_event(PERIGEE_CLIENT, (int32_t)now);
  int32_t reason = perigee_reason(PERIGEE_CLIENT);
  // What the last message has changed is kept before the next is shown; the rest can wait until something leaves.
  if (event == PERIGEE_EVENT_MESSAGE) save();
  switch (event) {
  case PERIGEE_EVENT_OPEN: is_opening = 1; break;
  case PERIGEE_EVENT_MESSAGE: deliver(); break;
  case PERIGEE_EVENT_PUBLISHED: application_acknowledged(perigee_event_id(PERIGEE_CLIENT)); break;
  case PERIGEE_EVENT_REFUSED: board_say("the server refuses a packet", perigee_name(perigee_event_code(PERIGEE_CLIENT))); break;
  case PERIGEE_EVENT_EXPIRED: board_say("a message has expired", ""); break;
  case PERIGEE_EVENT_OVERSIZE: board_say("a message was passed over: its topic is larger than BOARD_RECEIVE_SIZE", ""); break;
  case PERIGEE_EVENT_SUBSCRIBED:
    if (perigee_memory[perigee_payload_address(PERIGEE_CLIENT)] > 2) board_say("subscription refused", settings->filter);
    break;
  case PERIGEE_EVENT_CONNECTED:
    must_subscribe = (perigee_event_flags(PERIGEE_CLIENT) & 0x100) == 0 && settings->filter != 0;
    board_say(must_subscribe ? "connected" : "connected, session resumed", "");
    break;
  case PERIGEE_EVENT_CLOSE:
    if (reason == PERIGEE_ENDED_REFUSED || reason == PERIGEE_ENDED_SERVER) {
      board_say(reason == PERIGEE_ENDED_REFUSED ? "refused by the server" : "disconnected by the server",
                perigee_name(perigee_refusal(PERIGEE_CLIENT)));
      refused_at = now;
    } else if (reason != PERIGEE_ENDED_DISCONNECT) {
      board_say("closes", perigee_name(reason));
    }
    if (FIVE) write_network(now); /* DISCONNECT with the reason */
    close_network(now, "");
    break;
  }
  return event != PERIGEE_EVENT_NONE;
}

/* Moves what the network has into the core. Answers whether anything came. */
static int read_network(uint32_t now) {
  int32_t room = perigee_receive_room(PERIGEE_CLIENT);
  if (!is_open || room <= 0) return 0;
  int count = network_read(perigee_memory + perigee_receive_address(PERIGEE_CLIENT), room);
  if (count > 0) perigee_received(PERIGEE_CLIENT, count, (int32_t)now);
  if (count < 0) close_network(now, "connection lost");
  return count != 0;
}

uint32_t client_step(void) {
  uint32_t now = clock_ms(), wait = application_step(now);
  int turns = 0;
  save();
  perigee_timed_out(PERIGEE_CLIENT, (int32_t)now);
  if (perigee_state(PERIGEE_CLIENT) == PERIGEE_STATE_IDLE && now - refused_at >= REFUSED_WAIT_MS) want_connection();
  if (must_subscribe) subscribe();
  if (is_opening) {
    int opened = network_open();
    if (opened > 0) perigee_opened(PERIGEE_CLIENT, (int32_t)now);
    if (opened < 0) close_network(now, "cannot connect");
    if (opened != 0) is_opening = 0;
    is_open = opened > 0;
  }
  while (turns < TURNS_MAX && (take_event(now) || read_network(now) + write_network(now) != 0)) turns++;
  // Whatever came may have changed what the application waits for.
  if (turns > 0) return 0;
  if (is_opening && wait > 10) wait = 10;
  int32_t next = perigee_next_timeout(PERIGEE_CLIENT, (int32_t)now);
  return (uint32_t)next < wait ? (uint32_t)next : wait;
}
