/* Wi-Fi as a station. Whatever takes it down, it is joined again, as fast as the access point allows. */
#include "board.h"
#include "esp32.h"
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "sdkconfig.h"
#include <string.h>

static volatile uint8_t is_up;

int wifi_is_up(void) { return is_up; }

static void on_event(void *unused, esp_event_base_t base, int32_t id, void *data) {
  (void)unused, (void)data;
  if (base == IP_EVENT && id == IP_EVENT_STA_GOT_IP) {
    is_up = 1;
    board_say("wi-fi", "up");
    return;
  }
  if (base == IP_EVENT && id == IP_EVENT_STA_LOST_IP) is_up = 0;
  if (base != WIFI_EVENT) return;
  if (id == WIFI_EVENT_STA_DISCONNECTED) {
    if (is_up) board_say("wi-fi", "lost");
    is_up = 0;
  }
  if (id == WIFI_EVENT_STA_START || id == WIFI_EVENT_STA_DISCONNECTED) esp_wifi_connect();
}

void wifi_start(void) {
  const char *name = CONFIG_PERIGEE_WIFI_SSID, *password = CONFIG_PERIGEE_WIFI_PASSWORD;
  wifi_init_config_t defaults = WIFI_INIT_CONFIG_DEFAULT();
  wifi_config_t wanted;
  memset(&wanted, 0, sizeof wanted);
  if (strlen(name) == 0 || strlen(name) > sizeof wanted.sta.ssid) board_halt("wi-fi: menuconfig has no name of a network");
  if (strlen(password) > sizeof wanted.sta.password) board_halt("wi-fi: the password is longer than 64 bytes");
  // Both fields are full without a NUL.
  memcpy(wanted.sta.ssid, name, strlen(name));
  memcpy(wanted.sta.password, password, strlen(password));
  wanted.sta.threshold.authmode = *password == 0 ? WIFI_AUTH_OPEN : WIFI_AUTH_WPA2_PSK;
  ESP_ERROR_CHECK(esp_netif_init());
  ESP_ERROR_CHECK(esp_event_loop_create_default());
  esp_netif_create_default_wifi_sta();
  ESP_ERROR_CHECK(esp_wifi_init(&defaults));
  ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_event, 0));
  ESP_ERROR_CHECK(esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, on_event, 0));
  ESP_ERROR_CHECK(esp_wifi_set_storage(WIFI_STORAGE_RAM));
  ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
  ESP_ERROR_CHECK(esp_wifi_set_config(WIFI_IF_STA, &wanted));
  ESP_ERROR_CHECK(esp_wifi_start());
}
