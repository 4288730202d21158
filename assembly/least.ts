/**
 * The lesser of two numbers, for which WebAssembly has no instruction on integers.
 */

export function least(a: i32, b: i32): i32 {
  return a < b ? a : b;
}
