/*
 * The module in wasm3, 0.5.0 or later. Its bytes stay where they are, in flash; what it makes of them, and the memory, come from
 * malloc. A module that lacks a call, or has it with other parameters, is named and refused. wasm3_compile.c keeps its stack small.
 */
#include "board.h"
#include "calls.h"
#include "module.h"
#include "wasm3.h"
#include "m3_env.h"

/* Slots of 8 bytes for locals and operands of all functions that are active at once. */
#ifndef PERIGEE_WASM3_STACK
#define PERIGEE_WASM3_STACK 1024
#endif

uint8_t *perigee_memory;

static IM3Function functions[CALL_COUNT];

static int32_t call(int index, uint32_t count, const void *arguments[], int answers) {
  uint32_t answer = 0;
  M3Result fault = m3_Call(functions[index], count, arguments);
  const void *results[] = {&answer};
  if (fault == m3Err_none && answers) fault = m3_GetResults(functions[index], 1, results);
  if (fault != m3Err_none) board_halt(fault);
  return (int32_t)answer;
}

#define ADDRESSES_1 &a
#define ADDRESSES_2 ADDRESSES_1, &b
#define ADDRESSES_3 ADDRESSES_2, &c
#define ADDRESSES_4 ADDRESSES_3, &d
#define ADDRESSES_5 ADDRESSES_4, &e
#define ANSWERS(count, name, export)                          \
  int32_t perigee_##name(PERIGEE_PARAMETERS_##count) {        \
    const void *arguments[] = {ADDRESSES_##count};            \
    return call(INDEX_##name, count, arguments, 1);           \
  }
#define SILENT(count, name, export)                           \
  void perigee_##name(PERIGEE_PARAMETERS_##count) {           \
    const void *arguments[] = {ADDRESSES_##count};            \
    call(INDEX_##name, count, arguments, 0);                  \
  }
PERIGEE_CALLS(ANSWERS, SILENT)

const char *engine_start(void) {
  IM3Environment environment = m3_NewEnvironment();
  IM3Runtime runtime = environment == 0 ? 0 : m3_NewRuntime(environment, PERIGEE_WASM3_STACK, 0);
  IM3Module module;
  uint32_t size;
  if (runtime == 0) return "module: no memory for wasm3";
  /* Else a whole page is allocated. */
  runtime->memoryLimit = PERIGEE_MEMORY_SIZE;
  const uint8_t *bytes = board_module(&size);
  M3Result fault = m3_ParseModule(environment, &module, bytes, size);
  if (fault == m3Err_none) fault = m3_LoadModule(runtime, module);
  // Now and here: a function that is compiled when it is first called would need the stack on top of what has called it.
  if (fault == m3Err_none) fault = m3_CompileModule(module);
  if (fault != m3Err_none) return fault;
  for (int i = 0; i < CALL_COUNT; i++) {
    fault = m3_FindFunction(&functions[i], runtime, wanted[i].name);
    if (fault == m3Err_none && m3_GetArgCount(functions[i]) == wanted[i].count) continue;
    board_say("module of another version, its call", wanted[i].name);
    return "module: its calls are not those of perigee.h";
  }
  perigee_memory = m3_GetMemory(runtime, &size, 0);
  return perigee_memory == 0 || size < PERIGEE_MEMORY_SIZE ? "module: its memory is too small" : 0;
}
