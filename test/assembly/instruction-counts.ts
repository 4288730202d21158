/**
 * How many instructions the operations of a board take: the codec by itself, and whole calls of the core as a board makes them.
 *
 * The message is one of QoS 1 with a topic of 24 bytes and a payload of 32. What the host writes itself is not counted.
 */
import { IN_FLIGHT, RECEIVED_END } from "../../assembly/layout.ts";
import { Interpreter } from "./interpreter.ts";

export interface InstructionCount {
  readonly what: string;
  readonly inThree: number;
  readonly inFive: number;
}

const TOPIC = Buffer.from("site/7/temperature/probe");
const PAYLOAD = Buffer.alloc(32, 0x37);
const QOS_1 = 2;
const AT = 1024;
const VIEW = 64;

/** Encode: all that is written and checked of it. Decode: from its first byte to the view. Throws where one is refused. */
function countCodec(module: Uint8Array, isFive: number): [what: string, count: number][] {
  const codec = new Interpreter(module);
  const rest = isFive + PAYLOAD.length;
  const at = codec.call("beginPublish", AT, QOS_1, TOPIC.length, rest);
  codec.bytes.set(TOPIC, at);
  codec.bytes.set(PAYLOAD, at + TOPIC.length + 2 + isFive);
  const size = 2 + 2 + TOPIC.length + 2 + rest;
  check(codec.call("seal", AT, AT + size, 7, isFive));
  const encode = codec.count;
  if (codec.call("packetSize", AT, size, isFive) !== size) throw new Error("not the packet's size");
  check(codec.call("decodePublish", AT, VIEW, isFive));
  return [
    ["encode: header, topic checked, identifier", encode],
    ["decode: header, topic checked, view", codec.count - encode],
  ];
}

/** A client that is connected and does what a board does with one message each way. */
function countCore(module: Uint8Array, isFive: number): [what: string, count: number][] {
  const core = new Interpreter(module);
  const word = (at: number): number => new DataView(core.bytes.buffer).getInt32(at, true);
  const client = 16;
  const counts: [what: string, count: number][] = [];
  const counted = (what: string, calls: () => void): void => {
    const before = core.count;
    calls();
    counts.push([what, core.count - before]);
  };
  const receive = (...bytes: number[]): void => {
    core.bytes.set(bytes, word(client + RECEIVED_END));
    check(core.call("received", client, bytes.length, 0));
  };
  const drain = (): void => {
    for (let size = core.call("transmit", client); size > 0; size = core.call("transmit", client))
      check(core.call("transmitted", client, size, 0));
  };
  check(core.call("initialize", client, 256, 496, 64, 8));
  check(core.call("speak", client, 4 + isFive));
  const fields = isFive === 1 ? [0, 0, 1, 0x63] : [0, 1, 0x63];
  core.bytes.set(fields, core.call("connect", client, fields.length, 2, 60));
  check(core.call("commit", client));
  check(core.call("opened", client, 0));
  drain();
  receive(...(isFive === 1 ? [0x20, 3, 0, 0, 0] : [0x20, 2, 0, 0]));
  while (core.call("nextEvent", client, 0) !== 0);

  counted("publish, commit", () => {
    const at = core.call("publish", client, TOPIC.length, isFive + PAYLOAD.length, QOS_1);
    core.bytes.set(TOPIC, at);
    core.bytes[at + TOPIC.length + 2] = 0;
    core.bytes.set(PAYLOAD, at + TOPIC.length + 2 + isFive);
    check(core.call("commit", client));
  });
  counted("transmit, transmitted, transmit: it leaves", drain);
  if (word(client + IN_FLIGHT) !== 1) throw new Error("nothing has left");
  receive(0x40, 2, 0, 1);
  counted("nextEvent: its PUBACK", () => {
    if (core.call("nextEvent", client, 0) !== 5) throw new Error("not acknowledged");
  });
  core.call("nextEvent", client, 0);
  const body = [0, TOPIC.length, ...TOPIC, 0, 7, ...(isFive === 1 ? [0] : []), ...PAYLOAD];
  receive(0x32, body.length, ...body);
  counted("nextEvent: a message comes", () => {
    if (core.call("nextEvent", client, 0) !== 4) throw new Error("no message");
  });
  counted("nextEvent, transmit, transmitted: its PUBACK leaves", () => {
    core.call("nextEvent", client, 0);
    drain();
  });
  return counts;
}

function check(answer: number): void {
  if (answer < 0) throw new Error(`the core answered ${answer}`);
}

/** Of the modules codec.wasm and perigee.wasm. */
export function instructionCounts(codec: Uint8Array, core: Uint8Array): InstructionCount[] {
  const of = (isFive: number) => [...countCodec(codec, isFive), ...countCore(core, isFive)];
  const five = of(1);
  return of(0).map(([what, inThree], index) => ({ what, inThree, inFive: five[index][1] }));
}
