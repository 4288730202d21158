/**
 * A history out of a file: one event a line, as JSON. Whoever records clients of their own can have them judged.
 */
import type { HistoryEvent } from "./event.ts";

/** A line that is no event: its number, and what was expected. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
}

type Kind = "text" | "number" | "flag";

const COMMON: Record<string, Kind> = { atMs: "number", client: "text", connection: "number" };

/** What each kind of event must have besides. */
const FIELDS: Record<HistoryEvent["kind"], Record<string, Kind>> = {
  connecting: { version: "number", clean: "flag", sessionExpiryS: "number", keepAliveS: "number", isNear: "flag" },
  connected: { isPresent: "flag" },
  ended: { how: "text" },
  subscribe: { filter: "text", qos: "number" },
  subscribed: { filter: "text", granted: "number" },
  unsubscribe: { filter: "text" },
  publish: { id: "text", topic: "text", qos: "number", retain: "flag" },
  published: { id: "text", reasonCode: "number" },
  received: { id: "text", topic: "text", qos: "number", retain: "flag", dup: "flag" },
  "server down": {},
  "server up": {},
};

const WORDS: Record<Kind, string> = { text: "a string", number: "a number", flag: "true or false" };
const TYPES: Record<Kind, string> = { text: "string", number: "number", flag: "boolean" };

/** Throws a HistoryError for the first line that is no event, or that lies before the one above it. Empty lines are passed over. */
export function readHistory(text: string): HistoryEvent[] {
  const history: HistoryEvent[] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const event = readEvent(line, index + 1);
    if (event.atMs < lastMs) {
      throw new HistoryError(`line ${index + 1}: atMs ${event.atMs} lies before ${lastMs}, of the line above`);
    }
    lastMs = event.atMs;
    history.push(event);
  }
  return history;
}

function readEvent(line: string, number: number): HistoryEvent {
  let event: Record<string, unknown>;
  try {
    event = JSON.parse(line) as Record<string, unknown>;
  } catch (error) {
    throw new HistoryError(`line ${number}: no JSON: ${(error as Error).message}`);
  }
  if (typeof event !== "object" || event === null) throw new HistoryError(`line ${number}: an event is an object`);
  const kinds = Object.keys(FIELDS);
  if (typeof event.kind !== "string" || !kinds.includes(event.kind)) {
    throw new HistoryError(`line ${number}: kind is one of ${kinds.join(", ")}, not ${JSON.stringify(event.kind)}`);
  }
  const fields = { ...COMMON, ...FIELDS[event.kind as HistoryEvent["kind"]] };
  for (const [name, kind] of Object.entries(fields)) {
    if (typeof event[name] === TYPES[kind]) continue;
    throw new HistoryError(
      `line ${number}: ${name} of "${event.kind}" is ${WORDS[kind]}, not ${JSON.stringify(event[name]) ?? "absent"}`,
    );
  }
  return event as unknown as HistoryEvent;
}
