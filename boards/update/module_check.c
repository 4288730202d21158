/*
 * A module ends with a custom section "perigee" that holds PERIGEE_INTERFACE: a number that is another for any other list of calls
 * or place of a field. It is the last section, so that a module that was cut off anywhere lacks it. Nothing here
 * looks into the other sections: that is the engine's, and the SHA-256's.
 *
 * WebAssembly core specification, section 5.5: the preamble, then sections of an id, a size (LEB128) and so many bytes.
 */
#include "module_check.h"
#include "module_flash.h"
#include "perigee.h"
#include <string.h>

#define PREAMBLE_SIZE 8u
#define SECTION_MAX 6u /* an id, and a size of at most five bytes */
#define BLANK 0xffu

/* Answers how many bytes the number takes, or 0 where it is none. */
static uint32_t read_size(const uint8_t *bytes, uint32_t count, uint32_t *value) {
  *value = 0;
  for (uint32_t i = 0; i < count; i++) {
    *value |= (uint32_t)(bytes[i] & 0x7f) << 7 * i;
    if (bytes[i] < 0x80) return i + 1;
  }
  return 0;
}

const char *module_check(uint32_t at, uint32_t limit, uint32_t *size) {
  static const uint8_t preamble[PREAMBLE_SIZE] = {0, 'a', 's', 'm', 1, 0, 0, 0}, name[] = "\7perigee";
  uint8_t bytes[12];
  int is_interface = 0, is_another = 0;
  uint32_t position = PREAMBLE_SIZE;
  if (limit < PREAMBLE_SIZE || module_flash_read(at, bytes, PREAMBLE_SIZE) != 0 || memcmp(bytes, preamble, sizeof preamble) != 0)
    return "it is no WebAssembly module";
  while (position < limit) {
    uint32_t count = limit - position < SECTION_MAX ? limit - position : SECTION_MAX, body;
    if (module_flash_read(at + position, bytes, count) != 0) return "the flash cannot be read";
    if (bytes[0] == BLANK) break;
    uint32_t width = read_size(bytes + 1, count - 1, &body);
    if (width == 0 || body > limit - position - 1 - width) return "it is cut short";
    position += 1 + width;
    is_interface = is_another = 0;
    if (bytes[0] == 0 && body == sizeof bytes) {
      if (module_flash_read(at + position, bytes, sizeof bytes) != 0) return "the flash cannot be read";
      uint32_t number = bytes[8] | (uint32_t)bytes[9] << 8 | (uint32_t)bytes[10] << 16 | (uint32_t)bytes[11] << 24;
      is_another = memcmp(bytes, name, 8) == 0;
      is_interface = is_another && number == PERIGEE_INTERFACE;
    }
    position += body;
  }
  *size = position;
  if (is_interface) return 0;
  return is_another ? "it is of another ABI version than this firmware" : "it is cut short, or none of build/boards/";
}
