/**
 * Keep-alive, section 3.1.2.10: the client says something at least as often as it has promised, the server answers its PINGREQ, and gives up who
 * has been silent for one and a half times as long; not before.
 *
 * Only near clients are judged: behind a link nobody knows when the server has heard what.
 */
import type { Broken } from "./event.ts";
import type { ConnectionRecord, Ledger } from "./ledger.ts";

/** How long an answer may take. */
const NEAR_MS = 5000;
/** How late a server may notice: mosquitto looks for silent clients every five seconds, and counts whole ones. */
const NOTICE_MS = 10_000;
/** A client in real time, on a busy machine, wakes up late. */
const LATE_MS = 2000;
/** Clocks that count whole milliseconds. */
const ROUNDING_MS = 250;
/** Reason code "keep alive timeout", section 3.14.2.1 of 5.0. */
const KEEP_ALIVE_TIMEOUT = 0x8d;

export function checkKeepAlive(ledger: Ledger): Broken[] {
  return ledger.connections
    .filter(({ isNear, connectedMs, keepAliveS }) => isNear && connectedMs !== null && keepAliveS > 0)
    .flatMap(connection => faultsOf(ledger, connection));
}

function faultsOf(ledger: Ledger, connection: ConnectionRecord): Broken[] {
  const { client, keepAliveS, end, dropped } = connection;
  const broken: Broken[] = [];
  if (end === null) return broken;
  const fault = (promise: string, text: string) =>
    broken.push({ promise: `keep-alive [${promise}]`, text: `${client}, keep-alive ${keepAliveS} s, ${text}` });
  const { quiet } = end;
  if (quiet !== undefined) {
    if (quiet.longestMs > keepAliveS * 1000 + LATE_MS) {
      fault("MQTT-3.1.2-20", `sent nothing for ${quiet.longestMs} ms before ${end.atMs} ms`);
    }
    if (quiet.unansweredMs > NEAR_MS) {
      fault("MQTT-3.12.4-1", `had no answer to PINGREQ for ${quiet.unansweredMs} ms at ${end.atMs} ms`);
    }
    judgeVerdict(end.reasonCode, quiet.lastMs);
  }
  if (end.how !== "frozen" || quiet === undefined) return broken;
  const silentFromMs = end.atMs - quiet.lastMs;
  if (dropped !== null) judgeVerdict(dropped.reasonCode, dropped.atMs - silentFromMs);
  const byMs = silentFromMs + keepAliveS * 1500 + NOTICE_MS;
  if ((dropped?.atMs ?? ledger.endMs) > byMs && ledger.isUp(connection.atMs, byMs)) {
    fault("MQTT-3.1.2-22", `said nothing from ${silentFromMs} ms on, and its connection was still open at ${byMs} ms`);
  }
  return broken;

  /** A server may close a connection whenever it likes, but not say that it was for a silence that there was not. */
  function judgeVerdict(reasonCode: number | undefined, silentMs: number): void {
    if (reasonCode !== KEEP_ALIVE_TIMEOUT || silentMs >= keepAliveS * 1500 - ROUNDING_MS) return;
    fault("MQTT-3.1.2-22", `was told "keep alive timeout" after a silence of ${silentMs} ms`);
  }
}
