/*
 * memcpy, memmove and memset, because the C library of the toolchain moves one byte at a time. Words where both addresses allow,
 * else four bytes a turn; nothing where the target is the source.
 */
#include <stddef.h>
#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) word;

static int both_aligned(const void *a, const void *b) { return (((uintptr_t)a | (uintptr_t)b) & 3) == 0; }

/* Upwards: safe for a target below its source, as each byte is read before it, or one before it, is written. */
static void *copy(void *target, const void *source, size_t size) {
  uint8_t *to = target;
  const uint8_t *from = source;
  if (both_aligned(to, from))
    for (; size >= 4; size -= 4, to += 4, from += 4) *(word *)to = *(const word *)from;
  for (; size >= 4; size -= 4, to += 4, from += 4) {
    uint8_t a = from[0], b = from[1], c = from[2], d = from[3];
    to[0] = a, to[1] = b, to[2] = c, to[3] = d;
  }
  while (size-- > 0) *to++ = *from++;
  return target;
}

void *memcpy(void *restrict target, const void *restrict source, size_t size) { return copy(target, source, size); }

void *memmove(void *target, const void *source, size_t size) {
  if ((uintptr_t)target == (uintptr_t)source) return target;
  if ((uintptr_t)target < (uintptr_t)source || (uintptr_t)target - (uintptr_t)source >= size)
    return copy(target, source, size);
  uint8_t *to = target;
  const uint8_t *from = source;
  while (size-- > 0) to[size] = from[size];
  return target;
}

void *memset(void *target, int value, size_t size) {
  uint8_t *to = target;
  const uint32_t four = (uint8_t)value * 0x01010101u;
  for (; size > 0 && ((uintptr_t)to & 3) != 0; size--) *to++ = (uint8_t)value;
  for (; size >= 4; size -= 4, to += 4) *(word *)to = four;
  while (size-- > 0) *to++ = (uint8_t)value;
  return target;
}
