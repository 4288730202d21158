/**
 * A history out of a file: one event a line, as JSON. Whoever records clients of their own can have them judged. What is read is checked
 * field by field, since a checker that is shown something else would judge it wrongly and say nothing.
 */
import { Coherence } from "./coherence.ts";
import { ENDINGS, type HistoryEvent, NEVER_S } from "./event.ts";

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
const NUMBER: Kind = { words: "a number", is: Number.isFinite };
const DURATION: Kind = { words: "a number from 0", is: value => Number.isFinite(value) && (value as number) >= 0 };
const wholeTo = (most: number): Kind => ({
  words: `a whole number from 0 to ${most}`,
  is: value => Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most,
});
const INDEX = wholeTo(Number.MAX_SAFE_INTEGER);
const BYTE = wholeTo(0xff);
const WORD = wholeTo(0xffff);
const SECONDS = wholeTo(NEVER_S);
const FLAG: Kind = { words: "true or false", is: value => typeof value === "boolean" };
const QOS = oneOf([0, 1, 2]);
/** Section 3.9.3: the codes of SUBACK. */
const GRANTED: Kind = {
  words: "0, 1 or 2, or a refusal from 128 to 255",
  is: value => [0, 1, 2].includes(value as number) || (BYTE.is(value) && (value as number) >= 0x80),
};

/** Fields by name; of those that end with a question mark there may be none. */
type Fields = Readonly<Record<string, Kind>>;

const objectOf = (fields: Fields): Kind => ({
  words: `an object of ${Object.entries(fields)
    .map(([name, { words }]) => `${name}: ${words}`)
    .join(", ")}`,
  is: value =>
    typeof value === "object" &&
    value !== null &&
    wrongField(fields, value) === undefined &&
    strangeField(fields, value) === undefined,
});

const WILL = objectOf({ id: TEXT, topic: TEXT, qos: QOS, delayS: SECONDS });
const FLOW = objectOf({ sentMost: INDEX, sentLimit: WORD, receivedMost: INDEX, receivedLimit: WORD });
const QUIET = objectOf({ longestMs: DURATION, lastMs: DURATION, unansweredMs: DURATION });

const ANYWHERE: Fields = { atMs: NUMBER, client: TEXT, connection: INDEX };

/** What each kind of event has besides. */
const FIELDS: Readonly<Record<HistoryEvent["kind"], Fields>> = {
  connecting: {
    version: oneOf([4, 5]),
    clean: FLAG,
    sessionExpiryS: SECONDS,
    keepAliveS: WORD,
    isNear: FLAG,
    "will?": WILL,
  },
  connected: { isPresent: FLAG, "keepAliveS?": WORD },
  ended: { how: oneOf(ENDINGS), "reasonCode?": BYTE, "flow?": FLOW, "quiet?": QUIET },
  dropped: { "reasonCode?": BYTE },
  subscribe: { filter: TEXT, qos: QOS },
  subscribed: { filter: TEXT, granted: GRANTED },
  unsubscribe: { filter: TEXT },
  publish: { id: TEXT, topic: TEXT, qos: QOS, retain: FLAG, "expiryS?": SECONDS, "isEmpty?": FLAG },
  published: { id: TEXT, reasonCode: BYTE },
  received: { id: TEXT, topic: TEXT, qos: QOS, retain: FLAG, dup: FLAG, "expiryS?": SECONDS, "isDamaged?": FLAG },
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

/** A field that there is not: a slip in the name of one that may be absent would else go unnoticed. */
function strangeField(fields: Fields, value: object): string | undefined {
  return Object.keys(value).find(name => !(Object.hasOwn(fields, name) || Object.hasOwn(fields, `${name}?`)));
}

/**
 * Throws a HistoryError for the first line that is no event, that lies before the one above it, or that cannot be, after those above it.
 * Empty lines are passed over; where there are no others, a HistoryError too.
 */
export function readHistory(text: string): HistoryEvent[] {
  const history: HistoryEvent[] = [];
  const coherence = new Coherence();
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const event = readEvent(line, index + 1);
    if (event.atMs < lastMs) {
      throw new HistoryError(`line ${index + 1}: atMs ${event.atMs} lies before ${lastMs}, of the line above`);
    }
    const fault = coherence.fault(event);
    if (fault !== undefined) throw new HistoryError(`line ${index + 1}: ${fault}`);
    lastMs = event.atMs;
    history.push(event);
  }
  if (history.length === 0) throw new HistoryError("line 1: there is no event: nothing would be judged");
  return history;
}

function readEvent(line: string, number: number): HistoryEvent {
  let event: Record<string, unknown>;
  try {
    event = JSON.parse(line) as Record<string, unknown>;
  } catch (error) {
    throw new HistoryError(`line ${number}: no JSON: ${(error as Error).message}`);
  }
  if (typeof event !== "object" || event === null || Array.isArray(event))
    throw new HistoryError(`line ${number}: an event is an object`);
  const kinds = Object.keys(FIELDS);
  if (typeof event.kind !== "string" || !kinds.includes(event.kind)) {
    throw new HistoryError(`line ${number}: kind is one of ${kinds.join(", ")}, not ${JSON.stringify(event.kind)}`);
  }
  const fields = { ...ANYWHERE, kind: TEXT, ...FIELDS[event.kind as HistoryEvent["kind"]] };
  const wrong = wrongField(fields, event);
  if (wrong !== undefined) {
    const found = JSON.stringify(event[wrong.name]) ?? "absent";
    throw new HistoryError(`line ${number}: ${wrong.name} of "${event.kind}" is ${wrong.kind.words}, not ${found}`);
  }
  const strange = strangeField(fields, event);
  if (strange !== undefined) {
    const names = Object.keys(fields).map(name => name.replace("?", ""));
    throw new HistoryError(
      `line ${number}: "${event.kind}" has no field ${JSON.stringify(strange)}; it has ${names.join(", ")}`,
    );
  }
  return event as unknown as HistoryEvent;
}
