/**
 * The codec by itself, for tests and for measurements; a board gets it inside index.ts of the folder above.
 */
import { readAcknowledgement, writeShort } from "./acknowledgement.ts";
import { readConnack } from "./connack.ts";
import { beginConnect, checkConnect } from "./connect.ts";
import { bodyAt, checkFirstByte, packetEnd, packetSize } from "./header.ts";
import { beginPublish, decodePublish, sealPublish } from "./publish.ts";
import { countFilters, readSuback } from "./subscribe.ts";
import { FILTER, fieldEnd, isText, NAME, TEXT } from "./text.ts";
import { filterMatches } from "./topic.ts";
import { readLength, varintSize, writeVarint } from "./varint.ts";

export {
  beginConnect,
  beginPublish,
  bodyAt,
  checkConnect,
  checkFirstByte,
  countFilters,
  decodePublish,
  fieldEnd,
  filterMatches,
  packetEnd,
  packetSize,
  readAcknowledgement,
  readConnack,
  readLength,
  readSuback,
  sealPublish,
  varintSize,
  writeShort,
  writeVarint,
};

export function isUtf8(at: i32, size: i32): i32 {
  return isText(at, at + size, TEXT);
}

export function isTopicName(at: i32, size: i32): i32 {
  return isText(at, at + size, NAME);
}

export function isTopicFilter(at: i32, size: i32): i32 {
  return isText(at, at + size, FILTER);
}
