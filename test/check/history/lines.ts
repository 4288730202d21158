/** Histories of a few lines, and which promises are broken in them. */
import { checkHistory, type HistoryEvent } from "../../../host/check/history/index.ts";

const SLACK_MS = 1000;

/** Lines of a history: milliseconds, client, kind, connection, and whatever else the kind has. */
export type Line = readonly [
  atMs: number,
  client: string,
  kind: HistoryEvent["kind"],
  connection: number,
  rest?: object,
];

const DEFAULTS: Partial<Record<HistoryEvent["kind"], object>> = {
  connecting: { version: 5, clean: false, sessionExpiryS: 60, keepAliveS: 10, isNear: true },
  connected: { isPresent: false },
  ended: { how: "lost" },
  publish: { topic: "a", qos: 1, retain: false },
  published: { reasonCode: 0 },
  received: { topic: "a", qos: 1, retain: false, dup: false },
};

export function historyOf(lines: readonly Line[]): HistoryEvent[] {
  return lines.map(([atMs, client, kind, connection, rest]) => ({
    atMs,
    client,
    kind,
    connection,
    ...DEFAULTS[kind],
    ...rest,
  })) as HistoryEvent[];
}

export function promises(...lines: Line[]): string[] {
  return checkHistory(historyOf(lines), SLACK_MS).map(({ promise }) => promise.split(" [")[0]);
}

/** `ear` is connected and has asked for `filter` by 10 ms. */
export const ear = (filter = "a", qos = 1, client = "ear", connection = 90): Line[] => [
  [1, client, "connecting", connection],
  [2, client, "connected", connection],
  [3, client, "subscribe", connection, { filter, qos }],
  [4, client, "subscribed", connection, { filter, granted: qos }],
];
export const mouth: Line[] = [
  [8, "mouth", "connecting", 1],
  [9, "mouth", "connected", 1],
];
/** Something happens long afterwards, so that nothing is still on its way. */
export const end: Line = [900_000, "clock", "connecting", 99];
