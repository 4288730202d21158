/**
 * The codec of MQTT 5.0 as a test speaks to it: what a client reads from a server, one step after another as a session takes
 * them. The memory behind the bytes is left undeclared, so that the guarded build throws where a decoder looks ahead.
 */
import { INCOMPLETE } from "../../../assembly/status.ts";
import { VIEW_CODE, VIEW_PROPERTIES } from "../../../assembly/wire/publish.ts";
import type { CodecBuild } from "../builds.ts";

const VIEW = 16;
const VIEW_SIZE = 80;
/** Where a test's packet lies. */
export const AT = 128;

/** What a packet says; addresses are made into bytes. */
export interface Read {
  readonly type: number;
  /** Packet identifier, 0 for none; of CONNACK 0x100 for a session. */
  readonly number: number;
  /** Reason code; of PUBLISH the alias. */
  readonly code: number;
  readonly properties: number[];
  readonly topic: string;
  /** Payload, or the codes of SUBACK and UNSUBACK. */
  readonly rest: number[];
}

/** Forgets all that the memory held, and puts `bytes` at AT with nothing behind them. */
export function place5(build: CodecBuild, bytes: ArrayLike<number>): void {
  build.forgetAll();
  build.declare(VIEW, VIEW_SIZE);
  build.declare(AT, bytes.length);
  build.write(AT, bytes);
}

/** The packet that a client reads from `bytes`, or the answer below zero. */
export function decode5(build: CodecBuild, bytes: ArrayLike<number>): Read | number {
  const { core } = build;
  place5(build, bytes);
  const size = core.packetSize(AT, bytes.length, 1);
  if (size < 0) return size;
  if (size > bytes.length) return INCOMPLETE;
  const type = bytes[0] >> 4;
  const end = AT + size;
  const words = new DataView(core.bytes.buffer, core.bytes.byteOffset + VIEW);
  const word = (at: number) => words.getInt32(at, true);
  const isPublish = type === 3;
  const answer = isPublish ? core.decodePublish(AT, VIEW, 1) : core.readResponse(type, core.bodyAt(AT), end, VIEW);
  if (answer < 0) return answer;
  const block = word(VIEW_PROPERTIES);
  const behind = block === 0 ? end : core.propertiesEnd(block);
  return {
    type,
    number: isPublish ? word(4) : answer,
    code: word(VIEW_CODE),
    properties: block === 0 ? [] : [...core.bytes.subarray(core.propertiesAt(block), behind)],
    topic: isPublish ? Buffer.from(core.bytes.subarray(word(8), word(8) + word(12))).toString() : "",
    rest: [...core.bytes.subarray(behind, end)],
  };
}
