/* components/pthread/include/esp_pthread.h; stack_alloc_caps from 5.3 on */
#include "esp_err.h"
#include <stdbool.h>
#include <stddef.h>
typedef struct {
  size_t stack_size;
  size_t prio;
  bool inherit_cfg;
  const char *thread_name;
  int pin_to_core;
} esp_pthread_cfg_t;
esp_pthread_cfg_t esp_pthread_get_default_config(void);
esp_err_t esp_pthread_set_cfg(const esp_pthread_cfg_t *cfg);
