/**
 * AUTH and DISCONNECT as a host of MQTT 5.0 writes them, with a reason code and properties: sections 3.14 and 3.15.
 *
 * They stand behind CONNECT in its region, one at a time, and leave before what waits in the outbox. DISCONNECT leaves
 * when `disconnect` is called, and instead of the one without properties.
 */
import { ASIDE, COMPOSED_END, CONNECT_PACKET, LEAVING, LEAVING_SIZE, RECEIVE, STATE } from "../layout.ts";
import { FULL, MISUSE_PROPERTIES, MISUSE_RANGE, MISUSE_STATE, MISUSE_TOO_LARGE, OK } from "../status.ts";
import { AUTH, bodyAt, DISCONNECT, packetEnd, sizeWithHeader, writeHeader } from "../wire/header.ts";
import { blockEnd, IN_AUTH, IN_DISCONNECT_SENT, numberOf, SESSION_EXPIRY } from "../wire/property.ts";
import { isOwnMethod, ownLimit } from "./limits.ts";
import { leave } from "./outbound.ts";
import { CONNECTED, CONNECTING, DISCONNECTING } from "./transitions.ts";
import { isFive } from "./version.ts";

/** Reason codes of a client's AUTH: it goes on, or begins again. */
const CONTINUE: i32 = 0x18;

/** Where the packet stands: behind CONNECT. */
function asideAt(client: i32): i32 {
  return packetEnd(i32.load(client + CONNECT_PACKET));
}

/**
 * Composes DISCONNECT (`type` 14) or AUTH (15) with `size` bytes behind the fixed header, at least 2: the reason code and the
 * properties, as on the wire. Answers where they go; MISUSE_STATE where there is no connection of 5.0, MISUSE_RANGE, FULL while
 * another is waiting, or MISUSE_TOO_LARGE for the room behind CONNECT.
 */
export function compose(client: i32, type: i32, size: i32): i32 {
  const state: i32 = i32.load8_u(client + STATE);
  if (isFive(client) === 0 || (state !== CONNECTED && state !== CONNECTING)) return MISUSE_STATE;
  const at: i32 = asideAt(client);
  if ((type !== AUTH && type !== DISCONNECT) || size < 2 || size >> 16 !== 0) return MISUSE_RANGE;
  const end: i32 = at + sizeWithHeader(size);
  const leaving: i32 = i32.load(client + LEAVING);
  const isBusy: i32 = leaving >= at && leaving < i32.load(client + RECEIVE) ? i32.load(client + LEAVING_SIZE) : 0;
  if (i32.load(client + ASIDE) !== 0 || isBusy !== 0) return FULL;
  if (end > i32.load(client + RECEIVE)) return MISUSE_TOO_LARGE;
  i32.store(client + COMPOSED_END, end);
  return writeHeader(at, type << 4, size);
}

/** Puts it in force. Answers OK; MISUSE_RANGE for a reason code that a client has not, or MISUSE_PROPERTIES. */
export function commitAside(client: i32): i32 {
  const at: i32 = asideAt(client);
  const end: i32 = packetEnd(at);
  const isAuth: i32 = i32.load8_u(at) >> 4 === AUTH ? 1 : 0;
  const body: i32 = bodyAt(at);
  const code: i32 = i32.load8_u(body);
  // [MQTT-3.15.2-1], [MQTT-3.14.2-1]: of those below 0x80 only 0 and 4.
  if (isAuth !== 0 ? code >> 1 !== CONTINUE >> 1 : code < 0x80 && (code & ~4) !== 0) return MISUSE_RANGE;
  const block: i32 = body + 1;
  if (blockEnd(block, end, isAuth !== 0 ? IN_AUTH : IN_DISCONNECT_SENT) !== end) return MISUSE_PROPERTIES;
  if (isAuth !== 0) {
    // [MQTT-4.12.0-5], [MQTT-4.12.1-1]
    if (isOwnMethod(client, block) !== 1) return MISUSE_PROPERTIES;
  } else if (ownLimit(client, SESSION_EXPIRY, 0) === 0 && numberOf(block, SESSION_EXPIRY, 0) !== 0) {
    // Section 3.14.2.2.2: a session that was to end with the connection cannot be kept.
    return MISUSE_PROPERTIES;
  }
  i32.store(client + ASIDE, at);
  return OK;
}

/** Whether a DISCONNECT of the host's is there to leave, 1 or 0; an AUTH that has not begun to leave is dropped. */
export function keepsFarewell(client: i32): i32 {
  const at: i32 = i32.load(client + ASIDE);
  if (at !== 0 && i32.load8_u(at) >> 4 === DISCONNECT) return 1;
  i32.store(client + ASIDE, 0);
  return 0;
}

/** Bytes of what may leave now, which begins to; 0 for none. */
export function leaveAside(client: i32): i32 {
  const at: i32 = i32.load(client + ASIDE);
  if (at === 0 || (i32.load8_u(at) >> 4 === DISCONNECT && i32.load8_u(client + STATE) < DISCONNECTING)) return 0;
  i32.store(client + ASIDE, 0);
  leave(client, at, packetEnd(at) - at);
  return packetEnd(at) - at;
}
