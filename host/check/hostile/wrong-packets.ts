/**
 * Packets that break a rule, from a broker and from a client, each with the rule and with what has to come of it: a peer that gets
 * one `mustClose` closes [MQTT-4.8.0-1], [MQTT-4.13.1-1]; one that is only pointless may be passed over as well.
 *
 * The bytes are right in MQTT 3.1.1, the rule that is named excepted. In 5.0 what is behind an identifier would be properties, so
 * the packets that would then break another rule have a form of their own.
 */

/** The protocol level of CONNECT. */
export type Level = 4 | 5;

export interface WrongPacket {
  readonly name: string;
  /** The statement that it breaks, or the section. */
  readonly rule: string;
  readonly mustClose: boolean;
  bytes(level: Level): readonly number[];
}

function packet(first: number, ...body: readonly number[]): number[] {
  if (body.length > 127) throw new RangeError("a wrong packet has less than 128 bytes");
  return [first, body.length, ...body];
}

function wrong(
  name: string,
  rule: string,
  bytes: readonly number[] | ((level: Level) => readonly number[]),
): WrongPacket {
  return { name, rule, mustClose: true, bytes: level => (typeof bytes === "function" ? bytes(level) : bytes) };
}

function pointless(name: string, rule: string, bytes: readonly number[]): WrongPacket {
  return { name, rule, mustClose: false, bytes: () => bytes };
}

/** No properties, where 5.0 has a list of them. */
const none = (level: Level): number[] => (level === 5 ? [0] : []);

const TOPIC = [0, 1, 0x74];
/** An identifier that a test does not come to. */
const STRAY = [0x7f, 0x7e];

/** Wrong from whichever side it comes. */
const FROM_BOTH: readonly WrongPacket[] = [
  wrong("packet type 0", "2.2.1", packet(0x00)),
  wrong("remaining length of five bytes", "2.2.3", [0x30, 0xff, 0xff, 0xff, 0xff, 0x01]),
  wrong("PUBLISH at QoS 3", "MQTT-3.3.1-4", level => packet(0x36, ...TOPIC, 0, 1, ...none(level), 0x78)),
  wrong("PUBLISH at QoS 0 with DUP", "MQTT-3.3.1-2", level => packet(0x38, ...TOPIC, ...none(level), 0x78)),
  wrong("PUBLISH with identifier 0", "MQTT-2.3.1-1", level => packet(0x32, ...TOPIC, 0, 0, ...none(level))),
  wrong("PUBLISH without an identifier", "MQTT-2.3.1-1", packet(0x32, ...TOPIC)),
  wrong("PUBLISH to a wildcard", "MQTT-3.3.2-2", level => packet(0x30, 0, 1, 0x23, ...none(level))),
  wrong("PUBLISH to no topic", "MQTT-4.7.3-1", level => packet(0x30, 0, 0, ...none(level))),
  wrong("PUBLISH to a topic that is not UTF-8", "MQTT-1.5.3-1", level => packet(0x30, 0, 1, 0xff, ...none(level))),
  wrong("PUBLISH to a topic with U+0000", "MQTT-1.5.3-2", level => packet(0x30, 0, 1, 0, ...none(level))),
  wrong("PUBLISH with a topic longer than itself", "3.3.2.1", packet(0x30, 0, 9, 0x74)),
  wrong("PUBACK with identifier 0", "MQTT-2.3.1-1", packet(0x40, 0, 0)),
  wrong("PUBACK of one byte", "3.4.2", packet(0x40, 1)),
  wrong("PUBACK with flags", "MQTT-2.2.2-2", packet(0x41, ...STRAY)),
  wrong("PUBREC of one byte", "3.5.2", packet(0x50, 1)),
  wrong("PUBREL without its flag", "MQTT-3.6.1-1", packet(0x60, ...STRAY)),
  wrong("PUBCOMP with flags", "MQTT-2.2.2-2", packet(0x74, ...STRAY)),
  pointless("PUBACK of an identifier never sent", "MQTT-4.3.2", packet(0x40, ...STRAY)),
  pointless("PUBREC of an identifier never sent", "MQTT-4.3.3", packet(0x50, ...STRAY)),
  pointless("PUBREL of an identifier never sent", "MQTT-4.3.3", packet(0x62, ...STRAY)),
  pointless("PUBCOMP of an identifier never sent", "MQTT-4.3.3", packet(0x70, ...STRAY)),
];

