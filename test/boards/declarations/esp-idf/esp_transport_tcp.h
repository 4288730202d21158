/* components/tcp_transport/include/esp_transport_tcp.h */
#include "esp_transport.h"
esp_transport_handle_t esp_transport_tcp_init(void);
