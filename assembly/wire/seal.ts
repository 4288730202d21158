/**
 * The second step of a packet with a place in the outbox: PUBLISH, SUBSCRIBE or UNSUBSCRIBE. The host has written topic or list
 * straight into it; here that is checked, and the packet identifier added. MQTT 3.1.1 sections 3.3, 3.8 and 3.10.
 */

import { writeU16 } from "../bytes.ts";
import { ROOM } from "../profile.ts";
import { MISUSE_PROPERTIES, MISUSE_TOPIC } from "../status.ts";
import { bodyAt, PUBLISH, QOS, SUBSCRIBE } from "./header.ts";
import { blockEnd, IN_PUBLISH_SENT, IN_SUBSCRIBE, IN_UNSUBSCRIBE } from "./property.ts";
import { countFilters } from "./subscribe.ts";
import { NAME, textEnd } from "./text.ts";

/**
 * Checks what the host wrote into the packet from `at` to `end` [MQTT-3.3.2-1], [MQTT-3.3.2-2], and writes `id` where that is not 0
 * [MQTT-2.3.1-1], [MQTT-2.3.1-5]. `isFive` is 1 where there are properties. Answers what `countFilters` does, 0 in PUBLISH; or MISUSE_TOPIC
 * or MISUSE_PROPERTIES.
 */
export function seal(at: i32, end: i32, id: i32, isFive: i32): i32 {
  const type: i32 = i32.load8_u(at) >> 4;
  let idAt: i32 = bodyAt(at);
  let count: i32 = 0;
  if (type === PUBLISH) {
    idAt = textEnd(idAt, end, NAME);
    if (idAt < 0) return MISUSE_TOPIC;
    if (isFive !== 0) {
      const block: i32 = (i32.load8_u(at) & QOS) === 0 ? idAt : idAt + 2;
      // Most messages have none.
      if (block >= end) return MISUSE_PROPERTIES;
      if (i32.load8_u(block) !== 0 && blockEnd(block, end, IN_PUBLISH_SENT) < 0) return MISUSE_PROPERTIES;
    }
  } else {
    let list: i32 = idAt + 2;
    if (isFive !== 0) {
      list = blockEnd(list, end, type === SUBSCRIBE ? IN_SUBSCRIBE : IN_UNSUBSCRIBE);
      if (list < 0) return MISUSE_PROPERTIES;
    }
    count = countFilters(list, end, ROOM === 0 || type === SUBSCRIBE ? 1 : 0, isFive);
  }
  if (id !== 0) writeU16(idAt, id);
  return count;
}
