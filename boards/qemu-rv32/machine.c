/* Clock, console, waiting and the end, on QEMU's machine. */
#include "machine.h"
#include "board.h"

extern uint32_t __bss_end[], __stack_top[];

static uint64_t timer(void) {
  uint32_t high, low;
  do {
    high = REGISTER_32(TIMER_NOW + 4);
    low = REGISTER_32(TIMER_NOW);
  } while (high != REGISTER_32(TIMER_NOW + 4));
  return (uint64_t)high << 32 | low;
}

/* The timer's lower half is enough if it is asked every seven minutes: a division of 64 bits costs a kilobyte. */
uint32_t clock_ms(void) {
  static uint32_t ms, counted;
  uint32_t passed = (REGISTER_32(TIMER_NOW) - counted) / 10000;
  counted += passed * 10000;
  return ms += passed;
}

void board_say(const char *what, const char *detail) {
  semihost(SYS_WRITE0, "perigee: ");
  semihost(SYS_WRITE0, what);
  if (*detail != 0) semihost(SYS_WRITE0, ": ");
  semihost(SYS_WRITE0, detail);
  semihost(SYS_WRITE0, "\n");
}

void machine_exit(uint32_t status) {
  const uintptr_t reason[2] = {0x20026 /* the application's own end */, status};
  semihost(SYS_EXIT_EXTENDED, reason);
  for (;;) continue;
}

void board_halt(const char *what) {
  board_say("halts", what);
  machine_exit(70);
}

void board_trap(uint32_t cause) {
  const char code[] = {(char)('0' + cause / 10 % 10), (char)('0' + cause % 10), 0};
  board_say("exception", code);
  machine_exit(71);
}

uint32_t machine_stack_used(void) {
  const uint32_t *at = __bss_end;
  while (*at == 0x5a5a5a5a) at++;
  return (uint32_t)((uintptr_t)__stack_top - (uintptr_t)at);
}

/* Interrupts stay masked: one that is pending only ends the wait. */
void machine_wait(uint32_t ms) {
  uint64_t until = timer() + (uint64_t)ms * 10000;
  REGISTER_32(TIMER_COMPARE + 4) = 0xffffffff;
  REGISTER_32(TIMER_COMPARE) = (uint32_t)until;
  REGISTER_32(TIMER_COMPARE + 4) = (uint32_t)(until >> 32);
  REGISTER_32(INTERRUPTS + 4 * UART_INTERRUPT) = 1;
  REGISTER_32(INTERRUPTS + 0x2000) = 1u << UART_INTERRUPT;
  REGISTER_8(UART + 1) = 1; /* received data interrupts */
  __asm__ volatile(CONTROL("csrw mie, %0\n wfi") ::"r"(1u << 11 | 1u << 7) : "memory");
  uint32_t claimed = REGISTER_32(INTERRUPTS + 0x200004);
  if (claimed != 0) REGISTER_32(INTERRUPTS + 0x200004) = claimed;
}
