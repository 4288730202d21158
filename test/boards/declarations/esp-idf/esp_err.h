/* components/esp_common/include/esp_err.h */
#ifndef ESP_ERR_H
#define ESP_ERR_H
#include <stdint.h>
typedef int esp_err_t;
#define ESP_OK 0
void esp_error_check_failed(esp_err_t error);
#define ESP_ERROR_CHECK(x)                               \
  do {                                                   \
    esp_err_t error_ = (x);                              \
    if (error_ != ESP_OK) esp_error_check_failed(error_); \
  } while (0)
#endif
