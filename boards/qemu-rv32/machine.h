/* What the machine has where: QEMU, hw/riscv/virt.c. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdint.h>

#define REGISTER_8(address) (*(volatile uint8_t *)(uintptr_t)(address))
#define REGISTER_32(address) (*(volatile uint32_t *)(uintptr_t)(address))

#define TIMER_COMPARE 0x02004000u /* two words each: when the timer interrupts, and what it is now, at 10 MHz */
#define TIMER_NOW 0x0200bff8u
#define INTERRUPTS 0x0c000000u
#define UART_INTERRUPT 10u
#define UART 0x10000000u
#define NOR 0x22000000u

/* An instruction on a control register; the name of the processor without them picks the right library. */
#define CONTROL(instruction) ".option push\n.option arch, +zicsr\n" instruction "\n.option pop"

/* Semihosting: SYS_WRITE0 writes a string to QEMU's stderr, SYS_EXIT_EXTENDED ends QEMU. */
#define SYS_WRITE0 0x04u
#define SYS_EXIT_EXTENDED 0x20u
uintptr_t semihost(uintptr_t operation, const void *argument);

_Noreturn void machine_exit(uint32_t status);
/* Bytes of stack that were ever used. */
uint32_t machine_stack_used(void);
/* Waits for the UART or for `ms`. */
void machine_wait(uint32_t ms);

#endif
