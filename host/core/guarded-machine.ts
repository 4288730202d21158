/**
 * The machine under the guarded JavaScript build: the instructions of host/core/machine.ts, each checked first.
 *
 * It throws on an access outside the regions that a test has declared, on a read of a byte that nobody wrote, and on a value
 * that is no 32-bit integer. Both plain builds let an off-by-one inside the memory pass; this one does not.
 */
import type { Guard } from "./guard.ts";

declare const bytes: Uint8Array;
declare const words: DataView;
declare const guard: Guard;

function integer(value: number): void {
  if (value !== (value | 0)) throw new RangeError(`not a 32-bit integer: ${value}`);
}

function load8(at: number): number {
  guard.read(at, 1);
  return bytes[at];
}

function store8(at: number, value: number): void {
  integer(value);
  guard.write(at, 1);
  bytes[at] = value;
}

function load(at: number): number {
  guard.read(at, 4);
  return words.getInt32(at, true);
}

function store(at: number, value: number): void {
  integer(value);
  guard.write(at, 4);
  words.setInt32(at, value, true);
}

function copy(target: number, source: number, size: number): void {
  guard.copy(target, source, size);
  bytes.copyWithin(target, source, source + size);
}

function fill(target: number, value: number, size: number): void {
  integer(value);
  guard.write(target, size);
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
