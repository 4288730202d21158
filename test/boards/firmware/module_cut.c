/*
 * Cuts the power in the middle of the flash operation number CUT (of the environment) on the module's slots: half of its bits are
 * done, then SIGKILL. Linked with --wrap for both operations.
 */
#define _POSIX_C_SOURCE 200809L
#include "module_flash.h"
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

int __real_module_flash_program(uint32_t at, const void *source, uint32_t size);
int __real_module_flash_erase(uint32_t at);
int __wrap_module_flash_program(uint32_t at, const void *source, uint32_t size);
int __wrap_module_flash_erase(uint32_t at);

static int is_cut(void) {
  static long count;
  const char *cut = getenv("CUT");
  return cut != 0 && ++count == atol(cut);
}

int __wrap_module_flash_program(uint32_t at, const void *source, uint32_t size) {
  if (is_cut()) {
    uint8_t half[256];
    for (uint32_t i = 0; i < size && i < sizeof half; i++) half[i] = ((const uint8_t *)source)[i] | 0x55;
    __real_module_flash_program(at, half, size < sizeof half ? size : sizeof half);
    kill(getpid(), SIGKILL);
  }
  return __real_module_flash_program(at, source, size);
}

int __wrap_module_flash_erase(uint32_t at) {
  if (is_cut()) kill(getpid(), SIGKILL);
  return __real_module_flash_erase(at);
}
