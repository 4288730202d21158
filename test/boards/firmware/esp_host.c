/*
 * As much of ESP-IDF, on this computer, as boards/esp32 calls: sockets, a file for the module's partition, OpenSSL's SHA-256, a Wi-Fi that is
 * up at once. The project's own files are linked as they are; whatever broker they name, the environment's PORT on this machine is
 * what they reach.
 */
#define _GNU_SOURCE
#include "esp_host.h"
#include "esp_event.h"
#include "esp_mac.h"
#include "esp_netif.h"
#include "esp_partition.h"
#include "esp_pthread.h"
#include "esp_system.h"
#include "esp_task_wdt.h"
#include "esp_timer.h"
#include "esp_transport.h"
#include "esp_transport_tcp.h"
#include "esp_wifi.h"
#include "mbedtls/sha256.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void app_main(void);

int main(void) {
  setvbuf(stdout, 0, _IOLBF, 0);
  dup2(2, 1);
  app_main();
  for (;;) pause();
}

/* The system. */
int64_t esp_timer_get_time(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
void esp_restart(void) { _exit(70); }
void esp_error_check_failed(esp_err_t error) {
  fprintf(stderr, "ESP_ERROR_CHECK failed: %d\n", error);
  abort();
}
esp_err_t esp_read_mac(uint8_t *mac, esp_mac_type_t type) { return (void)type, memcpy(mac, "\2\0\0\x4a\xf1\xc0", 6), ESP_OK; }
void vTaskDelay(const TickType_t ticks) { usleep(ticks * portTICK_PERIOD_MS * 1000); }
esp_pthread_cfg_t esp_pthread_get_default_config(void) { return (esp_pthread_cfg_t){.stack_size = 3072}; }
esp_err_t esp_pthread_set_cfg(const esp_pthread_cfg_t *cfg) { return cfg->stack_size >= 5 * 1024 ? ESP_OK : 1; }

/* The watchdog: an alarm ends the process where it is not reset. */
esp_err_t esp_task_wdt_add(TaskHandle_t task) { return (void)task, alarm(30), ESP_OK; }
esp_err_t esp_task_wdt_reset(void) { return alarm(30), ESP_OK; }

/* Wi-Fi: connecting is having an address. */
esp_event_base_t const WIFI_EVENT = "WIFI_EVENT", IP_EVENT = "IP_EVENT";
static esp_event_handler_t handlers[2];
esp_err_t esp_event_loop_create_default(void) { return ESP_OK; }
esp_err_t esp_event_handler_register(esp_event_base_t base, int32_t id, esp_event_handler_t handler, void *argument) {
  return (void)argument, handlers[base == IP_EVENT] = handler, id == ESP_EVENT_ANY_ID ? ESP_OK : 1;
}
esp_err_t esp_netif_init(void) { return ESP_OK; }
esp_netif_t *esp_netif_create_default_wifi_sta(void) { return 0; }
esp_err_t esp_wifi_init(const wifi_init_config_t *config) { return config == 0; }
esp_err_t esp_wifi_set_storage(wifi_storage_t storage) { return storage != WIFI_STORAGE_RAM; }
esp_err_t esp_wifi_set_mode(wifi_mode_t mode) { return mode != WIFI_MODE_STA; }
esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t *conf) {
  return interface == WIFI_IF_STA && memcmp(conf->sta.ssid, "network", 8) == 0 ? ESP_OK : 1;
}
esp_err_t esp_wifi_start(void) { return handlers[0](0, WIFI_EVENT, WIFI_EVENT_STA_START, 0), ESP_OK; }
esp_err_t esp_wifi_connect(void) { return handlers[1](0, IP_EVENT, IP_EVENT_STA_GOT_IP, 0), ESP_OK; }

