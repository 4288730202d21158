/**
 * The second step of a packet with a place in the outbox: PUBLISH, SUBSCRIBE or UNSUBSCRIBE. The host has written topic or list
 * straight into it; here that is checked, and the packet identifier added. MQTT 3.1.1 sections 3.3, 3.8 and 3.10.
 */
import { writeU16 } from "../bytes.ts";
import { MISUSE_TOPIC } from "../status.ts";
import { bodyAt, PUBLISH, packetEnd, SUBSCRIBE } from "./header.ts";
import { countFilters } from "./subscribe.ts";
import { fieldEnd, NAME } from "./text.ts";

/**
 * Checks what the host wrote into the packet at `at` [MQTT-3.3.2-1], [MQTT-3.3.2-2], and writes `id` where that is not 0
 * [MQTT-2.3.1-1], [MQTT-2.3.1-5]. Answers the number of topic filters, 0 in PUBLISH; or MISUSE_TOPIC, or as `countFilters`.
 */
export function seal(at: i32, id: i32): i32 {
  const type: i32 = i32.load8_u(at) >> 4;
  const end: i32 = packetEnd(at);
  let idAt: i32 = bodyAt(at);
  let count: i32 = 0;
  if (type === PUBLISH) {
    idAt = fieldEnd(idAt, end, NAME);
    if (idAt < 0) return MISUSE_TOPIC;
  } else {
    count = countFilters(idAt + 2, end, type === SUBSCRIBE ? 1 : 0);
  }
  if (id !== 0) writeU16(idAt, id);
  return count;
}
