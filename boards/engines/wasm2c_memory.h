/*
 * Memory access of the generated code, for small processors. The build puts this where wasm2c's own definitions stand, which
 * compare in 64 bits with a size in memory, and put every word together from bytes.
 *
 * The size is a constant, so the comparison folds with the offset. What an access does that fails stands in one function that
 * does not return and is never inlined: so each check is a compare and a jump, and a check that an earlier one implies is none.
 *
 * A Cortex-M0+ faults on a word at an address that is no multiple of 4. The fields of a client are words of a record that
 * stands at such a multiple, as `initialize` asks, and are told from the bytes of packets by their offset: there a base between
 * words is a fault too. A word of a packet is loaded as a word where it happens to be one, else by bytes.
 */
static uint32_t memory[(PERIGEE_MEMORY_SIZE + 3) / 4];
#define MEMORY_BYTES ((uint8_t *)memory)

static __attribute__((noinline, noreturn, cold)) void access_fault(void) {
  board_halt("core: access beyond its memory, or a field between its words");
  for (;;) continue;
}

static __attribute__((noinline, cold)) uint32_t load_unaligned(const uint8_t *byte) {
  return byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;
}

static __attribute__((noinline, cold)) void store_unaligned(uint8_t *byte, uint32_t value) {
  for (int i = 0; i < 4; i++, value >>= 8) byte[i] = (uint8_t)value;
}

#undef RANGE_CHECK
#define RANGE_CHECK(mem, offset, size) \
  if (UNLIKELY((uint64_t)(offset) > PERIGEE_MEMORY_SIZE || (size) > PERIGEE_MEMORY_SIZE - (uint32_t)(offset))) access_fault()

/* The build has split what wasm2c adds up: `base` is a value of the program, `offset` a constant of the instruction. */
#define CHECK(type, base, offset)                                                                     \
  if (UNLIKELY((base) > PERIGEE_MEMORY_SIZE - sizeof(type) - (offset))) access_fault();               \
  if (sizeof(type) == 4 && IS_FIELD(offset) && UNLIKELY((base) % 4 != 0)) access_fault()

/* The words of a packet that the core reads and writes as such stand at its start, and at 3 and 4 behind it. */
#define IS_FIELD(offset) ((offset) >= 8 && (offset) % 4 == 0)

/* Of the base alone, so that one test serves every field of a record. */
#define IS_ALIGNED(base, offset) (IS_FIELD(offset) || ((offset) % 4 == 0 && LIKELY((base) % 4 == 0)))

#undef DEFINE_LOAD
#define DEFINE_LOAD(name, t1, t2, t3)                                                                        \
  static inline t3 name(u32 base, u32 offset) {                                                              \
    t1 result;                                                                                               \
    CHECK(t1, base, offset);                                                                                 \
    const uint8_t *at = MEMORY_BYTES + base + offset;                                                        \
    if (sizeof(t1) != 4) wasm_rt_memcpy(&result, at, sizeof(t1));                                            \
    else if (IS_ALIGNED(base, offset)) wasm_rt_memcpy(&result, __builtin_assume_aligned(at, 4), sizeof(t1)); \
    else result = (t1)load_unaligned(at);                                                                    \
    return (t3)(t2)result;                                                                                   \
  }

#undef DEFINE_STORE
#define DEFINE_STORE(name, t1, t2)                                                                           \
  static inline void name(u32 base, u32 offset, t2 value) {                                                  \
    t1 wrapped = (t1)value;                                                                                  \
    CHECK(t1, base, offset);                                                                                 \
    uint8_t *at = MEMORY_BYTES + base + offset;                                                              \
    if (sizeof(t1) != 4) wasm_rt_memcpy(at, &wrapped, sizeof(t1));                                           \
    else if (IS_ALIGNED(base, offset)) wasm_rt_memcpy(__builtin_assume_aligned(at, 4), &wrapped, sizeof(t1)); \
    else store_unaligned(at, (uint32_t)value);                                                               \
  }
