/*
 * The temperature of the chip every ten seconds, at QoS 1, to sensors/roof. What is queued while there is no network, or when the plug is
 * pulled, comes later, in order, each reading once for each time it was published. boards/roof/interval sets the seconds.
 */
#include <PerigeeClient.h>
#include <WiFi.h>

static const char *ssid = "your network", *password = "its password";
static const char *broker = "192.168.1.10";

/* wasm3 compiles the core when it starts, which takes more stack than Arduino's loop has. */
SET_LOOP_TASK_STACK_SIZE(16 * 1024);

static WiFiClient network;
static uint32_t interval = 10000, due;

static void take(const client_message &message) {
  uint32_t seconds = 0;
  for (int32_t i = 0; i < message.size; i++) seconds = seconds * 10 + (message.payload[i] - '0');
  if (seconds > 0 && seconds < 86400) interval = seconds * 1000;
}

void setup() {
  static client_settings settings = {};
  settings.id = "roof";
  settings.keep_alive_s = 60;
  settings.filter = "boards/roof/#";
  settings.filter_qos = 1;
  Serial.begin(115200);
  WiFi.begin(ssid, password);
  Perigee.onMessage(take);
  const char *fault = Perigee.begin(network, broker, 1883, settings);
  while (fault != nullptr) {
    Serial.println(fault);
    delay(10000);
  }
}

void loop() {
  uint32_t wait = Perigee.loop();
  if (millis() - due >= interval) {
    char text[16];
    due = millis();
    snprintf(text, sizeof text, "%.1f", temperatureRead());
    if (Perigee.publish("sensors/roof", text) < 0) Serial.println("the outbox is full: this reading is left out");
  }
  delay(wait < 20 ? 1 : 20);
}
