/**
 * The machine that the core is written for, and the fence round it.
 *
 * These declarations are all that the core may use: one integer type, six WebAssembly instructions, and empty stand-ins
 * for the interfaces that TypeScript insists on. With `noLib` and `types: []` a string, an array, `Math` or a class
 * does not type-check. The AssemblyScript compiler has these names built in and never reads this file; the JavaScript
 * build binds them to functions over a Uint8Array (host/core/machine.ts).
 */

type i32 = number;

declare namespace i32 {
  /** The byte at `at`, 0 to 255. */
  export function load8_u(at: i32): i32;
  /** Stores the lowest eight bits of `value` at `at`. */
  export function store8(at: i32, value: i32): void;
  /** The four bytes at `at`, little-endian; `at` need not be aligned. */
  export function load(at: i32): i32;
  /** Stores four bytes at `at`, little-endian; `at` need not be aligned. */
  export function store(at: i32, value: i32): void;
}

declare namespace memory {
  /** Copies `size` bytes; the ranges may overlap. */
  export function copy(target: i32, source: i32, size: i32): void;
  /** Sets `size` bytes from `target` to `value`. */
  export function fill(target: i32, value: i32, size: i32): void;
}

interface Array<T> {
  readonly never?: T;
}
interface Boolean {}
interface CallableFunction {}
interface Function {}
interface IArguments {}
interface NewableFunction {}
interface Number {}
interface Object {}
interface RegExp {}
interface String {}
