/*
 * The module in WAMR (wasm-micro-runtime 2.2), interpreted. WAMR writes into the bytes of a module, so they are copied out of the
 * flash, aligned; everything else comes from one pool, so that a board knows what it spends. WAMR cuts
 * the page of memory down to __heap_base, where the core's clients begin, and adds the heap that it is asked for: that is the
 * client's room. Nobody allocates from it, so what WAMR writes there at the start may be overwritten.
 */
#include "board.h"
#include "calls.h"
#include "module.h"
#include "wasm_export.h"
#include <string.h>

#ifndef PERIGEE_WAMR_POOL
#define PERIGEE_WAMR_POOL (96 * 1024)
#endif
#ifndef PERIGEE_MODULE_MAX
#define PERIGEE_MODULE_MAX (24 * 1024)
#endif
#define STACK_SIZE 4096

uint8_t *perigee_memory;

static uint32_t pool[PERIGEE_WAMR_POOL / 4], bytes[PERIGEE_MODULE_MAX / 4];
static wasm_exec_env_t environment;
static wasm_module_inst_t instance;

static wasm_function_inst_t functions[CALL_COUNT];

/* Arguments go in and the answer comes out in the same words. */
static int32_t call(int index, uint32_t count, uint32_t *words) {
  if (!wasm_runtime_call_wasm(environment, functions[index], count, words)) board_halt(wasm_runtime_get_exception(instance));
  return (int32_t)words[0];
}

#define WORDS_1 (uint32_t)a
#define WORDS_2 WORDS_1, (uint32_t)b
#define WORDS_3 WORDS_2, (uint32_t)c
#define WORDS_4 WORDS_3, (uint32_t)d
#define WORDS_5 WORDS_4, (uint32_t)e
#define ANSWERS(count, name, export)                   \
  int32_t perigee_##name(PERIGEE_PARAMETERS_##count) { \
    uint32_t words[] = {WORDS_##count};                \
    return call(INDEX_##name, count, words);           \
  }
#define SILENT(count, name, export)                    \
  void perigee_##name(PERIGEE_PARAMETERS_##count) {    \
    uint32_t words[] = {WORDS_##count};                \
    call(INDEX_##name, count, words);                  \
  }
PERIGEE_CALLS(ANSWERS, SILENT)

const char *engine_start(void) {
  static char fault[80];
  RuntimeInitArgs settings;
  uint32_t size;
  const uint8_t *source = board_module(&size);
  if (size > sizeof bytes) return "module: larger than PERIGEE_MODULE_MAX";
  memcpy(bytes, source, size);
  memset(&settings, 0, sizeof settings);
  settings.mem_alloc_type = Alloc_With_Pool;
  settings.mem_alloc_option.pool.heap_buf = pool;
  settings.mem_alloc_option.pool.heap_size = sizeof pool;
  if (!wasm_runtime_full_init(&settings)) return "module: WAMR does not start";
  wasm_module_t module = wasm_runtime_load((uint8_t *)bytes, size, fault, sizeof fault);
  if (module == 0) return fault;
  instance = wasm_runtime_instantiate(module, STACK_SIZE, PERIGEE_MEMORY_SIZE, fault, sizeof fault);
  if (instance == 0) return fault;
  environment = wasm_runtime_create_exec_env(instance, STACK_SIZE);
  if (environment == 0) return "module: no memory for WAMR's stack";
  for (int i = 0; i < CALL_COUNT; i++) {
    functions[i] = wasm_runtime_lookup_function(instance, wanted[i].name);
    if (functions[i] != 0 && wasm_func_get_param_count(functions[i], instance) == wanted[i].count) continue;
    board_say("module of another version, its call", wanted[i].name);
    return "module: its calls are not those of perigee.h";
  }
  if (!wasm_runtime_validate_app_addr(instance, 0, PERIGEE_MEMORY_SIZE)) return "module: its memory is too small";
  perigee_memory = wasm_runtime_addr_app_to_native(instance, 0);
  return 0;
}
