/**
 * Orbital elements out of text: two-line elements with their checksums, or orbit mean-elements messages as JSON, one or many.
 *
 * satellite.js reads whatever it is given and propagates the nonsense; so everything is checked here first, and each complaint is one
 * line. Messages are preferred: catalogue numbers have outgrown the five digits of the lines.
 */
import { json2satrec, type OMMJsonObject, type SatRec, twoline2satrec } from "satellite.js";
import { LinkError } from "../error.ts";

/** One satellite's elements. */
export interface Elements {
  readonly name: string;
  /** When they held, milliseconds since 1970. */
  readonly epochMs: number;
  readonly record: SatRec;
}

const LINE_SIZE = 69;
/** The Julian date of 1970-01-01T00:00Z. */
const UNIX_EPOCH_JULIAN_DAYS = 2_440_587.5;
const DAY_MS = 86_400_000;
/** Fields of a message without which there is no orbit, and their ranges. */
const MESSAGE_NUMBERS: Readonly<Record<string, readonly [number, number]>> = {
  MEAN_MOTION: [0.01, 20],
  ECCENTRICITY: [0, 0.999_999],
  INCLINATION: [0, 180],
  RA_OF_ASC_NODE: [-360, 360],
  ARG_OF_PERICENTER: [-360, 360],
  MEAN_ANOMALY: [-360, 360],
  BSTAR: [-1, 1],
  MEAN_MOTION_DOT: [-1, 1],
  MEAN_MOTION_DDOT: [-1, 1],
};

/** Two-line elements, with or without a line for the name before each pair. `file` is what errors call them. Throws LinkError. */
export function readTle(text: string, file: string): Elements[] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line: line.trimEnd(), at: `${file}: line ${index + 1}` }));
  const filled = lines.filter(({ line }) => line !== "");
  const satellites: Elements[] = [];
  for (let index = 0; index < filled.length; ) {
    const named = !filled[index].line.startsWith("1 ");
    const name = named ? filled[index].line.replace(/^0 /, "").trim() : undefined;
    const [first, second] = filled.slice(index + (named ? 1 : 0));
    if (first === undefined) throw new LinkError(`${filled[index].at}: no elements follow the name "${name}"`);
    checkLine(first.line, "1", first.at);
    if (second === undefined) throw new LinkError(`${first.at}: the second line of the pair is missing`);
    checkLine(second.line, "2", second.at);
    if (first.line.slice(2, 7) !== second.line.slice(2, 7)) {
      throw new LinkError(`${second.at}: it is of another satellite than the line before`);
    }
    satellites.push(elementsOf(twoline2satrec(first.line, second.line), name, first.at));
    index += named ? 3 : 2;
  }
  if (satellites.length === 0) throw new LinkError(`${file}: there are no elements in it`);
  return satellites;
}

/** One orbit mean-elements message as JSON, or a list of them. Throws LinkError. */
export function readOmm(text: string, file: string): Elements[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new LinkError(`${file}: no JSON: ${(error as Error).message.split("\n")[0]}`);
  }
  const messages = Array.isArray(json) ? json : [json];
  if (messages.length === 0) throw new LinkError(`${file}: there are no elements in it`);
  return messages.map((message: unknown, index) => readMessage(message, `${file}: message ${index + 1}`));
}

/** Elements in either form, by how the text begins. Throws LinkError. */
export function readElements(text: string, file: string): Elements[] {
  return /^\s*[[{]/.test(text) ? readOmm(text, file) : readTle(text, file);
}

function checkLine(line: string, number: "1" | "2", at: string): void {
  if (!line.startsWith(`${number} `))
    throw new LinkError(`${at}: line ${number} of two-line elements is expected here`);
  if (line.length !== LINE_SIZE)
    throw new LinkError(`${at}: a line of elements has 69 characters, this one ${line.length}`);
  let sum = 0;
  for (const character of line.slice(0, -1)) sum += character === "-" ? 1 : Number.parseInt(character, 10) || 0;
  if (String(sum % 10) !== line[LINE_SIZE - 1]) {
    throw new LinkError(`${at}: the checksum is ${line[LINE_SIZE - 1]}, and should be ${sum % 10}`);
  }
}

function readMessage(message: unknown, at: string): Elements {
  if (typeof message !== "object" || message === null) throw new LinkError(`${at}: an object is needed`);
  const fields: Record<string, unknown> = { ...message };
  for (const [name, [least, most]] of Object.entries(MESSAGE_NUMBERS)) {
    const value = typeof fields[name] === "string" ? Number(fields[name] || Number.NaN) : fields[name];
    if (typeof value !== "number" || !(value >= least && value <= most)) {
      throw new LinkError(`${at}: ${name} is a number from ${least} to ${most}, not ${JSON.stringify(fields[name])}`);
    }
    fields[name] = value;
  }
  if (typeof fields.EPOCH !== "string" || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}T/.test(fields.EPOCH)) {
    throw new LinkError(
      `${at}: EPOCH is a time such as 2025-03-26T05:19:34.116960, not ${JSON.stringify(fields.EPOCH)}`,
    );
  }
  fields.NORAD_CAT_ID ??= 0;
  const name = typeof fields.OBJECT_NAME === "string" ? fields.OBJECT_NAME : undefined;
  return elementsOf(json2satrec(fields as unknown as OMMJsonObject), name, at);
}

function elementsOf(record: SatRec, name: string | undefined, at: string): Elements {
  const epochMs = Math.round((record.jdsatepoch - UNIX_EPOCH_JULIAN_DAYS) * DAY_MS);
  // A field that is no number becomes NaN somewhere in the orbit.
  const numbers = [epochMs, record.no, record.ecco, record.inclo, record.nodeo, record.argpo, record.mo, record.bstar];
  if (!numbers.every(Number.isFinite) || record.no <= 0) throw new LinkError(`${at}: these elements are no orbit`);
  if (record.error !== 0) throw new LinkError(`${at}: these elements are no orbit that SGP4 can follow`);
  return { name: name ?? record.satnum.trim(), epochMs, record };
}
