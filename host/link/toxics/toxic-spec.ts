/**
 * toxiproxy's toxics (2.12) as data, with its names: what a proxy of TCP does to a stream of bytes. They need no packets, and lose none.
 */
import { LinkError } from "../error.ts";
import { type Fields, readFields, readName, readNumber, readProbability } from "../fields.ts";

/** The types, and the attributes of each with what toxiproxy takes when they are absent. Times in ms, slicer's delay in microseconds, rate in KB/s. */
export const TOXIC_ATTRIBUTES = {
  latency: { latency: 0, jitter: 0 },
  bandwidth: { rate: 0 },
  slow_close: { delay: 0 },
  timeout: { timeout: 0 },
  reset_peer: { timeout: 0 },
  slicer: { average_size: 0, size_variation: 0, delay: 0 },
  limit_data: { bytes: 0 },
} as const satisfies Record<string, Record<string, number>>;

export type ToxicType = keyof typeof TOXIC_ATTRIBUTES;

/** Which way: `upstream` from the client to the server. */
export type ToxicStream = "upstream" | "downstream";

/** `toxicity` is the share of connections that it acts upon. */
export interface ToxicSpec {
  name: string;
  type: ToxicType;
  stream: ToxicStream;
  toxicity: number;
  attributes: Record<string, number>;
}

const LARGEST = 1e12;

/** `input` as a toxic, absent parts as toxiproxy fills them in. Throws LinkError. */
export function validateToxic(input: unknown, field: string): ToxicSpec {
  const fields = readFields(input, field, ["name", "type", "stream", "toxicity", "attributes"]);
  const { stream: wantedStream = "downstream", attributes: wantedAttributes = {} } = fields;
  const type = readName(fields.type, `${field}.type`, "toxic", Object.keys(TOXIC_ATTRIBUTES)) as ToxicType;
  const streams = ["upstream", "downstream"];
  const stream = readName(wantedStream, `${field}.stream`, "stream", streams) as ToxicStream;
  const { name = `${type}_${stream}` } = fields;
  if (typeof name !== "string" || name === "")
    throw new LinkError(`${field}.name: a name is text, not ${JSON.stringify(name)}`);
  const toxicity = fields.toxicity === undefined ? 1 : readProbability(fields.toxicity, `${field}.toxicity`);
  return {
    name,
    type,
    stream,
    toxicity,
    attributes: validateAttributes(type, wantedAttributes, `${field}.attributes`),
  };
}

/** The attributes of a toxic: those of its type, each a number that is not negative. `otherwise` stands in for what is absent. */
export function validateAttributes(
  type: ToxicType,
  input: unknown,
  field: string,
  otherwise: Readonly<Record<string, number>> = TOXIC_ATTRIBUTES[type],
): Record<string, number> {
  const names = Object.keys(TOXIC_ATTRIBUTES[type]);
  const fields: Fields = readFields(input, field, names);
  const attributes: Record<string, number> = {};
  for (const name of names) {
    const rule = "a number of at least 0 is needed";
    attributes[name] =
      fields[name] === undefined ? otherwise[name] : readNumber(fields[name], `${field}.${name}`, rule, 0, LARGEST);
  }
  if (type === "slicer" && attributes.size_variation > attributes.average_size) {
    throw new LinkError(`${field}.size_variation: it is not above average_size`);
  }
  return attributes;
}
