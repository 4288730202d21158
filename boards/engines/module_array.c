/* The module as an array in flash. */
#include "module.h"
#include "perigee_wasm.h"

const uint8_t *board_module(uint32_t *size) {
  *size = PERIGEE_WASM_SIZE;
  return perigee_wasm;
}
