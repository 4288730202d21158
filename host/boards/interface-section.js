/**
 * The ABI number behind a module, as its last section, where boards/update/module_check.c looks for it. Engines pass over it: a
 * custom section, WebAssembly core specification, section 5.5.3.
 */

/** A section of fewer than 128 bytes: id 0, its size, the size of its name, its name, what it holds. */
const section = (name, body) => [0, 1 + name.length + body.length, name.length, ...Buffer.from(name), ...body];

/** @param {Uint8Array} module @param {string} header the perigee.h of the same module @returns {Buffer} */
export function withInterface(module, header) {
  const [, number] = /^#define PERIGEE_INTERFACE (0x[0-9a-f]{8})u$/m.exec(header) ?? [];
  if (number === undefined) throw new Error("perigee.h has no PERIGEE_INTERFACE");
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(Number(number));
  return Buffer.concat([module, Buffer.from(section("perigee", bytes))]);
}
