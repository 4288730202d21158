/**
 * The broker's codec under whatever bytes a client might send. The first byte of an input says which version; the rest is a stream.
 *
 * It refuses with a Violation and nothing else; the same packets come out however the stream is cut; what it reads it writes, and
 * reads again as the same; and what it takes mqtt-packet takes.
 */
import { isDeepStrictEqual } from "node:util";
import { parser } from "mqtt-packet";
import { Framer } from "../../host/broker/codec/framer.ts";
import { decodePacket, encodePacket, type Packet } from "../../host/broker/codec/packet.ts";
import { RULES_5 } from "../../host/broker/codec/rules.ts";
import { Violation } from "../../host/broker/codec/violation.ts";
import { freshPacket } from "./fresh.ts";
import type { Target } from "./guided.ts";

type Level = 4 | 5;

interface Read {
  readonly packets: Packet[];
  /** The bytes of each. */
  readonly pieces: Uint8Array[];
  /** The rule that the stream broke, or "". */
  readonly rule: string;
}

/** What comes of a stream in chunks of `chunkSize` bytes. Throws what is no Violation. */
function read(stream: Uint8Array, level: Level, chunkSize: number): Read {
  const framer = new Framer(1 << 16);
  if (level === 5) framer.rules = RULES_5;
  const packets: Packet[] = [];
  const pieces: Uint8Array[] = [];
  try {
    for (let at = 0; at < stream.length; at += chunkSize) {
      framer.feed(stream.slice(at, at + chunkSize));
      while (framer.next()) {
        const { bytes, first, start, end } = framer;
        packets.push(decodePacket(bytes, first, start, end, level));
        pieces.push(Uint8Array.of(first, ...lengthOf(end - start), ...bytes.slice(start, end)));
      }
    }
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return { packets, pieces, rule: error.rule };
  }
  return { packets, pieces, rule: "" };
}

function lengthOf(size: number): number[] {
  return size < 128 ? [size] : [(size & 0x7f) | 0x80, ...lengthOf(size >> 7)];
}

function checkPeer(data: Uint8Array, protocolVersion: number): void {
  let text = "nothing comes of it";
  const reader = parser({ protocolVersion });
  reader.on("packet", () => {
    text = "";
  });
  reader.on("error", error => {
    text = error.message;
  });
  try {
    reader.parse(Buffer.from(data));
  } catch (error) {
    text = String(error);
  }
  if (text !== "") throw new Error(`mqtt-packet does not take it: ${text}`);
}

/** What mqtt-packet does not take although the standard allows it. */
function isTheirs(packet: Packet, data: Uint8Array): boolean {
  // Without a body DISCONNECT and AUTH are reason 0 (3.14.2.1, 3.15.2.1).
  if (packet.type === "DISCONNECT" || packet.type === "AUTH") return data[1] < 2;
  if (packet.type !== "CONNECT") return false;
  // Section 3.1.2.9 of 5.0 allows a password alone, 3.1.3.1 no identifier without a clean start, 3.1.2.2 MQTT 3.1.
  return (
    (packet.password !== undefined && packet.username === undefined) || packet.clientId === "" || packet.level === 3
  );
}

export const target: Target = {
  fresh: seed => Uint8Array.of(seed & 1, ...freshPacket(seed, (seed & 1) === 1 ? 5 : 4)),
  run([version = 0, ...rest]) {
    const stream = Uint8Array.from(rest);
    const level = (version & 1) === 1 ? 5 : 4;
    const whole = read(stream, level, stream.length + 1);
    const cut = read(stream, level, 1 + (version >> 5));
    if (!isDeepStrictEqual(whole, cut)) {
      throw new Error(
        `whole: ${whole.rule} ${JSON.stringify(whole.packets)}, cut: ${cut.rule} ${JSON.stringify(cut.packets)}`,
      );
    }
    whole.packets.forEach((packet, index) => {
      const own = packet.type === "CONNECT" ? packet.level : level;
      const written = encodePacket(packet, own);
      const again = read(written, own === 5 ? 5 : 4, written.length);
      if (!isDeepStrictEqual(again.packets, [packet])) {
        throw new Error(
          `read ${JSON.stringify(packet)}, written and read again ${again.rule} ${JSON.stringify(again.packets)}`,
        );
      }
      if (!isTheirs(packet, whole.pieces[index])) checkPeer(whole.pieces[index], level);
    });
  },
};
