/*
 * TCP and TLS by esp_transport, of which nothing blocks but the look-up of a name. The server's certificate is checked against the
 * authorities of menuconfig and the name of the host, always. What is wrong with a handshake esp-tls itself writes to the console.
 */
#include "board.h"
#include "esp32.h"
#include "esp_transport.h"
#include "esp_transport_tcp.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "sdkconfig.h"
#ifndef CONFIG_PERIGEE_TLS_NONE
#include "esp_transport_ssl.h"
#endif
#ifdef CONFIG_PERIGEE_TLS_BUNDLE
#include "esp_crt_bundle.h"
#endif

/* How long one look at a connection that is being made may take, and the whole of making it. */
#define LOOK_MS 20
#define OPEN_MAX_MS 30000u
/* How soon a socket that was full is tried again. */
#define FULL_WAIT_MS 20u

static esp_transport_handle_t transport;
static uint32_t opening_since;
static uint8_t is_opening, is_open, is_full;

/* EMBED_TXTFILES puts a NUL behind each, which is not counted here. */
#define EMBEDDED(name)                                                \
  extern const char name##_start[] __asm__("_binary_" #name "_start"); \
  extern const char name##_end[] __asm__("_binary_" #name "_end")
#define SIZE_OF(name) ((int)(name##_end - name##_start) - 1)
#ifdef CONFIG_PERIGEE_TLS_CA
EMBEDDED(ca_pem);
#endif
#ifdef CONFIG_PERIGEE_TLS_CLIENT
EMBEDDED(client_pem);
EMBEDDED(client_key);
#endif

const char *network_start(void) {
#ifdef CONFIG_PERIGEE_TLS_NONE
  transport = esp_transport_tcp_init();
#else
  transport = esp_transport_ssl_init();
#endif
  if (transport == 0) return "network: no memory";
#ifdef CONFIG_PERIGEE_TLS_BUNDLE
  esp_transport_ssl_crt_bundle_attach(transport, esp_crt_bundle_attach);
#endif
#ifdef CONFIG_PERIGEE_TLS_CA
  esp_transport_ssl_set_cert_data(transport, ca_pem_start, SIZE_OF(ca_pem));
#endif
#ifdef CONFIG_PERIGEE_TLS_CLIENT
  esp_transport_ssl_set_client_cert_data(transport, client_pem_start, SIZE_OF(client_pem));
  esp_transport_ssl_set_client_key_data(transport, client_key_start, SIZE_OF(client_key));
#endif
  return 0;
}

int network_open(void) {
  if (!wifi_is_up()) return 0;
  if (!is_opening) opening_since = clock_ms();
  is_opening = 1;
  int opened = esp_transport_connect_async(transport, CONFIG_PERIGEE_BROKER_HOST, CONFIG_PERIGEE_BROKER_PORT, LOOK_MS);
  // A handshake that hangs is nobody else's to end.
  if (opened == 0 && clock_ms() - opening_since >= OPEN_MAX_MS) return -1;
  is_open = opened > 0;
  return opened;
}

/* 0 of esp_transport_read is a time-out, and a close is below zero. */
int network_read(uint8_t *target, int size) {
  int count = esp_transport_read(transport, (char *)target, size, 0);
  return count < 0 ? -1 : count;
}

/* Asked for first, because esp_transport_write warns on the console where a socket is full. */
int network_write(const uint8_t *source, int size) {
  int ready = esp_transport_poll_write(transport, 0);
  int count = ready > 0 ? esp_transport_write(transport, (const char *)source, size, 0) : ready;
  is_full = count >= 0 && count < size;
  return count < 0 ? -1 : count;
}

void network_close(void) {
  esp_transport_close(transport);
  is_opening = is_open = is_full = 0;
}

/* A tick at least, so that a flood does not starve the idle task, which the watchdog looks after. */
void network_wait(uint32_t ms) {
  if (is_full && ms > FULL_WAIT_MS) ms = FULL_WAIT_MS;
  if (!is_open || ms < portTICK_PERIOD_MS) vTaskDelay(ms < portTICK_PERIOD_MS ? 1 : pdMS_TO_TICKS(ms));
  else esp_transport_poll_read(transport, (int)ms);
}
