/**
 * The two-byte integer, most significant byte first: MQTT 3.1.1 section 1.5.2.
 */

export function readU16(at: i32): i32 {
  return (i32.load8_u(at) << 8) | i32.load8_u(at + 1);
}

export function writeU16(at: i32, value: i32): void {
  i32.store8(at, value >> 8);
  i32.store8(at + 1, value);
}
