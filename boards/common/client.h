/*
 * The client: one loop round the core, for a board's main to turn, and what an application may ask of it.
 *
 *     why = client_start(&settings);             0, or what is wrong
 *     for (;;) idle(client_step());              the application's calls come from within
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "perigee.h"

#define CLIENT_RETAIN 1
#define CLIENT_QOS(qos) ((qos) << 1)

/* Properties of MQTT 5.0 as on the wire (section 2.2.2): at most 100 bytes. {sizeof bytes, bytes} */
struct client_properties { uint8_t size; const uint8_t *bytes; };
#define CLIENT_PROPERTY_4(id, value) id, (uint8_t)((value) >> 24), (uint8_t)((value) >> 16), (uint8_t)((value) >> 8), (uint8_t)(value)
#define CLIENT_MESSAGE_EXPIRY(seconds) CLIENT_PROPERTY_4(0x02, seconds)
#define CLIENT_WILL_DELAY(seconds) CLIENT_PROPERTY_4(0x18, seconds)

struct client_settings {
  const char *id;             /* UTF-8; with a session it names the session */
  const char *user, *password; /* or 0 */
  const char *will_topic, *will_payload; /* or 0 */
  uint8_t will_flags;          /* CLIENT_QOS and CLIENT_RETAIN */
  uint16_t keep_alive_s;
  const char *filter; /* what to subscribe to wherever the server has no session, or 0 */
  uint8_t filter_qos;
  uint8_t level; /* of the protocol: 5 for MQTT 5.0, else 3.1.1 */
  uint32_t session_expiry_s; /* 5.0: how long the server keeps the session while there is no connection, 0 for ever */
  struct client_properties properties, will_properties, message_properties; /* 5.0: of CONNECT, will and each message */
};

/* A message, or the piece of a large one that begins at `offset` of `total` bytes. Holds until the handler returns. */
struct client_message {
  const char *topic; /* no NUL at its end */
  const uint8_t *payload;
  int32_t topic_size, size, offset, total, flags;
};

const char *client_start(const struct client_settings *settings);

/* Does all there is to do. Answers milliseconds until there may be more, if nothing comes from the network. */
uint32_t client_step(void);

/*
 * Queues a message. Answers its identifier, 0 at QoS 0, or a status below zero: PERIGEE_FULL until something is acknowledged.
 * When it returns, the store remembers the message and the word together; from within application_message they are stored
 * together with what acknowledges the message.
 */
int32_t client_publish(const char *topic, const void *payload, int32_t size, int32_t flags);

/* 32 bits that outlive the power, for a counter that must agree with what was published and received. */
extern uint32_t client_word;

/* The application's, for a developer to write. */
void application_start(void);
uint32_t application_step(uint32_t now); /* milliseconds until it wants to be called again */
void application_message(const struct client_message *message);
void application_acknowledged(int32_t id);

#endif
