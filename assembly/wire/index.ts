/**
 * The codec by itself, for tests and for measurements; a board gets it inside index.ts of the folder above.
 */
import { readAcknowledgement, writeAcknowledgement } from "./acknowledgement.ts";
import { readConnack } from "./connack.ts";
import { beginConnect, checkConnect } from "./connect.ts";
import { bodyAt, checkFirstByte, packetEnd, packetSize } from "./header.ts";
import { beginPublish, decodePublish, sealPublish } from "./publish.ts";
import { countFilters, readSuback } from "./subscribe.ts";
import { filterMatches, isTopicFilter, isTopicName } from "./topic.ts";
import { isUtf8 } from "./utf8.ts";
import { readVarint, varintSize, writeVarint } from "./varint.ts";

export {
  beginConnect,
  beginPublish,
  bodyAt,
  checkConnect,
  checkFirstByte,
  countFilters,
  decodePublish,
  filterMatches,
  isTopicFilter,
  isTopicName,
  isUtf8,
  packetEnd,
  packetSize,
  readAcknowledgement,
  readConnack,
  readSuback,
  readVarint,
  sealPublish,
  varintSize,
  writeAcknowledgement,
  writeVarint,
};
