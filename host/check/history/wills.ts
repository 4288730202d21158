/**
 * Wills, sections 3.1.2.5 and 3.1.3.2: published exactly when they are due, and never otherwise.
 *
 * When a server has noticed the end of a connection nobody else can know; it lies between the client's last word that was answered and
 * the moment at which one and a half keep-alives have passed. So each connection has a window in which its will may be seen, and
 * the two kinds of fault are a will that no window explains, and a window in which one had to be seen and was not.
 */

import { grouped } from "../../grouped.ts";
import { type Broken, NEVER_S } from "./event.ts";
import { type ConnectionRecord, type Ledger, UNWRITTEN_MS } from "./ledger.ts";

const PROMISE = "will [MQTT-3.1.2-8, 3.1.2-10, 3.1.3-9]";

/** What the end of a connection makes of its will. */
interface Window {
  readonly connection: ConnectionRecord;
  readonly duty: "must" | "may" | "never";
  readonly fromMs: number;
  readonly untilMs: number;
}

export function checkWills(ledger: Ledger): Broken[] {
  const broken: Broken[] = [];
  const willing = ledger.connections.filter(({ will }) => will !== undefined);
  for (const [id, connections] of grouped(willing, ({ will }) => will?.id ?? "")) {
    const { will } = connections[0];
    if (will === undefined || will.qos === 1) continue;
    const windows = connections.map(connection => windowOf(ledger, connection));
    const fault = (text: string) => broken.push({ promise: PROMISE, text: `${id}: ${text}` });
    for (const client of new Set(ledger.subscriptions.map(subscription => subscription.client))) {
      const seen = (ledger.receivedBy.get(client) ?? []).filter(event => event.id === id && !event.retain);
      const left = windows.filter(({ duty }) => duty !== "never");
      const unexplained: number[] = [];
      // Those that must be seen first, so that one that merely may is not taken for them.
      for (const { atMs } of seen) {
        const fits = left.filter(({ fromMs }) => fromMs <= atMs);
        const taken = fits.find(({ duty }) => duty === "must") ?? fits[0];
        if (taken === undefined) unexplained.push(atMs);
        else left.splice(left.indexOf(taken), 1);
      }
      for (const atMs of unexplained) fault(`seen by ${client} at ${atMs} ms: ${reason(windows, atMs)}`);
      for (const { duty, connection, untilMs } of left) {
        if (duty !== "must" || untilMs > ledger.endMs || !ledger.present.has(client)) continue;
        const holding = ledger
          .lasting(client, will.topic, connection.atMs)
          .some(({ granted, group }) => granted > 0 && group === "");
        if (!holding) continue;
        fault(
          `never seen by ${client}: the connection of ${connection.atMs} ms was ${connection.end?.how} at ${connection.end?.atMs} ms, and it was due by ${untilMs} ms`,
        );
      }
    }
  }
  return broken;
}

/** From the end of a connection to its will: its delay, or the end of the session if that is first [MQTT-3.1.3-9]. */
function delayOf({ will, sessionExpiryS }: ConnectionRecord): number {
  const expiryS = sessionExpiryS === NEVER_S ? Number.POSITIVE_INFINITY : sessionExpiryS;
  return Math.min(will?.delayS ?? 0, expiryS) * 1000;
}

function windowOf(ledger: Ledger, connection: ConnectionRecord): Window {
  const { end, next, aliveMs, connectedMs } = connection;
  const delayMs = delayOf(connection);
  const fromMs = aliveMs + delayMs;
  const untilMs = ledger.endedBy(connection) + delayMs + ledger.slackMs;
  const window = (duty: Window["duty"]): Window => ({ connection, duty, fromMs, untilMs });
  // [MQTT-3.14.4-3]
  if (end?.how === "goodbye") return window(ledger.isUp(end.atMs, end.atMs + UNWRITTEN_MS) ? "never" : "may");
  if (connection.isEntangled) return window("may");
  // Still there, and nobody has taken its place; a server that restarts has ended it all the same.
  if (end === null && next === null && ledger.isUp(connection.atMs, ledger.endMs)) return window("never");
  const isBackMs = next !== null && !next.clean ? next.connectedMs : null;
  if (delayMs > 0 && isBackMs !== null && isBackMs < fromMs) return window("never");
  if (end === null || end.how === "unsure" || connectedMs === null) return window("may");
  // Whoever came back, or tried to, before it was due may have kept it from being published.
  if (delayMs > 0 && next !== null && next.atMs <= untilMs) return window("may");
  return window("must");
}

/** Why no window explains a will that was seen at `atMs`. */
function reason(windows: readonly Window[], atMs: number): string {
  const before = windows.filter(({ connection }) => connection.atMs <= atMs);
  const last = before.at(-1);
  if (last === undefined) return "no connection had it by then";
  const { connection, fromMs, duty } = last;
  if (connection.end?.how === "goodbye") return `the client had said goodbye at ${connection.end.atMs} ms`;
  if (fromMs > atMs) {
    return `the client was there at ${connection.aliveMs} ms, and the delay ended at ${fromMs} ms at the soonest`;
  }
  if (duty === "never") return "the client was there, or back before the delay was over";
  return "more often than connections were lost";
}
