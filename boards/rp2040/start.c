/* Reset: vectors, data and zeros, then main. The rest of the vectors is one loop, which a watchdog ends. */
#include <stdint.h>

extern uint32_t __data_start[], __data_end[], __data_source[], __bss_start[], __bss_end[], __stack_top[];
int main(void);

__attribute__((noreturn)) void reset(void) {
  const uint32_t *source = __data_source;
  for (uint32_t *at = __data_start; at < __data_end;) *at++ = *source++;
  for (uint32_t *at = __bss_start; at < __bss_end;) *at++ = 0;
  main();
  for (;;) continue;
}

static void fault(void) {
  for (;;) continue;
}

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    __stack_top, (void *)reset, (void *)fault, (void *)fault, 0, 0, 0, 0, 0, 0, 0, (void *)fault, 0, 0,
    (void *)fault, (void *)fault,
};
