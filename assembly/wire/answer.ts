/**
 * What a server sends but PUBLISH: a number of two bytes and nothing else (CONNACK, the acknowledgements, PUBREL), in SUBACK with
 * a code a filter behind it, in PINGRESP not even the number. MQTT 3.1.1 sections 3.2, 3.4 to 3.7, 3.9, 3.11 and 3.13.
 */
import { readU16 } from "../bytes.ts";
import {
  MALFORMED_CONNACK_CODE,
  MALFORMED_CONNACK_FLAGS,
  MALFORMED_CONNACK_SESSION,
  MALFORMED_ID,
  MALFORMED_SIZE,
  MALFORMED_SUBACK_CODE,
} from "../status.ts";
import { CONNACK, PINGRESP, SUBACK } from "./header.ts";

/** The flag of section 3.2.2.2, before the return code of CONNACK. */
export const SESSION_PRESENT: i32 = 0x100;

/** The largest return code of CONNACK that is defined, "not authorized": table 3.1. */
const CODE_MAX: i32 = 5;

/** The code with which a server refuses a filter, section 3.9.3. */
const SUBACK_FAILURE: i32 = 0x80;

/**
 * The number in the packet of `type` with its body from `body` to `end`, or what is malformed. Of CONNACK it is the flags and
 * the return code, of PINGRESP 0, of all others the identifier, 1 to 65,535.
 */
export function readAnswer(type: i32, body: i32, end: i32): i32 {
  const codes: i32 = type === PINGRESP ? body : body + 2;
  if (type === SUBACK ? codes >= end : codes !== end) return MALFORMED_SIZE;
  if (type === PINGRESP) return 0;
  const answer: i32 = readU16(body);
  if (type === CONNACK) {
    // Bits 7 to 1 of the flags are reserved, section 3.2.2.1.
    if (answer > (SESSION_PRESENT | 0xff)) return MALFORMED_CONNACK_FLAGS;
    if ((answer & 0xff) > CODE_MAX) return MALFORMED_CONNACK_CODE;
    // [MQTT-3.2.2-4]
    return answer > SESSION_PRESENT ? MALFORMED_CONNACK_SESSION : answer;
  }
  // [MQTT-2.3.1-1]
  if (answer === 0) return MALFORMED_ID;
  for (let at: i32 = codes; at < end; at++) {
    const code: i32 = i32.load8_u(at);
    // [MQTT-3.9.3-2]
    if (code > 2 && code !== SUBACK_FAILURE) return MALFORMED_SUBACK_CODE;
  }
  return answer;
}
