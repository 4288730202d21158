/*
 * All that generated code needs at run time: a memory of any size below a page, and what happens at a trap. wasm2c's own wants
 * mmap and signals. The build puts this behind the generated code.
 */
bool wasm_rt_is_initialized(void) { return true; }
void wasm_rt_free_memory(wasm_rt_memory_t *m) { (void)m; }

uint32_t wasm_rt_register_func_type(uint32_t params, uint32_t results, ...) {
  (void)params, (void)results;
  return 0;
}

void wasm_rt_allocate_memory(wasm_rt_memory_t *m, uint32_t initial_pages, uint32_t max_pages) {
  *m = (wasm_rt_memory_t){MEMORY_BYTES, initial_pages, max_pages, PERIGEE_MEMORY_SIZE};
}

void wasm_rt_trap(wasm_rt_trap_t code) {
  board_halt(code == WASM_RT_TRAP_OOB ? "core: access beyond its memory" : "core: trap");
  for (;;) continue;
}
