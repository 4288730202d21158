/**
 * The part of Node's crypto that host/client uses, for a browser. There is no store there, so nothing is hashed.
 */
import { Buffer } from "./buffer.ts";

export function randomBytes(size: number): Buffer {
  return crypto.getRandomValues(Buffer.alloc(size));
}

/** A whole number, from `low` to below `high`. */
export function randomInt(low: number, high: number): number {
  const [word] = crypto.getRandomValues(new Uint32Array(1));
  return low + (word % (high - low));
}

export function createHash(): never {
  throw new Error("a page keeps no session");
}

/** What SCRAM needs, which a page has only as promises. */
function absent(): never {
  throw new Error("a page has no SCRAM");
}

export { absent as createHmac, absent as pbkdf2Sync, absent as timingSafeEqual };
