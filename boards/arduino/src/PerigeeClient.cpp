/* What the client asks of a board, as Arduino has it: a Client for the network, millis() for the clock, Serial for the console. */
#include "PerigeeClient.h"

extern "C" {
#include "perigee/board.h"
#include "perigee/store_nvs.h"
}

PerigeeClient Perigee;

namespace {
Client *network;
const char *brokerHost;
uint16_t brokerPort;
/* For whoever reads the console. */
const uint32_t haltMs = 3000;
}  // namespace

const char *PerigeeClient::begin(Client &client, const char *host, uint16_t port, const client_settings &settings) {
  network = &client;
  brokerHost = host;
  brokerPort = port;
  /* Arduino's own partition, which its start has opened. */
  const char *fault = store_open("nvs");
  return fault == nullptr ? client_start(&settings) : fault;
}

int32_t PerigeeClient::publish(const char *topic, const char *text, uint8_t qos, bool retain) {
  return client_publish(topic, text, (int32_t)strlen(text), CLIENT_QOS(qos) | (retain ? CLIENT_RETAIN : 0));
}

bool PerigeeClient::connected() { return perigee_state(PERIGEE_CLIENT) == PERIGEE_STATE_CONNECTED; }

void PerigeeClient::receive(const client_message &message) {
  if (handler_ != nullptr) handler_(message);
}

extern "C" {

/* An Arduino client connects while the sketch waits; how long is the client's own setting. */
int network_open(void) { return network->connect(brokerHost, brokerPort) == 1 ? 1 : -1; }

int network_read(uint8_t *target, int size) {
  int ready = network->available();
  if (ready <= 0) return network->connected() ? 0 : -1;
  int count = network->read(target, (size_t)(ready < size ? ready : size));
  return count >= 0 ? count : network->connected() ? 0 : -1;
}

int network_write(const uint8_t *source, int size) {
  int count = (int)network->write(source, (size_t)size);
  return count > 0 || network->connected() ? count : -1;
}

void network_close(void) { network->stop(); }

uint32_t clock_ms(void) { return (uint32_t)millis(); }

void board_say(const char *what, const char *detail) {
  Serial.print("perigee: ");
  Serial.print(what);
  if (*detail != 0) Serial.print(": ");
  Serial.println(detail);
}

void board_halt(const char *what) {
  board_say("halts", what);
  delay(haltMs);
  ESP.restart();
}

/* The sketch is the application: it publishes in its own loop. */
void application_start(void) {}
uint32_t application_step(uint32_t now) { return (void)now, 60000; }
void application_message(const client_message *message) { Perigee.receive(*message); }
void application_acknowledged(int32_t id) { (void)id; }
}
