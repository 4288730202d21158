/**
 * The machine under the JavaScript build: the six instructions of assembly/env.d.ts as functions over a Uint8Array.
 *
 * The build (host/build.js) injects them under their dotted names. `bytes` and `words` are not imported: they are what the
 * banner of the bundle binds, `createCore(bytes, words)`, so that every core has a memory of its own and V8 sees plain closures.
 */
declare const bytes: Uint8Array;
declare const words: DataView;

function load8(at: number): number {
  return bytes[at];
}

function store8(at: number, value: number): void {
  bytes[at] = value;
}

function load(at: number): number {
  return words.getInt32(at, true);
}

function store(at: number, value: number): void {
  words.setInt32(at, value, true);
}

function copy(target: number, source: number, size: number): void {
  bytes.copyWithin(target, source, source + size);
}

function fill(target: number, value: number, size: number): void {
  bytes.fill(value, target, target + size);
}

export {
  copy as "memory.copy",
  fill as "memory.fill",
  load as "i32.load",
  load8 as "i32.load8_u",
  store as "i32.store",
  store8 as "i32.store8",
};
