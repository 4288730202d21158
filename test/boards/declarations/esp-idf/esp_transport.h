/* components/tcp_transport/include/esp_transport.h */
#ifndef ESP_TRANSPORT_H
#define ESP_TRANSPORT_H
#include "esp_err.h"
typedef struct esp_transport_item_t *esp_transport_handle_t;
int esp_transport_connect_async(esp_transport_handle_t t, const char *host, int port, int timeout_ms);
int esp_transport_read(esp_transport_handle_t t, char *buffer, int len, int timeout_ms);
int esp_transport_poll_read(esp_transport_handle_t t, int timeout_ms);
int esp_transport_write(esp_transport_handle_t t, const char *buffer, int len, int timeout_ms);
int esp_transport_poll_write(esp_transport_handle_t t, int timeout_ms);
int esp_transport_close(esp_transport_handle_t t);
#endif
