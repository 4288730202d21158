/**
 * A history out of a file: one event a line, as JSON. Whoever records clients of their own can have them judged. What is read is checked
 * field by field, since a checker that is shown something else would judge it wrongly and say nothing.
 */
import { ENDINGS, type HistoryEvent } from "./event.ts";

/** A line that is no event: its number, and what was expected. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
}

interface Kind {
  readonly words: string;
  is(value: unknown): boolean;
}

const oneOf = (values: readonly unknown[]): Kind => ({
  words: `one of ${values.map(value => JSON.stringify(value)).join(", ")}`,
  is: value => values.includes(value),
});
const TEXT: Kind = { words: "a string", is: value => typeof value === "string" };
const NUMBER: Kind = { words: "a number", is: value => typeof value === "number" };
const COUNT: Kind = { words: "a number from 0", is: value => typeof value === "number" && value >= 0 };
const FLAG: Kind = { words: "true or false", is: value => typeof value === "boolean" };
const QOS = oneOf([0, 1, 2]);

/** Fields by name; of those that end with a question mark there may be none. */
type Fields = Readonly<Record<string, Kind>>;

const objectOf = (fields: Fields): Kind => ({
  words: `an object of ${Object.entries(fields)
    .map(([name, { words }]) => `${name}: ${words}`)
    .join(", ")}`,
  is: value => typeof value === "object" && value !== null && wrongField(fields, value) === undefined,
});

const WILL = objectOf({ id: TEXT, topic: TEXT, qos: QOS, delayS: COUNT });
const FLOW = objectOf({ sentMost: COUNT, sentLimit: COUNT, receivedMost: COUNT, receivedLimit: COUNT });
const QUIET = objectOf({ longestMs: COUNT, lastMs: COUNT, unansweredMs: COUNT });

const COMMON: Fields = { atMs: NUMBER, client: TEXT, connection: COUNT };

/** What each kind of event has besides. */
const FIELDS: Readonly<Record<HistoryEvent["kind"], Fields>> = {
  connecting: {
    version: oneOf([4, 5]),
    clean: FLAG,
    sessionExpiryS: COUNT,
    keepAliveS: COUNT,
    isNear: FLAG,
    "will?": WILL,
  },
  connected: { isPresent: FLAG, "keepAliveS?": COUNT },
  ended: { how: oneOf(ENDINGS), "reasonCode?": COUNT, "flow?": FLOW, "quiet?": QUIET },
  dropped: { "reasonCode?": COUNT },
  subscribe: { filter: TEXT, qos: QOS },
  subscribed: { filter: TEXT, granted: COUNT },
  unsubscribe: { filter: TEXT },
  publish: { id: TEXT, topic: TEXT, qos: QOS, retain: FLAG, "expiryS?": COUNT, "isEmpty?": FLAG },
  published: { id: TEXT, reasonCode: COUNT },
  received: { id: TEXT, topic: TEXT, qos: QOS, retain: FLAG, dup: FLAG, "expiryS?": COUNT, "isDamaged?": FLAG },
  "server down": {},
  "server up": {},
};

/** The first field that is not what it should be. */
function wrongField(fields: Fields, value: object): { name: string; kind: Kind } | undefined {
  for (const [key, kind] of Object.entries(fields)) {
    const name = key.replace("?", "");
    const field = Reflect.get(value, name);
    if (!(kind.is(field) || (field === undefined && name !== key))) return { name, kind };
  }
  return undefined;
}

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
  const wrong = wrongField({ ...COMMON, ...FIELDS[event.kind as HistoryEvent["kind"]] }, event);
  if (wrong !== undefined) {
    const found = JSON.stringify(event[wrong.name]) ?? "absent";
    throw new HistoryError(`line ${number}: ${wrong.name} of "${event.kind}" is ${wrong.kind.words}, not ${found}`);
  }
  return event as unknown as HistoryEvent;
}
