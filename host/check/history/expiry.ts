/**
 * Message expiry, section 3.3.2.3.3: what is sent is what is left, and what has nothing left is not sent.
 */
import type { Broken } from "./event.ts";
import type { Ledger } from "./ledger.ts";

/** Whole seconds are sent, rounded either way; and what has been written may have to wait for the server's disk. */
const ROUNDING_MS = 1500;

export function checkExpiry(ledger: Ledger): Broken[] {
  const broken: Broken[] = [];
  const connections = new Map(ledger.connections.map(connection => [connection.connection, connection]));
  for (const event of ledger.received) {
    const message = ledger.messages.get(event.id);
    if (message === undefined || message.isWill) continue;
    const fault = (text: string) =>
      broken.push({
        promise: "message expiry [MQTT-3.3.2-5, 3.3.2-6]",
        text: `${event.client} received ${event.id} at ${event.atMs} ms: ${text}`,
      });
    if (message.expiryS === undefined) {
      if (event.expiryS !== undefined) fault("it has an expiry, and was published without one");
      continue;
    }
    // 3.1.1 has no word for it.
    if (connections.get(event.connection)?.version !== 5) continue;
    if (event.expiryS === undefined) {
      fault("it has no expiry, and was published with one");
      continue;
    }
    const ageMs = event.atMs - message.atMs;
    if (event.expiryS > message.expiryS) fault(`${event.expiryS} s are left of ${message.expiryS} s`);
    if (event.expiryS * 1000 < message.expiryS * 1000 - ageMs - ROUNDING_MS) {
      fault(`${event.expiryS} s are left of ${message.expiryS} s after ${ageMs} ms`);
    }
    // What has once been sent is sent again until it is acknowledged, expired or not.
    if (event.dup) continue;
    // How long it was on its way to a far client nobody knows; a near one gets it at the moment at which it is sent.
    if (message.answeredMs === null || connections.get(event.connection)?.isNear !== true) continue;
    const waitedMs = event.atMs - message.answeredMs;
    if (waitedMs > message.expiryS * 1000 + ROUNDING_MS) {
      fault(`the server had it for ${waitedMs} ms, and it was to expire after ${message.expiryS} s`);
    } else if (event.expiryS * 1000 > message.expiryS * 1000 - waitedMs + ROUNDING_MS) {
      fault(`${event.expiryS} s are left of ${message.expiryS} s, of which the server had it for ${waitedMs} ms`);
    }
  }
  return broken;
}
