/**
 * CONNACK, MQTT 3.1.1 section 3.2.
 */
import {
  MALFORMED_CONNACK_CODE,
  MALFORMED_CONNACK_FLAGS,
  MALFORMED_CONNACK_SESSION,
  MALFORMED_SIZE,
} from "../status.ts";

/** Set in the answer of `readConnack` where the server has a session. */
export const SESSION_PRESENT: i32 = 0x100;

/** The largest return code that is defined, "not authorized": table 3.1. */
const CODE_MAX: i32 = 5;

/** The return code of the CONNACK with its body from `body` to `end`, with SESSION_PRESENT where it is; or what is malformed. */
export function readConnack(body: i32, end: i32): i32 {
  if (end - body !== 2) return MALFORMED_SIZE;
  const flags: i32 = i32.load8_u(body);
  const code: i32 = i32.load8_u(body + 1);
  // Bits 7 to 1 are reserved, section 3.2.2.1.
  if (flags > 1) return MALFORMED_CONNACK_FLAGS;
  if (code > CODE_MAX) return MALFORMED_CONNACK_CODE;
  // [MQTT-3.2.2-4]
  if (flags === 1 && code !== 0) return MALFORMED_CONNACK_SESSION;
  return flags === 1 ? SESSION_PRESENT : code;
}
