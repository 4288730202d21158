/*
 * The core as plain C: one thin function for each call of perigee.h, over what wasm2c made of the module. The build puts
 * the generated code before this file, so that the compiler sees through the calls; the names that wasm2c 1.0.32 gives
 * (Z_perigee...) are known here and nowhere else.
 */
static Z_perigee_instance_t instance;
uint8_t *perigee_memory = MEMORY_BYTES;

#define ARGUMENTS_1 (uint32_t)a
#define ARGUMENTS_2 ARGUMENTS_1, (uint32_t)b
#define ARGUMENTS_3 ARGUMENTS_2, (uint32_t)c
#define ARGUMENTS_4 ARGUMENTS_3, (uint32_t)d
#define ARGUMENTS_5 ARGUMENTS_4, (uint32_t)e
#define ANSWERS(count, name, export) \
  int32_t perigee_##name(PERIGEE_PARAMETERS_##count) { return (int32_t)Z_perigeeZ_##export(&instance, ARGUMENTS_##count); }
#define SILENT(count, name, export) \
  void perigee_##name(PERIGEE_PARAMETERS_##count) { Z_perigeeZ_##export(&instance, ARGUMENTS_##count); }
PERIGEE_CALLS(ANSWERS, SILENT)

const char *engine_start(void) {
  Z_perigee_init_module();
  Z_perigee_instantiate(&instance);
  return 0;
}
