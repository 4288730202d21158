/**
 * The codec as a test speaks to it: packets in the form of mqtt-packet, an independent codec, on one side, bytes on the other.
 *
 * Decoding takes the steps that a session takes. The memory behind the bytes is left undeclared, so that the guarded
 * build throws where a decoder looks at a byte that has not come.
 */
import type {
  IConnackPacket,
  IConnectPacket,
  IPacket,
  IPublishPacket,
  ISubackPacket,
  ISubscribePacket,
  IUnsubscribePacket,
} from "mqtt-packet";
import { INCOMPLETE } from "../../../assembly/status.ts";
import type { CodecBuild } from "../builds.ts";

export interface AcknowledgementPacket extends IPacket {
  cmd: "puback" | "pubrec" | "pubrel" | "pubcomp" | "unsuback";
  messageId: number;
}

export interface BarePacket extends IPacket {
  cmd: "pingreq" | "pingresp" | "disconnect";
}

/** What of mqtt-packet's own type MQTT 3.1.1 has. */
export type Packet =
  | IConnectPacket
  | IConnackPacket
  | IPublishPacket
  | AcknowledgementPacket
  | ISubscribePacket
  | IUnsubscribePacket
  | ISubackPacket
  | BarePacket;

/** Where a test's packet lies, and where its view goes. */
export const AT = 64;
const VIEW = 16;
const VIEW_SIZE = 24;

const ACKNOWLEDGEMENTS = { 4: "puback", 5: "pubrec", 6: "pubrel", 7: "pubcomp", 11: "unsuback" } as const;
const ACKNOWLEDGEMENT_TYPES = { puback: 4, pubrec: 5, pubrel: 6, pubcomp: 7, unsuback: 11 } as const;

/** A string or bytes with its two-byte size before it. */
export function field(value: string | Uint8Array): number[] {
  const bytes = Buffer.from(value as string);
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes];
}

/** Forgets all that the memory held, and puts `bytes` at AT with nothing behind them. */
export function place(build: CodecBuild, bytes: ArrayLike<number>): void {
  build.forgetAll();
  build.declare(VIEW, VIEW_SIZE);
  build.declare(AT, bytes.length);
  build.write(AT, bytes);
}

/** The packet that a client reads from `bytes`, or the answer below zero. */
export function decode(build: CodecBuild, bytes: ArrayLike<number>): Packet | number {
  const { core } = build;
  place(build, bytes);
  const size = core.packetSize(AT, bytes.length, 0);
  if (size < 0) return size;
  if (size > bytes.length) return INCOMPLETE;
  const body = core.bodyAt(AT);
  const end = core.packetEnd(AT);
  if (end !== AT + size) throw new Error(`packetEnd says ${end - AT}, packetSize ${size}`);
  const type = bytes[0] >> 4;
  if (type === 3) return decodePublish(build);
  const id = core.readAnswer(type, body, end);
  if (id < 0) return id;
  if (type === 2) return { cmd: "connack", sessionPresent: (id & 0x100) !== 0, returnCode: id & 0xff };
  if (type === 13) return { cmd: "pingresp" };
  if (type === 9) return { cmd: "suback", messageId: id, granted: [...core.bytes.subarray(body + 2, end)] };
  return { cmd: ACKNOWLEDGEMENTS[type as keyof typeof ACKNOWLEDGEMENTS], messageId: id };
}

function decodePublish({ core }: CodecBuild): Packet | number {
  const answer = core.decodePublish(AT, VIEW, 0);
  if (answer < 0) return answer;
  const view = new Int32Array(core.bytes.buffer, core.bytes.byteOffset + VIEW, 6);
  const [flags, id, topic, topicSize, payload, payloadSize] = view;
  const packet: IPublishPacket = {
    cmd: "publish",
    dup: (flags & 8) !== 0,
    qos: ((flags >> 1) & 3) as 0 | 1 | 2,
    retain: (flags & 1) !== 0,
    topic: Buffer.from(core.bytes.subarray(topic, topic + topicSize)).toString(),
    payload: Buffer.from(core.bytes.subarray(payload, payload + payloadSize)),
  };
  if (packet.qos > 0) packet.messageId = id;
  return packet;
}

/** The bytes of a packet that a client sends and the codec writes by itself; an answer below zero; undefined for another. */
export function encode(build: CodecBuild, packet: Packet): Buffer | number | undefined {
  const { core } = build;
  build.forgetAll();
  build.declare(AT, core.bytes.length - AT);
  const written = () => Buffer.from(core.bytes.subarray(AT, core.packetEnd(AT)));
  switch (packet.cmd) {
    case "connect": {
      const payload = connectPayload(packet);
      build.write(core.beginConnect(AT, connectFlags(packet), packet.keepalive ?? 0, payload.length, 0), payload);
      const answer = core.checkConnect(AT, core.packetEnd(AT), 0);
      return answer < 0 ? answer : written();
    }
    case "publish": {
      const topic = Buffer.from(packet.topic);
      const payload = Buffer.from(packet.payload as string);
      const flags = (packet.qos << 1) | (packet.retain ? 1 : 0);
      build.write(core.beginPublish(AT, flags, topic.length, payload.length), topic);
      build.write(core.packetEnd(AT) - payload.length, payload);
      const answer = core.seal(AT, core.packetEnd(AT), packet.messageId ?? 0, 0);
      return answer < 0 ? answer : written();
    }
    case "puback":
    case "pubrec":
    case "pubrel":
    case "pubcomp":
    case "unsuback":
      core.writeShort(
        AT,
        (ACKNOWLEDGEMENT_TYPES[packet.cmd] << 4) | (packet.cmd === "pubrel" ? 2 : 0),
        packet.messageId,
      );
      return written();
    default:
      return undefined;
  }
}

/** The flags of section 3.1.2.3, and the one that asks the core for MQTT 3.1. */
export function connectFlags(packet: IConnectPacket): number {
  const { clean = true, will, username, password, protocolVersion } = packet;
  const willFlags = will === undefined ? 0 : 0x04 | ((will.qos ?? 0) << 3) | (will.retain ? 0x20 : 0);
  const old = protocolVersion === 3 ? 0x01 : 0;
  return (
    old | (clean ? 0x02 : 0) | willFlags | (password === undefined ? 0 : 0x40) | (username === undefined ? 0 : 0x80)
  );
}

/** The fields of section 3.1.3. */
export function connectPayload({ clientId, will, username, password }: IConnectPacket): number[] {
  return [
    ...field(clientId),
    ...(will === undefined ? [] : [...field(will.topic), ...field(will.payload as string)]),
    ...(username === undefined ? [] : field(username)),
    ...(password === undefined ? [] : field(password)),
  ];
}
