/** Payloads that say which message they are, and whose every byte follows from that. */
import { Buffer } from "node:buffer";

/** How much stands behind the identifier, bytes; it differs from message to message. */
const FILLING_MAX = 120;

/** The identifier, and filling that depends on it. */
export function payloadOf(id: string): Buffer {
  let sum = 0;
  for (let index = 0; index < id.length; index += 1) sum = (sum * 31 + id.charCodeAt(index)) % 100_003;
  return Buffer.from(`${id} ${"0123456789".repeat(12).slice(0, sum % FILLING_MAX)}`);
}

/** Which message a payload says that it is, and whether it is that one byte for byte. */
export function readPayload(payload: Uint8Array): { id: string; isDamaged: boolean } {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const id = bytes.toString().split(" ", 1)[0];
  return { id, isDamaged: payload.length > 0 && !payloadOf(id).equals(bytes) };
}
