/**
 * The codec against npm mqtt-packet, in one run: a PUBLISH of QoS 1 with a topic of 24 and a payload of 32 bytes.
 *
 * Both are given the same topic and payload and make the same bytes; the core checks the topic (UTF-8, wildcards) both ways,
 * mqtt-packet in neither. What differs is where the data is to begin with. A host of the core writes topic and payload straight
 * into the packet, and a socket reads straight into the receive region: those are the rows "in place". The rows "from Buffers"
 * charge the core for copying what another program has in Buffers, and the rows with strings for what JavaScript
 * makes of text. Every round runs every row once, so that a slow moment of the machine slows all of them; a row is the median of
 * its rounds, and a ratio the median of the ratios within the rounds.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { generate, type IPublishPacket, parser } from "mqtt-packet";
import type * as wire from "../assembly/wire/index.ts";
import { instantiate } from "../host/core/load.ts";

const ROUND_COUNT = 41;
/** Operations of one row in one round. */
const OPERATION_COUNT = 50_000;

const TOPIC = "plant/7/line/2/pump/flow";
const topic = Buffer.from(TOPIC);
const payload = Buffer.from('{"flow":12.75,"bar":3.1,"n":417}');
if (topic.length !== 24 || payload.length !== 32) throw new Error("not the packet that was to be measured");

type Codec = Pick<typeof wire, "beginPublish" | "seal" | "packetSize" | "decodePublish" | "packetEnd"> & {
  readonly bytes: Uint8Array;
};
type Operation = "encode" | "decode";

interface Row {
  readonly operation: Operation;
  readonly what: string;
  readonly codec: "mqtt-packet" | "wasm" | "JavaScript";
  /** Runs `count` operations; answers something that depends on all of them. */
  readonly run: (count: number) => number;
  readonly roundsNs: number[];
}

const AT = 64;
const VIEW = 16;
const QOS_1 = 2;
const packet: IPublishPacket = {
  cmd: "publish",
  topic: TOPIC,
  payload,
  qos: 1,
  messageId: 7,
  dup: false,
  retain: false,
};
const encoded = generate(packet);

/** The bundle stands in build/, beside what it measures. */
const beside = (name: string): URL => new URL(name, import.meta.url);

function wasmCodec(): Codec {
  return instantiate<Omit<Codec, "bytes">>(new WebAssembly.Module(readFileSync(beside("codec.wasm"))), 65536);
}

async function javaScriptCodec(): Promise<Codec> {
  const bytes = new Uint8Array(65536);
  const { createCore } = await import(beside("codec.js").href);
  return { ...createCore(bytes, new DataView(bytes.buffer)), bytes };
}

const row = (operation: Operation, what: string, codec: Row["codec"], run: Row["run"]): Row => ({
  operation,
  what,
  codec,
  run,
  roundsNs: [],
});

const IN_PLACE = "in place";
const FROM_BUFFERS = "from Buffers";
const STRING = "topic as a string";

function peerRows(): Row[] {
  // The packet object is made once: an application makes one for every message.
  const withBuffer = { ...packet, topic: topic as unknown as string };
  const withString = { ...packet };
  const reader = parser({ protocolVersion: 4 });
  let read = 0;
  reader.on("packet", packet => {
    read += (packet as IPublishPacket).payload.length;
  });
  const encode = (source: IPublishPacket) => (count: number) => {
    let sum = 0;
    for (let index = 0; index < count; index++) {
      source.messageId = (index & 0x7fff) + 1;
      sum += generate(source)[28];
    }
    return sum;
  };
  const decode = (count: number) => {
    for (let index = 0; index < count; index++) reader.parse(encoded);
    return read;
  };
  return [
    row("encode", FROM_BUFFERS, "mqtt-packet", encode(withBuffer)),
    row("encode", STRING, "mqtt-packet", encode(withString)),
    row("decode", FROM_BUFFERS, "mqtt-packet", decode),
  ];
}

