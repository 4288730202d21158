/* components/esp_netif/include/esp_netif.h, esp_netif_types.h; components/esp_wifi/include/esp_wifi_default.h */
#ifndef ESP_NETIF_H
#define ESP_NETIF_H
#include "esp_event.h"
typedef struct esp_netif_obj esp_netif_t;
typedef enum { IP_EVENT_STA_GOT_IP, IP_EVENT_STA_LOST_IP } ip_event_t;
extern esp_event_base_t const IP_EVENT;
esp_err_t esp_netif_init(void);
esp_netif_t *esp_netif_create_default_wifi_sta(void);
#endif
