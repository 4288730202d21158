/**
 * A property list (2.2.2): its length as a Variable Byte Integer, then identifiers and values, as values both ways.
 *
 * `stepProperty` checks one property against the table and steps over it; reading and locating (publish5.ts) are both
 * built on it, so that no list is let through unchecked.
 */
import { Buffer } from "node:buffer";
import { CONTROL_NAMES } from "./control.ts";
import type { Fields } from "./fields.ts";
import { lengthSize, writeLength } from "./length.ts";
import { mayRepeat, PROPERTY_ROWS, type Properties, type PropertyRow, propertyRow, WILL_PLACE } from "./properties.ts";
import { PROTOCOL_ERROR, TOPIC_ALIAS_INVALID } from "./reasons.ts";
import { checkTopicName } from "./topic.ts";
import { encodeText } from "./utf8.ts";
import { Violation } from "./violation.ts";

type Value = number | string | Uint8Array | [string, string];

/** Reads a whole list. `place` is the packet type that holds it, or WILL_PLACE. Throws a Violation. */
export function readProperties(fields: Fields, place: number): Properties {
  const properties: Properties = {};
  const end = readListEnd(fields, place);
  const seen = new SeenProperties();
  while (fields.at < end) {
    const row = readPropertyRow(fields, end, place, seen);
    store(properties, row, readValue(fields, row, end));
  }
  return properties;
}

/** Reads the length and returns where the list ends. */
export function readListEnd(fields: Fields, place: number): number {
  const size = fields.variable("MQTT 2.2.2.1", "the property length");
  const end = fields.at + size;
  if (end > fields.end) {
    throw new Violation("MQTT 2.2.2.1", `the properties of ${placeName(place)} run past the end of the packet`);
  }
  return end;
}

/** Which properties a list has had. All identifiers are below 64. */
export class SeenProperties {
  #low = 0;
  #high = 0;

  /** Marks it; true when it was there before. */
  mark(id: number): boolean {
    const bit = 1 << (id & 31);
    const before = id < 32 ? this.#low : this.#high;
    if (id < 32) this.#low |= bit;
    else this.#high |= bit;
    return (before & bit) !== 0;
  }
}

/** Reads one identifier and checks that it may stand here, and once more. */
export function readPropertyRow(fields: Fields, end: number, place: number, seen: SeenProperties): PropertyRow {
  const id = fields.variable("MQTT 2.2.2.2", "a property identifier");
  const row = propertyRow(id, place);
  if (row === undefined || fields.at > end) {
    throw new Violation("MQTT 2.2.2.2", `property 0x${id.toString(16).padStart(2, "0")} in ${placeName(place)}`);
  }
  if (seen.mark(id) && !mayRepeat(row, place)) {
    throw new Violation(row.rule, `${row.name} comes twice in ${placeName(place)}`, PROTOCOL_ERROR);
  }
  return row;
}

/** Reads and checks a value. */
export function readValue(fields: Fields, row: PropertyRow, end: number): Value {
  const value = readRaw(fields, row);
  // First of all: what stands behind the list is no value to be judged.
  if (fields.at > end) throw new Violation("MQTT 2.2.2.1", `${row.name} runs past the end of its properties`);
  return typeof value === "number" ? inRange(row, value) : value;
}

function readRaw(fields: Fields, row: PropertyRow): Value {
  const { rule, name, type } = row;
  switch (type) {
    case "byte":
      return fields.byte(rule, name);
    case "twoBytes":
      return fields.integer(rule, name);
    case "fourBytes":
      return fields.fourBytes(rule, name);
    case "variable":
      return fields.variable(rule, name);
    case "text":
      // Well-formed: [MQTT-3.3.2-19] for a content type.
      return fields.text(rule, name);
    case "data":
      return fields.data(rule, name);
    case "pair":
      return [fields.text("MQTT-1.5.7-1", `the name of a user property`), fields.text("MQTT-1.5.7-1", "its value")];
    case "topic": {
      const at = fields.at;
      const text = fields.text("MQTT-3.3.2-13", name);
      // [MQTT-3.3.2-14]
      checkTopicName(fields.bytes, at + 2, fields.at, "a response topic", rule, fields.rules);
      return text;
    }
  }
}

function inRange(row: PropertyRow, value: number): number {
  if (value >= row.min && value <= row.max) return value;
  const code = row.name === "topicAlias" ? TOPIC_ALIAS_INVALID : PROTOCOL_ERROR;
  throw new Violation(row.rule, `${row.name} is ${row.min} to ${row.max}, not ${value}`, code);
}

function store(properties: Properties, row: PropertyRow, value: Value): void {
  if (row.name === "subscriptionIds") {
    properties.subscriptionIds ??= [];
    properties.subscriptionIds.push(value as number);
  } else if (row.name === "userProperties") {
    properties.userProperties ??= [];
    properties.userProperties.push(value as [string, string]);
  } else {
    (properties as Record<string, Value>)[row.name] = value;
  }
}

function placeName(place: number): string {
  return place === WILL_PLACE ? "a will" : CONTROL_NAMES[place];
}

const NONE = Uint8Array.of(0);

/** The list with its length in front: 0 when there is none [MQTT-2.2.2-1]. It writes what it is given. */
export function encodeProperties(properties: Properties | undefined): Uint8Array {
  if (properties === undefined) return NONE;
  const list = encodeList(properties);
  const field = new Uint8Array(lengthSize(list.length) + list.length);
  field.set(list, writeLength(field, 0, list.length));
  return field;
}

/** The list without its length. */
export function encodeList(properties: Properties): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const row of PROPERTY_ROWS) {
    const value = properties[row.name];
    if (value === undefined) continue;
    const values = (row.type === "pair" || row.type === "variable" ? value : [value]) as Value[];
    for (const each of values) parts.push(Uint8Array.of(row.id), encodeValue(row, each));
  }
  return Buffer.concat(parts);
}

function encodeValue(row: PropertyRow, value: Value): Uint8Array {
  switch (row.type) {
    case "byte":
      return Uint8Array.of(value as number);
    case "twoBytes":
      return Uint8Array.of((value as number) >> 8, value as number);
    case "fourBytes": {
      const field = Buffer.alloc(4);
      field.writeUInt32BE(value as number);
      return field;
    }
    case "variable": {
      const field = new Uint8Array(lengthSize(value as number));
      writeLength(field, 0, value as number);
      return field;
    }
    case "data":
      return encodeData(value as Uint8Array);
    case "pair":
      return Buffer.concat((value as [string, string]).map(encodeText));
    default:
      return encodeText(value as string);
  }
}

/** Binary data with its two bytes of length. Throws a RangeError over 65,535 bytes. */
export function encodeData(data: Uint8Array): Uint8Array {
  if (data.length > 0xffff) throw new RangeError(`a field of ${data.length} bytes does not fit: 65535 at most`);
  const field = new Uint8Array(2 + data.length);
  field[0] = data.length >> 8;
  field[1] = data.length & 0xff;
  field.set(data, 2);
  return field;
}
