/* Arduino-ESP32 3: libraries/WiFi/src/WiFi.h, WiFiSTA.h; libraries/Network/src/NetworkClient.h, which WiFiClient is */
#ifndef WIFI_H
#define WIFI_H
#include "Client.h"
class NetworkClient : public Client {
 public:
  int connect(const char *host, uint16_t port) override;
  size_t write(uint8_t byte) override;
  size_t write(const uint8_t *buffer, size_t size) override;
  int available() override;
  int read() override;
  int read(uint8_t *buffer, size_t size) override;
  void flush() override;
  void stop() override;
  uint8_t connected() override;
};
typedef NetworkClient WiFiClient;
typedef enum { WL_IDLE_STATUS } wl_status_t;
class WiFiClass {
 public:
  wl_status_t begin(const char *ssid, const char *passphrase = nullptr);
};
extern WiFiClass WiFi;
#endif
