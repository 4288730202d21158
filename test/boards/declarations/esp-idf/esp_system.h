/* components/esp_system/include/esp_system.h */
void esp_restart(void) __attribute__((noreturn));
