/**
 * The core as a value: one type for its two builds, the WebAssembly module and its JavaScript twin.
 *
 * Both are made from assembly/index.ts, where every call is documented; here is only what both have in common: the
 * functions, the getters of getters.ts, and the bytes of the memory that they work on.
 */
import type * as exports from "../../assembly/index.ts";
import type { Getters } from "./getters.ts";

/** Every function that assembly/index.ts exports; arguments and answers are 32-bit integers. */
export type CoreCalls = {
  [Name in keyof typeof exports as (typeof exports)[Name] extends (...args: never[]) => unknown
    ? Name
    : never]: (typeof exports)[Name];
};

export interface Core extends CoreCalls, Getters {
  /** The whole memory. Fixed for the life of the core: it never grows. */
  readonly bytes: Uint8Array;
}

/** Where the record of the first client may begin; what is below is never used, so that no address is 0. */
export const FIRST_ADDRESS = 16;
