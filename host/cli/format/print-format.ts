/**
 * A message by the format of -F: parameters as mosquitto_sub prints them, down to where padding and widths do not apply.
 */
import { Buffer } from "node:buffer";
import type { Message } from "../../client/index.ts";
import type { MessageProperties } from "../../client/message.ts";
import { type Json, JsonText, printJson } from "./json.ts";
import type { Field, FormatPart } from "./parse-format.ts";
import { strftime } from "./strftime.ts";

export interface PrintOptions {
  /** JSON over several lines. */
  readonly isPretty: boolean;
  /** Called for what cannot be printed; the rest of the message is. */
  readonly onError: (text: string) => void;
}

/** When the message came: a date, and the nanoseconds of its second. */
export interface Moment {
  readonly date: Date;
  readonly nanoseconds: number;
}

/** Now, as finely as this machine tells. */
export function momentNow(): Moment {
  const ms = performance.timeOrigin + performance.now();
  const nanoseconds = Math.floor((ms % 1000) * 1e6);
  return { date: new Date(Math.floor(ms)), nanoseconds };
}

export function printFormat(
  parts: readonly FormatPart[],
  message: Message,
  moment: Moment,
  options: PrintOptions,
): Buffer {
  return Buffer.concat(
    parts.map(part => {
      if (part.kind === "text") return part.bytes;
      if (part.kind === "field") return fieldOf(part, message, moment, options);
      if (part.letter === "@") return Buffer.from("@");
      return Buffer.from(part.letter === "N" ? nano(moment) : strftime(part.letter, moment.date));
    }),
  );
}

function fieldOf(field: Field, message: Message, moment: Moment, options: PrintOptions): Buffer {
  const { topic, payload, qos, retain, packetId, properties } = message;
  switch (field.letter) {
    case "%":
      return Buffer.from("%");
    case "A":
      return numeral(field, properties?.topicAlias);
    case "C":
      return text(field, properties?.contentType ?? "");
    case "D":
      return properties?.correlationData ?? Buffer.alloc(0);
    case "E":
      return numeral(field, properties?.messageExpirySeconds);
    case "F":
      return numeral(field, properties?.payloadFormat);
    case "I":
      return text(field, `${strftime("F", moment.date)}T${strftime("T", moment.date)}${strftime("z", moment.date)}`);
    case "j":
    case "J":
      return json(field.letter === "J", message, moment, options);
    case "l":
      return numeral(field, payload.length);
    case "m":
      return numeral(field, packetId);
    case "P":
      return Buffer.from((properties?.userProperties ?? []).map(pair => pair.join(":")).join(" "));
    case "p":
      return padded(field, field.width > 0 ? payload.subarray(0, field.width) : payload);
    case "q":
      return Buffer.from(String(qos));
    case "R":
      return properties?.responseTopic === undefined ? Buffer.alloc(0) : text(field, properties.responseTopic);
    case "r":
      return Buffer.from(retain ? "1" : "0");
    case "S":
      return numeral(field, properties?.subscriptionIds?.[0]);
    case "t":
      return text(field, topic);
    case "U":
      return Buffer.from(`${strftime("s", moment.date)}.${nano(moment)}`);
    default: {
      // The width counts digits, of which a byte has two.
      const hex = (field.width > 0 ? payload.subarray(0, field.width >> 1) : payload).toString("hex");
      return padded(field, Buffer.from(field.letter === "X" ? hex.toUpperCase() : hex));
    }
  }
}

function nano({ nanoseconds }: Moment): string {
  return String(nanoseconds).padStart(9, "0");
}

/** A number, or as many blanks as it would have been wide. */
function numeral(field: Field, value: number | undefined): Buffer {
  return padded(field, Buffer.from(value === undefined ? "" : String(value)));
}

/** A text; its widths count bytes, and its padding is never of zeros. */
function text(field: Field, value: string): Buffer {
  return padded({ ...field, pad: " " }, Buffer.from(value).subarray(0, field.most));
}

function padded({ isLeft, pad, width }: Field, bytes: Buffer): Buffer {
  const blank = Buffer.alloc(Math.max(0, width - bytes.length), pad);
  return Buffer.concat(isLeft ? [bytes, blank] : [blank, bytes]);
}

/** The message as JSON; `isParsed`: the payload is JSON itself. */
function json(isParsed: boolean, message: Message, moment: Moment, options: PrintOptions): Buffer {
  const { topic, payload, qos, retain, packetId, properties } = message;
  const micro = String(Math.floor(moment.nanoseconds / 1000)).padStart(6, "0");
  const zone = strftime("z", moment.date);
  const second = `${strftime("F", moment.date)}T${strftime("T", moment.date)}`;
  let body: Json;
  try {
    body = payload.length === 0 ? null : isParsed ? new JsonText(utf8(payload)) : utf8(payload);
  } catch {
    if (isParsed) {
      options.onError(`Message payload is not valid JSON on topic ${topic}.`);
      return Buffer.alloc(0);
    }
    // Bytes that are no text have no place in a string of JSON.
    body = [...payload];
  }
  const value: Json = {
    tst: `${second}.${micro}Z${zone}`,
    topic,
    qos,
    retain: retain ? 1 : 0,
    payloadlen: payload.length,
    mid: qos > 0 ? packetId : undefined,
    properties: properties && Object.keys(properties).length > 0 ? propertiesOf(properties) : undefined,
    payload: body,
  };
  return Buffer.from(printJson(value, options.isPretty));
}

/** mosquitto's names, for JSON. */
const NAMES: Readonly<Record<keyof MessageProperties, string>> = {
  payloadFormat: "payload-format-indicator",
  messageExpirySeconds: "message-expiry-interval",
  contentType: "content-type",
  responseTopic: "response-topic",
  correlationData: "correlation-data",
  subscriptionIds: "subscription-identifier",
  topicAlias: "topic-alias",
  userProperties: "user-properties",
};

/** In the order in which they came. */
function propertiesOf(properties: MessageProperties): Json {
  const members = Object.entries(properties).map(([name, value]): [string, Json] => {
    const key = NAMES[name as keyof MessageProperties];
    if (name === "userProperties") {
      const pairs = (properties.userProperties ?? []).map(pair => pair.map(text => JSON.stringify(text)).join(":"));
      return [key, new JsonText(`{${pairs.join(",")}}`)];
    }
    if (name === "subscriptionIds") return [key, properties.subscriptionIds?.[0] ?? null];
    return [key, Buffer.isBuffer(value) ? value.toString() : (value as string | number)];
  });
  return Object.fromEntries(members);
}

function utf8(payload: Buffer): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
}
