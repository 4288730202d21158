/* Reset: the stack painted (so that main.c can tell how deep it went), the data copied, the rest zero; then main. */
  .option arch, +zicsr
  .section .start, "ax"
  .globl _start
_start:
  la sp, __stack_top
  la t0, __bss_end
  li t1, 0x5a5a5a5a
1:
  sw t1, 0(t0)
  addi t0, t0, 4
  bltu t0, sp, 1b
  la t0, __data_start
  la t1, __data_end
  la t2, __data_source
  j 3f
2:
  lw t3, 0(t2)
  sw t3, 0(t0)
  addi t0, t0, 4
  addi t2, t2, 4
3:
  bltu t0, t1, 2b
  la t0, __bss_start
  la t1, __bss_end
  j 5f
4:
  sw zero, 0(t0)
  addi t0, t0, 4
5:
  bltu t0, t1, 4b
  la t0, trap
  csrw mtvec, t0
  call main
  j .

/* An exception: its cause goes to board_trap. */
  .align 2
trap:
  csrr a0, mcause
  call board_trap
  j .

/* a0 is the operation, a1 its argument: the three instructions that QEMU knows as a call for the debugger. */
  .globl semihost
  .align 4
  .option push
  .option norvc
semihost:
  slli zero, zero, 0x1f
  ebreak
  srai zero, zero, 7
  ret
  .option pop
