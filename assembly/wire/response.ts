/**
 * What a server of MQTT 5.0 sends but PUBLISH: sections 3.2, 3.4 to 3.7, 3.9, 3.11 and 3.13 to 3.15.
 *
 * All have the same parts in the same order, of which each has some: flags or an identifier, a reason code, properties, and in SUBACK
 * and UNSUBACK a code for each filter. What ends early may leave out properties, and the reason code 0 with them.
 */
import { readU16 } from "../bytes.ts";
import {
  MALFORMED_CONNACK_FLAGS,
  MALFORMED_CONNACK_SESSION,
  MALFORMED_ID,
  MALFORMED_SIZE,
  UNEXPECTED_REASON,
} from "../status.ts";
import { SESSION_PRESENT } from "./answer.ts";
import { AUTH, CONNACK, DISCONNECT, PINGRESP, SUBACK, UNSUBACK } from "./header.ts";
import { blockEnd, IN_ANSWER, IN_AUTH, IN_CONNACK, IN_DISCONNECT } from "./property.ts";
import { VIEW_CODE, VIEW_PROPERTIES } from "./publish.ts";
import { mayCarry } from "./reason.ts";

/** The return code with which a server of 3.1.1 refuses the protocol version, in a CONNACK without properties. */
const UNACCEPTABLE_VERSION: i32 = 1;

/** Properties that `type` may have. */
function allowedIn(type: i32): i32 {
  if (type === CONNACK) return IN_CONNACK;
  if (type === DISCONNECT) return IN_DISCONNECT;
  return type === AUTH ? IN_AUTH : IN_ANSWER;
}

/**
 * The number in the packet of `type` with its body from `body` to `end`: of CONNACK 0x100 where the server has the session,
 * else the identifier, or 0 where there is none; or what is wrong. Into the view go the reason code and the address of the
 * properties, 0 for none; of SUBACK and UNSUBACK the last code, all of which are the bytes behind the properties.
 */
export function readResponse(type: i32, body: i32, end: i32, view: i32): i32 {
  let answer: i32 = 0;
  let at: i32 = body;
  let code: i32 = 0;
  i32.store(view + VIEW_PROPERTIES, 0);
  if (type < DISCONNECT && type !== PINGRESP) {
    at = type === CONNACK ? body + 1 : body + 2;
    if (at > end) return MALFORMED_SIZE;
    if (type === CONNACK) {
      answer = i32.load8_u(body) << 8;
      // [MQTT-3.2.2-1]
      if (answer > SESSION_PRESENT) return MALFORMED_CONNACK_FLAGS;
    } else {
      answer = readU16(body);
      // [MQTT-2.2.1-5]
      if (answer === 0) return MALFORMED_ID;
    }
  }
  const isList: i32 = type === SUBACK || type === UNSUBACK ? 1 : 0;
  if (isList === 0 && type !== PINGRESP) {
    if (at < end) {
      code = i32.load8_u(at);
      at += 1;
    } else if (type === CONNACK) return MALFORMED_SIZE;
    // A server of 3.1.1 knows no other form.
    if (type === CONNACK && at === end && (answer | code) === UNACCEPTABLE_VERSION) {
      i32.store(view + VIEW_CODE, code);
      return answer;
    }
    if (mayCarry(type, code) === 0) return UNEXPECTED_REASON;
  }
  if (type === CONNACK || isList !== 0 || at < end) {
    if (type === PINGRESP) return MALFORMED_SIZE;
    i32.store(view + VIEW_PROPERTIES, at);
    at = blockEnd(at, end, allowedIn(type));
    if (at < 0) return at;
  }
  // [MQTT-3.2.2-6]
  if (code !== 0 && answer === SESSION_PRESENT && type === CONNACK) return MALFORMED_CONNACK_SESSION;
  if (isList === 0 ? at !== end : at === end) return MALFORMED_SIZE;
  for (; at < end; at++) {
    code = i32.load8_u(at);
    if (mayCarry(type, code) === 0) return UNEXPECTED_REASON;
  }
  i32.store(view + VIEW_CODE, code);
  return answer;
}
