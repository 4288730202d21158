/** Why a connection ends that has been silent for too long. */
import { AWAITING, type Connection } from "./connection.ts";

/** The rule, in the version of the connection. */
export function silenceReason(connection: Connection): string {
  if (connection.phase === AWAITING) return `[limit] no CONNECT within ${connection.patienceMs} ms`;
  const rule = connection.level === 5 ? "MQTT-3.1.2-22" : "MQTT-3.1.2-24";
  return `[${rule}] nothing received for one and a half times the keep-alive of ${connection.patienceMs / 1500} s`;
}
