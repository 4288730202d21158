/**
 * Which version of the protocol a client speaks: one byte of its record, and nothing at all in a build that knows one version.
 */
import { ALIASES_LAST, ALIASES_OUT, END, HEAD, LAST_ID, RECEIVE, STATE, TAIL, VERSION } from "../layout.ts";
import { V5 } from "../profile.ts";
import { MISUSE_RANGE, MISUSE_STATE, OK } from "../status.ts";
import { forgetAliases } from "./aliases.ts";
import { fieldsChanged } from "./durability.ts";
import { IDLE } from "./transitions.ts";

/** 1 where the client speaks MQTT 5.0, 0 for 3.1.1. */
export function isFive(client: i32): i32 {
  if (V5 === 0) return 0;
  return i32.load8_u(client + VERSION);
}

/**
 * Speaks the protocol of `level`, 4 for MQTT 3.1.1 (as a new client does) or 5 for 5.0. Answers OK; MISUSE_RANGE; MISUSE_STATE while
 * a connection is wanted, or where the outbox holds packets of the other version.
 */
export function speak(client: i32, level: i32): i32 {
  const version: i32 = level - 4;
  if (version >> 1 !== 0) return MISUSE_RANGE;
  if (i32.load8_u(client + STATE) !== IDLE) return MISUSE_STATE;
  if (version === isFive(client)) return OK;
  if (i32.load(client + HEAD) !== i32.load(client + TAIL)) return MISUSE_STATE;
  i32.store8(client + VERSION, version);
  i32.store(client + LAST_ID, (i32.load(client + LAST_ID) & 0xffff) | (version << 16));
  fieldsChanged(client);
  return OK;
}

/**
 * Takes room for topic aliases from the end of the receive region, bytes: for those of the server 4 and a topic each, for those
 * of the client 7 and a topic each, and 16 more. Once, before anything else. Answers OK; MISUSE_STATE; or MISUSE_RANGE where 32
 * bytes would not be left.
 */
export function aliases(client: i32, inbound: i32, outbound: i32): i32 {
  const end: i32 = i32.load(client + END);
  const room: i32 = end - i32.load(client + RECEIVE) - 32;
  if (i32.load8_u(client + STATE) !== IDLE || i32.load(client + ALIASES_OUT) !== end) return MISUSE_STATE;
  if ((inbound | outbound | (room - inbound) | (room - inbound - outbound)) < 0) return MISUSE_RANGE;
  i32.store(client + ALIASES_LAST, end);
  i32.store(client + ALIASES_OUT, end - outbound);
  i32.store(client + END, end - outbound - inbound);
  forgetAliases(client);
  return OK;
}
