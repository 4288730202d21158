/**
 * What a segment carries, in words: the packets of MQTT in a stream of TCP, by name and by the message that they are about.
 *
 * A PUBLISH of a sensor names its message in its payload (readings.ts); acknowledgements name a packet identifier, which that PUBLISH had. Sections 2.2 and
 * 3.3 of MQTT 3.1.1 and 5.0.
 */
import type { SendBuffer } from "../link/index.ts";
import { readWord } from "./readings.ts";

/** Control packet types, by number, section 2.2.1. */
const NAMES = [
  "",
  ...["CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK"],
  ...["UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"],
];
const PUBLISH = 3;
const FIRST_ACKNOWLEDGEMENT = 4;
const LAST_ACKNOWLEDGEMENT = 7;
/** Packets that are remembered: more than are ever unacknowledged. */
const KEPT_COUNT = 512;

interface Named {
  start: number;
  end: number;
  name: string;
}

/** Messages by the packet identifier that they had last; it outlives connections. */
export type MessageOfId = Map<number, number>;

/** One direction of one connection. */
export class PacketNames {
  private readonly hasProperties: boolean;
  private readonly messageOfId: MessageOfId;
  private readonly packets: Named[] = [];
  /** Sequence where the next packet begins. The first byte of data is 1. */
  private next = 1;

  constructor(hasProperties: boolean, messageOfId: MessageOfId) {
    this.hasProperties = hasProperties;
    this.messageOfId = messageOfId;
  }

  /** What the bytes of `sequence` and the `size` after it belong to. `written` has them, and all that was written since. */
  of(sequence: number, size: number, written: SendBuffer): string[] {
    this.read(written);
    const end = sequence + size;
    const names = this.packets.filter(packet => packet.start < end && packet.end > sequence).map(({ name }) => name);
    return names.length > 0 ? names : ["part of a packet"];
  }

  /** Takes up the packets that are there as a whole. */
  private read(written: SendBuffer): void {
    if (this.next < written.startSequence) return;
    const bytes = written.from(this.next);
    let at = 0;
    for (;;) {
      const head = readLength(bytes, at + 1);
      if (head === null || head.next + head.length > bytes.length) break;
      const end = head.next + head.length;
      const name = this.nameOf(bytes.subarray(head.next, end), bytes[at]);
      this.packets.push({ start: this.next + at, end: this.next + end, name });
      at = end;
    }
    this.next += at;
    if (this.packets.length > 2 * KEPT_COUNT) this.packets.splice(0, KEPT_COUNT);
  }

  /** `body` is what stands behind the fixed header. */
  private nameOf(body: Uint8Array, first: number): string {
    const type = first >> 4;
    const name = NAMES[type];
    if (type === PUBLISH) return this.nameOfPublish(body, first);
    if (type < FIRST_ACKNOWLEDGEMENT || type > LAST_ACKNOWLEDGEMENT) return name;
    const message = this.messageOfId.get((body[0] << 8) | body[1]);
    return message === undefined ? name : `${name} #${message}`;
  }

  private nameOfPublish(body: Uint8Array, first: number): string {
    let at = 2 + ((body[0] << 8) | body[1]);
    const hasId = (first & 6) !== 0;
    const id = (body[at] << 8) | body[at + 1];
    if (hasId) at += 2;
    if (this.hasProperties) {
      const properties = readLength(body, at);
      at = properties === null ? body.length : properties.next + properties.length;
    }
    if (body.length < at + 8) return NAMES[PUBLISH];
    const message = readWord(body, at + 4);
    if (hasId) this.messageOfId.set(id, message);
    return `PUBLISH #${message}${(first & 8) === 0 ? "" : " DUP"}`;
  }
}

/** A Variable Byte Integer, section 1.5.5 of MQTT 5.0, and where what follows begins; null where it is not there as a whole. */
function readLength(bytes: Uint8Array, at: number): { length: number; next: number } | null {
  let length = 0;
  for (let index = 0; index < 4; index += 1) {
    if (at + index >= bytes.length) return null;
    length += (bytes[at + index] & 0x7f) << (7 * index);
    if ((bytes[at + index] & 0x80) === 0) return { length, next: at + index + 1 };
  }
  return null;
}