/** What a broker must not send behind its CONNACK. */
export const FROM_BROKER: readonly WrongPacket[] = [
  ...FROM_BOTH,
  wrong("a second CONNACK", "MQTT-3.2.0-2", level => packet(0x20, 0, 0, ...none(level))),
  wrong("CONNECT", "2.2.1", packet(0x10, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 1, 0x78)),
  wrong("SUBSCRIBE", "2.2.1", level => packet(0x82, 0, 1, ...none(level), ...TOPIC, 0)),
  wrong("UNSUBSCRIBE", "2.2.1", level => packet(0xa2, 0, 1, ...none(level), ...TOPIC)),
  wrong("PINGREQ", "2.2.1", packet(0xc0)),
  wrong("DISCONNECT with flags", "MQTT-3.14.1-1", packet(0xe1)),
  wrong("AUTH that nobody has begun", "MQTT-4.12.0-6", packet(0xf0)),
  wrong("SUBACK with identifier 0", "MQTT-2.3.1-1", level => packet(0x90, 0, 0, ...none(level), 0)),
  wrong("SUBACK with flags", "MQTT-2.2.2-2", level => packet(0x91, ...STRAY, ...none(level), 0)),
  wrong("SUBACK with a code that is none", "MQTT-3.9.3-2", level => packet(0x90, ...STRAY, ...none(level), 0x7f)),
  wrong("PINGRESP with a body", "3.13.1", packet(0xd0, 0)),
  wrong("a packet other than PUBLISH of 256 MiB", "2.2.3", [0x40, 0xff, 0xff, 0xff, 0x7f, 0, 1]),
  pointless("PINGRESP that nobody has asked for", "3.13", packet(0xd0)),
];

/** What a client must not send behind its CONNECT. */
export const FROM_CLIENT: readonly WrongPacket[] = [
  ...FROM_BOTH,
  wrong("a second CONNECT", "MQTT-3.1.0-2", level =>
    packet(0x10, 0, 4, 0x4d, 0x51, 0x54, 0x54, level, 2, 0, 60, ...none(level), 0, 1, 0x78),
  ),
  wrong("CONNACK", "2.2.1", level => packet(0x20, 0, 0, ...none(level))),
  wrong("SUBACK", "2.2.1", level => packet(0x90, 0, 1, ...none(level), 0)),
  wrong("UNSUBACK", "2.2.1", level => packet(0xb0, 0, 1, ...none(level))),
  wrong("PINGRESP", "2.2.1", packet(0xd0)),
  wrong("PINGREQ with a body", "3.12.1", packet(0xc0, 0)),
  wrong("DISCONNECT with flags", "MQTT-3.14.1-1", packet(0xe1)),
  wrong("AUTH that nobody has begun", "MQTT-4.12.0-6", packet(0xf0)),
  wrong("SUBSCRIBE without its flag", "MQTT-3.8.1-1", level => packet(0x80, 0, 1, ...none(level), ...TOPIC, 0)),
  wrong("SUBSCRIBE with identifier 0", "MQTT-2.3.1-1", level => packet(0x82, 0, 0, ...none(level), ...TOPIC, 0)),
  wrong("SUBSCRIBE of nothing", "MQTT-3.8.3-3", level => packet(0x82, 0, 1, ...none(level))),
  wrong("SUBSCRIBE at QoS 3", "MQTT-3.8.3-4", level => packet(0x82, 0, 1, ...none(level), ...TOPIC, 3)),
  wrong("SUBSCRIBE with a # that is not the end", "MQTT-4.7.1-2", level =>
    packet(0x82, 0, 1, ...none(level), 0, 3, 0x23, 0x2f, 0x61, 0),
  ),
  wrong("UNSUBSCRIBE without its flag", "MQTT-3.10.1-1", level => packet(0xa0, 0, 1, ...none(level), ...TOPIC)),
  wrong("UNSUBSCRIBE of nothing", "MQTT-3.10.3-2", level => packet(0xa2, 0, 1, ...none(level))),
];