/* TCP, and TLS over it. 0 of read is a time-out, and a close is below zero, as transport_ssl.c has it. */
static int connection = -1;
struct tls_calls tls;
esp_transport_handle_t esp_transport_tcp_init(void) { return (esp_transport_handle_t)&connection; }
static int ready(short events, int timeout_ms) {
  struct pollfd state = {connection, events, 0};
  return connection < 0 ? -1 : poll(&state, 1, timeout_ms);
}
int esp_transport_connect_async(esp_transport_handle_t t, const char *host, int port, int timeout_ms) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(getenv("PORT")))};
  int error = 0, one = 1;
  socklen_t size = sizeof error;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (t == 0 || *host == 0 || port == 0) return -1;
  if (connection < 0) {
    connection = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS) return -1;
  }
  if (ready(POLLOUT, timeout_ms) == 0) return 0;
  getsockopt(connection, SOL_SOCKET, SO_ERROR, &error, &size);
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (error != 0) return -1;
  return tls.open == 0 ? 1 : tls.open(connection, host);
}
int esp_transport_poll_read(esp_transport_handle_t t, int timeout_ms) {
  int pending = tls.pending == 0 ? 0 : tls.pending();
  return t != 0 && pending > 0 ? pending : ready(POLLIN, timeout_ms);
}
int esp_transport_poll_write(esp_transport_handle_t t, int timeout_ms) { return (void)t, ready(POLLOUT, timeout_ms); }
int esp_transport_read(esp_transport_handle_t t, char *buffer, int len, int timeout_ms) {
  int polled = esp_transport_poll_read(t, timeout_ms);
  if (polled <= 0) return polled < 0 ? -2 : 0;
  if (tls.read != 0) return tls.read(buffer, len);
  ssize_t count = recv(connection, buffer, (size_t)len, 0);
  return count > 0 ? (int)count : count == 0 ? -1 : errno == EAGAIN ? 0 : -2;
}
int esp_transport_write(esp_transport_handle_t t, const char *buffer, int len, int timeout_ms) {
  int polled = esp_transport_poll_write(t, timeout_ms);
  if (polled > 0 && tls.write != 0) return tls.write(buffer, len);
  return polled <= 0 ? polled : (int)send(connection, buffer, (size_t)len, MSG_NOSIGNAL);
}
int esp_transport_close(esp_transport_handle_t t) {
  if (tls.close != 0) tls.close();
  int answer = t == 0 || connection < 0 ? -1 : close(connection);
  connection = -1;
  return answer;
}

/* The module's partition: the file that the environment's MODULE names, mapped; programming only clears bits. */
static uint8_t *flash;
static const esp_partition_t partition = {.size = 0x20000};
const esp_partition_t *esp_partition_find_first(esp_partition_type_t type, esp_partition_subtype_t subtype, const char *label) {
  int file = open(getenv("MODULE"), O_RDWR);
  flash = mmap(0, partition.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  int is_asked = type == ESP_PARTITION_TYPE_DATA && subtype == ESP_PARTITION_SUBTYPE_ANY && strcmp(label, "module") == 0;
  return is_asked && flash != MAP_FAILED ? &partition : 0;
}
static int is_inside(size_t offset, size_t size) { return offset <= partition.size && size <= partition.size - offset; }
esp_err_t esp_partition_read(const esp_partition_t *part, size_t offset, void *target, size_t size) {
  return part == &partition && is_inside(offset, size) ? (memcpy(target, flash + offset, size), ESP_OK) : 1;
}
esp_err_t esp_partition_write(const esp_partition_t *part, size_t offset, const void *source, size_t size) {
  if (part != &partition || !is_inside(offset, size)) return 1;
  for (size_t i = 0; i < size; i++) flash[offset + i] &= ((const uint8_t *)source)[i];
  return ESP_OK;
}
esp_err_t esp_partition_erase_range(const esp_partition_t *part, size_t offset, size_t size) {
  if (part != &partition || offset % 4096 != 0 || size % 4096 != 0 || !is_inside(offset, size)) return 1;
  memset(flash + offset, 0xff, size);
  return ESP_OK;
}
esp_err_t esp_partition_mmap(const esp_partition_t *part, size_t offset, size_t size, esp_partition_mmap_memory_t memory,
                             const void **out_ptr, esp_partition_mmap_handle_t *out_handle) {
  if (part != &partition || memory != ESP_PARTITION_MMAP_DATA || !is_inside(offset, size)) return 1;
  *out_handle = 1;
  return *out_ptr = flash + offset, ESP_OK;
}

static EVP_MD_CTX *hash;
void mbedtls_sha256_init(mbedtls_sha256_context *ctx) { hash = ctx == 0 ? 0 : EVP_MD_CTX_new(); }
int mbedtls_sha256_starts(mbedtls_sha256_context *ctx, int is224) {
  return (void)ctx, is224 == 0 && EVP_DigestInit_ex(hash, EVP_sha256(), 0) == 1 ? 0 : -1;
}
int mbedtls_sha256_update(mbedtls_sha256_context *ctx, const unsigned char *input, size_t ilen) {
  return (void)ctx, EVP_DigestUpdate(hash, input, ilen) == 1 ? 0 : -1;
}
int mbedtls_sha256_finish(mbedtls_sha256_context *ctx, unsigned char *output) {
  return (void)ctx, EVP_DigestFinal_ex(hash, output, 0) == 1 ? 0 : -1;
}
