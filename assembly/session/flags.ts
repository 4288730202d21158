/**
 * The one byte of flags of a client: the FLAG_ bits of layout.ts.
 */
import { FLAGS } from "../layout.ts";

export function flagsOf(client: i32): i32 {
  return i32.load8_u(client + FLAGS);
}

export function setFlag(client: i32, flag: i32): void {
  i32.store8(client + FLAGS, i32.load8_u(client + FLAGS) | flag);
}

/** Clears every flag in the mask `flags`. */
export function clearFlag(client: i32, flags: i32): void {
  i32.store8(client + FLAGS, i32.load8_u(client + FLAGS) & ~flags);
}
