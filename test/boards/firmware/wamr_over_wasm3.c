/*
 * WAMR's interface over wasm3, of as much as boards/engines/wamr.c calls: so that its own C runs, arguments, answers and refusals, where
 * WAMR cannot be had. WAMR's promises that wamr.c relies on are kept here: the memory is __heap_base and the
 * heap that was asked for, words go in and come out in one array.
 */
#include "wasm_export.h"
#include "m3_env.h"
#include "wasm3.h"
#include <stdio.h>
#include <string.h>

#define HEAP_BASE 16

static IM3Environment environment;
static IM3Runtime runtime;
static const char *exception;

bool wasm_runtime_full_init(RuntimeInitArgs *init_args) {
  const uintptr_t pool = (uintptr_t)init_args->mem_alloc_option.pool.heap_buf;
  return init_args->mem_alloc_type == Alloc_With_Pool && pool % 4 == 0 && init_args->mem_alloc_option.pool.heap_size >= 24 * 1024;
}

wasm_module_t wasm_runtime_load(uint8_t *buf, uint32_t size, char *error_buf, uint32_t error_buf_size) {
  IM3Module module;
  environment = m3_NewEnvironment();
  M3Result fault = m3_ParseModule(environment, &module, buf, size);
  if (fault != m3Err_none) snprintf(error_buf, error_buf_size, "WASM module load failed: %s", fault);
  return fault == m3Err_none ? (wasm_module_t)module : 0;
}

wasm_module_inst_t wasm_runtime_instantiate(const wasm_module_t module, uint32_t default_stack_size,
                                            uint32_t host_managed_heap_size, char *error_buf, uint32_t error_buf_size) {
  runtime = m3_NewRuntime(environment, default_stack_size * 2, 0);
  runtime->memoryLimit = HEAP_BASE + host_managed_heap_size;
  M3Result fault = m3_LoadModule(runtime, (IM3Module)module);
  if (fault != m3Err_none) snprintf(error_buf, error_buf_size, "WASM module instantiate failed: %s", fault);
  return fault == m3Err_none ? (wasm_module_inst_t)runtime : 0;
}

wasm_exec_env_t wasm_runtime_create_exec_env(wasm_module_inst_t module_inst, uint32_t stack_size) {
  return stack_size > 0 ? (wasm_exec_env_t)module_inst : 0;
}

wasm_function_inst_t wasm_runtime_lookup_function(const wasm_module_inst_t module_inst, const char *name) {
  IM3Function function;
  return m3_FindFunction(&function, (IM3Runtime)module_inst, name) == m3Err_none ? function : 0;
}

uint32_t wasm_func_get_param_count(const wasm_function_inst_t func_inst, const wasm_module_inst_t module_inst) {
  return (void)module_inst, m3_GetArgCount(func_inst);
}

bool wasm_runtime_call_wasm(wasm_exec_env_t exec_env, wasm_function_inst_t function, uint32_t argc, uint32_t argv[]) {
  const void *arguments[8], *results[1];
  uint32_t answer;
  for (uint32_t i = 0; i < argc; i++) arguments[i] = &argv[i];
  exception = m3_Call(function, argc, arguments);
  results[0] = &answer;
  if (exec_env == 0 || exception != m3Err_none) return false;
  if (m3_GetRetCount(function) == 1) exception = m3_GetResults(function, 1, results), argv[0] = answer;
  return exception == m3Err_none;
}

const char *wasm_runtime_get_exception(wasm_module_inst_t module_inst) { return (void)module_inst, exception; }

bool wasm_runtime_validate_app_addr(wasm_module_inst_t module_inst, uint64_t app_offset, uint64_t size) {
  uint32_t memory_size = 0;
  m3_GetMemory((IM3Runtime)module_inst, &memory_size, 0);
  return app_offset + size <= memory_size;
}

void *wasm_runtime_addr_app_to_native(wasm_module_inst_t module_inst, uint64_t app_offset) {
  uint32_t memory_size;
  return m3_GetMemory((IM3Runtime)module_inst, &memory_size, 0) + app_offset;
}
