/**
 * The codec by itself, for tests and for measurements; a board gets it inside index.ts of the folder above.
 *
 * What takes `isFive` speaks MQTT 5.0 where that is 1, and 3.1.1 where it is 0.
 */
import { writeU16 } from "../bytes.ts";
import { readAnswer } from "./answer.ts";
import { beginConnect, checkConnect } from "./connect.ts";
import { bodyAt, checkFirstByte, PUBLISH, packetEnd, wholeSize, writeHeader } from "./header.ts";
import { blockEnd, findProperty, numberOf, propertiesAt, propertiesEnd } from "./property.ts";
import { publishOverhead, readPublish } from "./publish.ts";
import { mayCarry, reasonFor } from "./reason.ts";
import { readResponse } from "./response.ts";
import { seal } from "./seal.ts";
import { writeShort } from "./short.ts";
import { countFilters } from "./subscribe.ts";
import { checkText, FILTER, fieldEnd, NAME, TEXT } from "./text.ts";
import { filterMatches } from "./topic.ts";
import { readLength, varintSize, writeLength } from "./varint.ts";

export {
  beginConnect,
  blockEnd,
  bodyAt,
  checkConnect,
  checkFirstByte,
  countFilters,
  fieldEnd,
  filterMatches,
  findProperty,
  mayCarry,
  numberOf,
  packetEnd,
  propertiesAt,
  propertiesEnd,
  readAnswer,
  readLength,
  readResponse,
  reasonFor,
  seal,
  varintSize,
  writeShort,
};

/** All of a PUBLISH that stands before its topic; answers where that goes. */
export function beginPublish(at: i32, flags: i32, topicSize: i32, payloadSize: i32): i32 {
  const body: i32 = writeHeader(at, (PUBLISH << 4) | flags, publishOverhead(flags) + topicSize + payloadSize);
  writeU16(body, topicSize);
  return body + 2;
}

export function packetSize(at: i32, available: i32, isFive: i32): i32 {
  return wholeSize(at, at + available, isFive);
}

export function decodePublish(at: i32, view: i32, isFive: i32): i32 {
  return readPublish(at, view, NAME, isFive);
}

export function writeVarint(at: i32, value: i32): i32 {
  return writeLength(at, value, at);
}

export function isUtf8(at: i32, size: i32): i32 {
  return checkText(at, at + size, TEXT) < 0 ? 0 : 1;
}

export function isTopicName(at: i32, size: i32): i32 {
  return checkText(at, at + size, NAME) < 0 ? 0 : 1;
}

export function isTopicFilter(at: i32, size: i32): i32 {
  return checkText(at, at + size, FILTER) < 0 ? 0 : 1;
}