function rowsOf(name: Row["codec"], codec: Codec): Row[] {
  const { bytes, beginPublish, seal: sealPublish, packetSize, decodePublish, packetEnd } = codec;
  const words = new Int32Array(bytes.buffer, VIEW, 6);
  const buffer = Buffer.from(bytes.buffer);

  const seal = (index: number): number => {
    if (sealPublish(AT, packetEnd(AT), (index & 0x7fff) + 1, 0) < 0) throw new Error("refused");
    return bytes[AT + 29];
  };
  const decodeOne = (): number => {
    const size = packetSize(AT, encoded.length, 0);
    if (size !== encoded.length || decodePublish(AT, VIEW, 0) < 0) throw new Error("refused");
    return words[5];
  };

  const encodeInPlace = (count: number): number => {
    let sum = 0;
    bytes.set(encoded, AT);
    for (let index = 0; index < count; index++) {
      sum += beginPublish(AT, QOS_1, 24, 32);
      sum += seal(index);
    }
    return sum;
  };
  const encodeBuffers = (count: number): number => {
    let sum = 0;
    for (let index = 0; index < count; index++) {
      const at = beginPublish(AT, QOS_1, topic.length, payload.length);
      bytes.set(topic, at);
      bytes.set(payload, at + topic.length + 2);
      sum += seal(index);
    }
    return sum;
  };
  const encodeString = (count: number): number => {
    let sum = 0;
    for (let index = 0; index < count; index++) {
      const topicSize = Buffer.byteLength(TOPIC);
      const at = beginPublish(AT, QOS_1, topicSize, payload.length);
      buffer.write(TOPIC, at, "utf8");
      bytes.set(payload, at + topicSize + 2);
      sum += seal(index);
    }
    return sum;
  };
  const decodeInPlace = (count: number): number => {
    let sum = 0;
    bytes.set(encoded, AT);
    for (let index = 0; index < count; index++) sum += decodeOne();
    return sum;
  };
  const decodeBuffers = (count: number): number => {
    let sum = 0;
    for (let index = 0; index < count; index++) {
      bytes.set(encoded, AT);
      sum += decodeOne();
    }
    return sum;
  };
  const decodeString = (count: number): number => {
    let sum = 0;
    for (let index = 0; index < count; index++) {
      bytes.set(encoded, AT);
      decodeOne();
      sum +=
        buffer.toString("utf8", words[2], words[2] + words[3]).length +
        buffer.subarray(words[4], words[4] + words[5]).length;
    }
    return sum;
  };
  return [
    row("encode", IN_PLACE, name, encodeInPlace),
    row("encode", FROM_BUFFERS, name, encodeBuffers),
    row("encode", STRING, name, encodeString),
    row("decode", IN_PLACE, name, decodeInPlace),
    row("decode", FROM_BUFFERS, name, decodeBuffers),
    row("decode", STRING, name, decodeString),
  ];
}

/** The two codecs have to make the same bytes, or nothing is compared. */
function check({ bytes, beginPublish, seal: sealPublish, packetEnd }: Codec): void {
  bytes.set(topic, beginPublish(AT, QOS_1, 24, 32));
  bytes.set(payload, packetEnd(AT) - 32);
  sealPublish(AT, packetEnd(AT), 7, 0);
  if (!encoded.equals(bytes.subarray(AT, packetEnd(AT)))) throw new Error("the codecs disagree");
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

const wasm = wasmCodec();
const javaScript = await javaScriptCodec();
check(wasm);
check(javaScript);
const rows = [...peerRows(), ...rowsOf("wasm", wasm), ...rowsOf("JavaScript", javaScript)];

let sum = 0;
for (let round = -3; round < ROUND_COUNT; round++) {
  for (const each of rows) {
    const start = process.hrtime.bigint();
    sum += each.run(OPERATION_COUNT);
    // The first rounds are for the compilers.
    if (round >= 0) each.roundsNs.push(Number(process.hrtime.bigint() - start) / OPERATION_COUNT);
  }
}
if (!(sum > 0)) throw new Error("nothing was measured");

function find(codec: Row["codec"], operation: Operation, what: string): Row {
  const found = rows.find(each => each.codec === codec && each.operation === operation && each.what === what);
  if (found === undefined) throw new Error(`no row of ${codec} for ${operation}, ${what}`);
  return found;
}

/** The peer's row that does what a row of the core does: mqtt-packet makes a string of every topic that it reads. */
function peerOf(operation: Operation, what: string): Row {
  return find("mqtt-packet", operation, operation === "encode" && what === STRING ? STRING : FROM_BUFFERS);
}

/** Rounds of one row, or of encoding and decoding together. */
function rounds(rows: readonly Row[]): number[] {
  return rows[0].roundsNs.map((_, round) => rows.reduce((sum, each) => sum + each.roundsNs[round], 0));
}

const lines = [IN_PLACE, FROM_BUFFERS, STRING].flatMap(what =>
  [["encode"], ["decode"], ["encode", "decode"]].map(names => {
    const operations = names as Operation[];
    const peer = rounds(operations.map(operation => peerOf(operation, what)));
    const cells = (["wasm", "JavaScript"] as const).map(codec => {
      const ours = rounds(operations.map(operation => find(codec, operation, what)));
      return `${median(ours).toFixed(0)} | ${median(ours.map((ns, round) => peer[round] / ns)).toFixed(1)}`;
    });
    return `| ${what} | ${names.join(" + ")} | ${median(peer).toFixed(0)} | ${cells.join(" | ")} |`;
  }),
);

const table = `# The codec beside mqtt-packet

\`npm run bench codec\` writes this file. One PUBLISH of QoS 1, topic of 24 bytes, payload of 32: nanoseconds an operation, and
how many times faster than mqtt-packet in the same run. Medians of ${ROUND_COUNT} rounds of ${OPERATION_COUNT} operations, the rows interleaved.

The bar is the row "in place, encode + decode": wasm at least 20 times faster than mqtt-packet, JavaScript at least 10 times.

"In place" is how the core is used: a host writes topic and payload into the packet, and a socket reads into the receive
region. "From Buffers" also copies both out of a Buffer, or the packet into the region. With a string, the topic is made from one, or into one.
The core checks the topic for UTF-8 and wildcards in every row; mqtt-packet checks it in none.

| the data is | operation | mqtt-packet, ns | wasm, ns | times | JavaScript, ns | times |
|---|---|--:|--:|--:|--:|--:|
${lines.join("\n")}

Node ${process.versions.node}, ${cpus()[0]?.model ?? "unknown processor"}, ${process.platform} ${process.arch}.
`;
process.stdout.write(table);
writeFileSync(new URL("../bench/codec.md", import.meta.url), table);
