/*
 * The client for a sketch: one object, Perigee, because the core behind it is one.
 *
 *     Perigee.onMessage(handler);
 *     Perigee.begin(network, "192.168.1.10", 1883, settings);     in setup
 *     Perigee.loop();                                             in loop, as often as can be
 */
#ifndef PERIGEE_CLIENT_H
#define PERIGEE_CLIENT_H

#include <Arduino.h>
#include <Client.h>

extern "C" {
#include "perigee/client.h"
}

class PerigeeClient {
 public:
  typedef void (*Handler)(const client_message &message);

  /*
   * Restores the session and begins to connect through `network`, a WiFiClient or, for TLS, a WiFiClientSecure with its
   * certificates set. All that is given stays valid. Answers 0, or one line that says what is wrong.
   */
  const char *begin(Client &network, const char *host, uint16_t port, const client_settings &settings);

  /* Does all there is to do. Answers milliseconds until there may be more, if nothing comes. */
  uint32_t loop() { return client_step(); }

  /*
   * Queues a message, kept when it returns, connected or not. Answers its identifier, 0 at QoS 0, or a status of perigee.h below
   * zero: PERIGEE_FULL until something is acknowledged.
   */
  int32_t publish(const char *topic, const char *text, uint8_t qos = 1, bool retain = false);

  bool connected();

  /* Of a message larger than BOARD_RECEIVE_SIZE the handler is given each piece: offset and total say where. */
  void onMessage(Handler handler) { handler_ = handler; }

  /* For the functions of board.h and client.h. */
  void receive(const client_message &message);

 private:
  Handler handler_ = nullptr;
};

extern PerigeeClient Perigee;

#endif
