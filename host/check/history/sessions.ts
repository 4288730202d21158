/**
 * Sessions, section 4.1: kept for as long as was asked, and no longer; and none where a clean one was asked for.
 */
import { type Broken, NEVER_S } from "./event.ts";
import type { ConnectionRecord, Ledger } from "./ledger.ts";

export function checkSessions(ledger: Ledger): Broken[] {
  const broken: Broken[] = [];
  const latest = new Map<string, ConnectionRecord>();
  for (const connection of ledger.connections) {
    const { client, connectedMs, isPresent, clean } = connection;
    const before = latest.get(client);
    latest.set(client, connection);
    if (connectedMs === null) continue;
    const fault = (text: string) =>
      broken.push({
        promise: "session [MQTT-3.1.2-4 to 6, 3.1.2-23]",
        text: `${client} at ${connectedMs} ms: ${text}`,
      });
    if (clean && isPresent) fault("asked for a clean session and was given an old one [MQTT-3.2.2-2]");
    if (clean) continue;
    if (before === undefined) {
      if (isPresent && !connection.isEntangled) fault("was given a session on its first connection [MQTT-3.2.2-3]");
      continue;
    }
    // A connection without CONNACK may have been accepted or not: nobody can tell what it has left.
    if (before.connectedMs === null || before.isEntangled || connection.isEntangled) continue;
    const keptMs = before.sessionExpiryS === NEVER_S ? Number.POSITIVE_INFINITY : before.sessionExpiryS * 1000;
    // The server counts from the end that it has noticed: at the soonest when it was last heard of, at the latest by `endedBy`.
    if (!isPresent && connectedMs < before.aliveMs + keptMs) {
      fault(`its session is gone, which was to be kept for ${keptMs} ms from ${before.aliveMs} ms at the soonest`);
    }
    if (isPresent && connection.atMs > ledger.endedBy(before) + keptMs + ledger.slackMs) {
      fault(`was given a session that had expired by ${ledger.endedBy(before) + keptMs} ms`);
    }
  }
  return broken;
}
