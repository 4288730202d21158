/**
 * Messages that expire while they wait: Message Expiry Interval, MQTT 5.0 section 3.3.2.3.3.
 *
 * The interval in the outbox is always what is left of it, so the bytes there are those to be sent [MQTT-3.3.2-6], and a
 * power cut keeps what was left when they were stored; no clock of a board survives, so the time without power counts for nothing
 * unless the host knows it and calls `age`. Nothing left makes a message leave no more, and session/limits.ts ends it.
 */

import { readU16, writeU16 } from "../bytes.ts";
import { CLOCK } from "../layout.ts";
import { PUBLISH, packetEnd } from "../wire/header.ts";
import { findProperty, MESSAGE_EXPIRY } from "../wire/property.ts";
import { outboxChanged } from "./durability.ts";
import { blockOf } from "./limits.ts";
import { isCursorLeaving } from "./outbound.ts";
import { cursorAt, headAt, tailAt } from "./outbox.ts";
import { isFive } from "./version.ts";

const SECOND: i32 = 1000;
const LONG: i32 = 1_000_000;

/** Tells the time. Call it before a message that expires is composed: `nextEvent` does the same. */
export function tick(client: i32, now: i32): void {
  let elapsed: i32 = (now - i32.load(client + CLOCK)) | 0;
  let seconds: i32 = 0;
  for (; elapsed >= LONG; elapsed -= LONG) seconds += 1000;
  for (; elapsed >= SECOND; elapsed -= SECOND) seconds += 1;
  i32.store(client + CLOCK, elapsed < 0 ? now : (now - elapsed) | 0);
  if (seconds > 0) age(client, seconds);
}

/** `seconds` have passed for the messages in the outbox. Those of 3.1.1 have no interval: a payload that reads like one is left alone. */
export function age(client: i32, seconds: i32): void {
  if (isFive(client) === 0) return;
  for (let at: i32 = headAt(client); at < tailAt(client); at = packetEnd(at)) {
    // What is leaving has to leave as it is.
    const isLeaving: i32 = at === cursorAt(client) ? isCursorLeaving(client) : 0;
    const value: i32 =
      i32.load8_u(at) >> 4 !== PUBLISH || isLeaving !== 0 ? 0 : findProperty(blockOf(at), MESSAGE_EXPIRY);
    if (value !== 0) {
      const before: i32 = (readU16(value) << 16) | readU16(value + 2);
      // Above 0x7fff_ffff, 68 years, it reads as negative.
      const left: i32 = before >= 0 && before < seconds ? 0 : (before - seconds) | 0;
      writeU16(value, left >> 16);
      writeU16(value + 2, left);
      outboxChanged(client, value, value + 4);
    }
  }
}
