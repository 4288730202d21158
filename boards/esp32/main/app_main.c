/*
 * The client on an ESP32: a thread that turns its loop, and what it says and halts with. A pthread, because WAMR asks which
 * one it runs in.
 */
#include "board.h"
#include "client.h"
#include "esp32.h"
#include "esp_mac.h"
#include "esp_pthread.h"
#include "esp_system.h"
#include "esp_task_wdt.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "nvs_flash.h"
#include "sdkconfig.h"
#include "store_nvs.h"
#include <pthread.h>
#include <stdio.h>
#ifdef CONFIG_PERIGEE_ENGINE_WAMR
#include "application.h"
#endif

#define STACK_SIZE (10 * 1024)
/* Less than the watchdog's patience. */
#define WAIT_MAX_MS 1000u
/* For whoever reads the console. */
#define HALT_MS 3000

uint32_t clock_ms(void) { return (uint32_t)(esp_timer_get_time() / 1000); }

void board_say(const char *what, const char *detail) {
  printf("perigee: %s%s%s\n", what, *detail != 0 ? ": " : "", detail);
}

void board_halt(const char *what) {
  board_say("halts", what);
  vTaskDelay(pdMS_TO_TICKS(HALT_MS));
  esp_restart();
}

static const char *name_of_board(void) {
  static char name[sizeof "esp32-000000"];
  uint8_t mac[6];
  if (sizeof CONFIG_PERIGEE_NAME > 1) return CONFIG_PERIGEE_NAME;
  ESP_ERROR_CHECK(esp_read_mac(mac, ESP_MAC_WIFI_STA));
  snprintf(name, sizeof name, "esp32-%02x%02x%02x", mac[3], mac[4], mac[5]);
  return name;
}

static const char *start(void) {
  static struct client_settings client = {.keep_alive_s = CONFIG_PERIGEE_KEEP_ALIVE, .filter_qos = 1};
#ifdef CONFIG_PERIGEE_PROFILE_FULL
  client.level = 5;
#endif
  client.id = name_of_board();
  if (sizeof CONFIG_PERIGEE_USER > 1) client.user = CONFIG_PERIGEE_USER;
  if (sizeof CONFIG_PERIGEE_PASSWORD > 1) client.password = CONFIG_PERIGEE_PASSWORD;
  board_say("name", client.id);
  const char *fault = store_open("session");
  if (fault == 0) fault = network_start();
#ifdef CONFIG_PERIGEE_ENGINE_WAMR
  if (fault == 0) fault = module_flash_open();
  client.filter = application_name(client.id);
#else
  static char filter[sizeof CONFIG_PERIGEE_NAME + 24];
  snprintf(filter, sizeof filter, "boards/%s/#", client.id);
  client.filter = filter;
#endif
  return fault == 0 ? client_start(&client) : fault;
}

static void *run(void *unused) {
  const char *fault = start();
  if (fault != 0) board_halt(fault);
  ESP_ERROR_CHECK(esp_task_wdt_add(0));
  for (;;) {
    uint32_t wait = client_step();
    network_wait(wait < WAIT_MAX_MS ? wait : WAIT_MAX_MS);
    esp_task_wdt_reset();
  }
  return unused;
}

void app_main(void) {
  esp_pthread_cfg_t settings = esp_pthread_get_default_config();
  pthread_t thread;
  // Wi-Fi keeps its calibration there, which it can make again.
  if (nvs_flash_init() != ESP_OK) {
    ESP_ERROR_CHECK(nvs_flash_erase());
    ESP_ERROR_CHECK(nvs_flash_init());
  }
  wifi_start();
  settings.stack_size = STACK_SIZE;
  settings.thread_name = "perigee";
  ESP_ERROR_CHECK(esp_pthread_set_cfg(&settings));
  if (pthread_create(&thread, 0, run, 0) != 0) board_halt("no memory for the client's thread");
}
