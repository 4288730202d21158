/**
 * What a client must refuse, as annotated bytes: the rule that is broken, and the one answer that names it.
 *
 * `rule` is the number of the conformance statement, or the section where the standard numbers none. These rows break a rule
 * of their own encoding, whatever the state of the connection; `STRAYS` are well formed and may not stand where they do.
 */
import * as status from "../../../assembly/status.ts";

export interface Refusal {
  readonly what: string;
  readonly rule: string;
  readonly bytes: readonly number[];
  readonly status: number;
}

const row = (what: string, rule: string, status: number, ...bytes: number[]): Refusal => ({
  what,
  rule,
  status,
  bytes,
});

/** A PUBLISH with `topic`, QoS 0. */
const publish = (what: string, rule: string, status: number, ...topic: number[]): Refusal =>
  row(`topic ${what}`, rule, status, 0x30, 2 + topic.length, 0, topic.length, ...topic);

const { MALFORMED_FLAGS, MALFORMED_LENGTH, MALFORMED_SIZE, MALFORMED_ID, UNEXPECTED_TYPE } = status;
const { MALFORMED_UTF8, MALFORMED_TOPIC, MALFORMED_CONNACK_FLAGS, MALFORMED_CONNACK_CODE } = status;
const { MALFORMED_CONNACK_SESSION, MALFORMED_SUBACK_CODE, MALFORMED_QOS, MALFORMED_DUP } = status;

const FIXED_HEADER: readonly Refusal[] = [
  row("type 0", "2.2.1", UNEXPECTED_TYPE, 0x00, 0),
  row("type 0 with flags", "2.2.1", MALFORMED_FLAGS, 0x0f, 0),
  row("type 15", "2.2.1", UNEXPECTED_TYPE, 0xf0, 0),
  row("type 15 with flags", "2.2.1", MALFORMED_FLAGS, 0xff, 0xff),
  row("CONNACK with a flag", "MQTT-2.2.2-1", MALFORMED_FLAGS, 0x21, 2, 0, 0),
  row("PUBACK with a flag", "MQTT-2.2.2-2", MALFORMED_FLAGS, 0x42, 2, 0, 1),
  row("PUBREC with a flag", "MQTT-2.2.2-2", MALFORMED_FLAGS, 0x54, 2, 0, 1),
  row("PUBREL without its flag", "MQTT-3.6.1-1", MALFORMED_FLAGS, 0x60, 2, 0, 1),
  row("PUBREL with another flag", "MQTT-3.6.1-1", MALFORMED_FLAGS, 0x61, 2, 0, 1),
  row("PUBREL with one flag too many", "MQTT-3.6.1-1", MALFORMED_FLAGS, 0x6a, 2, 0, 1),
  row("PUBCOMP with a flag", "MQTT-2.2.2-2", MALFORMED_FLAGS, 0x78, 2, 0, 1),
  row("SUBACK with a flag", "MQTT-2.2.2-2", MALFORMED_FLAGS, 0x92, 3, 0, 1, 0),
  row("UNSUBACK with a flag", "MQTT-2.2.2-2", MALFORMED_FLAGS, 0xb2, 2, 0, 1),
  row("PINGRESP with a flag", "MQTT-2.2.2-2", MALFORMED_FLAGS, 0xd1, 0),
  row("SUBSCRIBE without its flag", "MQTT-3.8.1-1", MALFORMED_FLAGS, 0x80, 6, 0, 1, 0, 1, 0x61, 0),
  row("UNSUBSCRIBE without its flag", "MQTT-3.10.1-1", MALFORMED_FLAGS, 0xa0, 5, 0, 1, 0, 1, 0x61),
  row("DISCONNECT with a flag", "MQTT-3.14.1-1", MALFORMED_FLAGS, 0xe8, 0),
  row(
    "CONNECT from a server",
    "2.2.1",
    UNEXPECTED_TYPE,
    0x10,
    13,
    0,
    4,
    0x4d,
    0x51,
    0x54,
    0x54,
    4,
    2,
    0,
    60,
    0,
    1,
    0x61,
  ),
  row("SUBSCRIBE from a server", "2.2.1", UNEXPECTED_TYPE, 0x82, 6, 0, 1, 0, 1, 0x61, 0),
  row("UNSUBSCRIBE from a server", "2.2.1", UNEXPECTED_TYPE, 0xa2, 5, 0, 1, 0, 1, 0x61),
  row("PINGREQ from a server", "2.2.1", UNEXPECTED_TYPE, 0xc0, 0),
  row("DISCONNECT from a server", "2.2.1", UNEXPECTED_TYPE, 0xe0, 0),
  row("a length of five bytes", "2.2.3", MALFORMED_LENGTH, 0x30, 0x80, 0x80, 0x80, 0x80, 0x01),
  row("a length of five bytes, all set", "2.2.3", MALFORMED_LENGTH, 0x30, 0xff, 0xff, 0xff, 0xff, 0x7f),
  row("a length that never ends, in PUBACK", "2.2.3", MALFORMED_LENGTH, 0x40, 0x82, 0x80, 0x80, 0x80),
];

const CONNACK: readonly Refusal[] = [
  row("CONNACK without a body", "3.2.1", MALFORMED_SIZE, 0x20, 0),
  row("CONNACK of one byte", "3.2.1", MALFORMED_SIZE, 0x20, 1, 0),
  row("CONNACK of three bytes", "3.2.1", MALFORMED_SIZE, 0x20, 3, 0, 0, 0),
  row("CONNACK with reserved bit 1", "3.2.2.1", MALFORMED_CONNACK_FLAGS, 0x20, 2, 0x02, 0),
  row("CONNACK with reserved bit 7", "3.2.2.1", MALFORMED_CONNACK_FLAGS, 0x20, 2, 0x81, 0),
  row("CONNACK with all reserved bits and a refusal", "3.2.2.1", MALFORMED_CONNACK_FLAGS, 0x20, 2, 0xfe, 5),
  ...[1, 2, 3, 4, 5].map(code =>
    row(`refusal ${code} with a session`, "MQTT-3.2.2-4", MALFORMED_CONNACK_SESSION, 0x20, 2, 1, code),
  ),
  row("return code 6", "3.2.2.3", MALFORMED_CONNACK_CODE, 0x20, 2, 0, 6),
  row("return code 0x80, of MQTT 5", "3.2.2.3", MALFORMED_CONNACK_CODE, 0x20, 2, 0, 0x80),
  row("return code 255", "3.2.2.3", MALFORMED_CONNACK_CODE, 0x20, 2, 0, 0xff),
  row("return code 255 with a session", "3.2.2.3", MALFORMED_CONNACK_CODE, 0x20, 2, 1, 0xff),
];

const PUBLISH: readonly Refusal[] = [
  row("QoS 3", "MQTT-3.3.1-4", MALFORMED_QOS, 0x36, 5, 0, 1, 0x61, 0, 1),
  row("QoS 3 with RETAIN", "MQTT-3.3.1-4", MALFORMED_QOS, 0x37, 5, 0, 1, 0x61, 0, 1),
  row("QoS 3 with DUP", "MQTT-3.3.1-4", MALFORMED_QOS, 0x3e, 5, 0, 1, 0x61, 0, 1),
  row("DUP at QoS 0", "MQTT-3.3.1-2", MALFORMED_DUP, 0x38, 3, 0, 1, 0x61),
  row("DUP at QoS 0 with RETAIN", "MQTT-3.3.1-2", MALFORMED_DUP, 0x39, 3, 0, 1, 0x61),
  row("PUBLISH without a body", "MQTT-3.3.2-1", MALFORMED_SIZE, 0x30, 0),
  row("half a topic size", "MQTT-3.3.2-1", MALFORMED_SIZE, 0x30, 1, 0),
  row("a topic longer than the packet", "MQTT-3.3.2-1", MALFORMED_SIZE, 0x30, 3, 0, 2, 0x61),
  row("a topic of 65,535 bytes that is not there", "MQTT-3.3.2-1", MALFORMED_SIZE, 0x30, 3, 0xff, 0xff, 0x61),
  row("QoS 1 without an identifier", "MQTT-2.3.1-1", MALFORMED_SIZE, 0x32, 3, 0, 1, 0x61),
  row("QoS 1 with half an identifier", "MQTT-2.3.1-1", MALFORMED_SIZE, 0x32, 4, 0, 1, 0x61, 1),
  row("QoS 2 without an identifier", "MQTT-2.3.1-1", MALFORMED_SIZE, 0x34, 3, 0, 1, 0x61),
  row("QoS 1 with a topic longer than the packet", "MQTT-3.3.2-1", MALFORMED_SIZE, 0x32, 5, 0, 4, 0x61, 0, 1),
  row("QoS 1 with identifier 0", "MQTT-2.3.1-1", MALFORMED_ID, 0x32, 5, 0, 1, 0x61, 0, 0),
  row("QoS 2 with identifier 0", "MQTT-2.3.1-1", MALFORMED_ID, 0x34, 6, 0, 1, 0x61, 0, 0, 0x21),
  publish("empty", "MQTT-4.7.3-1", MALFORMED_TOPIC),
  publish("'#'", "MQTT-3.3.2-2", MALFORMED_TOPIC, 0x23),
  publish("'+'", "MQTT-3.3.2-2", MALFORMED_TOPIC, 0x2b),
  publish("'a/#'", "MQTT-3.3.2-2", MALFORMED_TOPIC, 0x61, 0x2f, 0x23),
  publish("'a/+/b'", "MQTT-3.3.2-2", MALFORMED_TOPIC, 0x61, 0x2f, 0x2b, 0x2f, 0x62),
  publish("'abcd+'", "MQTT-4.7.1-1", MALFORMED_TOPIC, 0x61, 0x62, 0x63, 0x64, 0x2b),
  publish("'#bcdefg'", "MQTT-4.7.1-1", MALFORMED_TOPIC, 0x23, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67),
  publish("'é#'", "MQTT-4.7.1-1", MALFORMED_TOPIC, 0xc3, 0xa9, 0x23),
  publish("with U+0000", "MQTT-1.5.3-2", MALFORMED_UTF8, 0x61, 0x00, 0x62),
  publish("of U+0000 alone", "MQTT-4.7.3-2", MALFORMED_UTF8, 0x00),
  publish("with U+0000 in an overlong form", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xc0, 0x80),
  publish("with '/' in an overlong form of two", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xc0, 0xaf),
  publish("with U+007F in an overlong form of two", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xc1, 0xbf),
  publish("with U+07FF in an overlong form of three", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xe0, 0x9f, 0xbf),
  publish("with U+FFFF in an overlong form of four", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xf0, 0x8f, 0xbf, 0xbf),
  publish("with the first surrogate, U+D800", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xed, 0xa0, 0x80),
  publish("with the last surrogate, U+DFFF", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xed, 0xbf, 0xbf),
  publish("with a pair of surrogates", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xed, 0xa0, 0x81, 0xed, 0xb0, 0x80),
  publish("with U+110000", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xf4, 0x90, 0x80, 0x80),
  publish("with a lead byte of 0xF5", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xf5, 0x80, 0x80, 0x80),
  publish("with 0xFE", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xfe),
  publish("with 0xFF", "MQTT-1.5.3-1", MALFORMED_UTF8, 0x61, 0x62, 0x63, 0x64, 0xff),
  publish("with a form of five bytes", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xf8, 0x88, 0x80, 0x80, 0x80),
  publish("that begins with a continuation byte", "MQTT-1.5.3-1", MALFORMED_UTF8, 0x80),
  publish("with a lead byte and no continuation", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xc3, 0x28),
  publish("that ends inside a character of two bytes", "MQTT-1.5.3-1", MALFORMED_UTF8, 0x61, 0xc3),
  publish("that ends inside a character of three bytes", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xe2, 0x82),
  publish("that ends inside a character of four bytes", "MQTT-1.5.3-1", MALFORMED_UTF8, 0xf0, 0x90, 0x80),
  publish("in Latin-1", "MQTT-1.5.3-1", MALFORMED_UTF8, 0x5a, 0x6f, 0xeb),
];

const ACKNOWLEDGEMENTS: readonly Refusal[] = (
  [
    ["PUBACK", 0x40, "3.4.2"],
    ["PUBREC", 0x50, "3.5.2"],
    ["PUBREL", 0x62, "3.6.2"],
    ["PUBCOMP", 0x70, "3.7.2"],
    ["UNSUBACK", 0xb0, "3.11.2"],
  ] as const
).flatMap(([name, first, section]) => [
  row(`${name} without a body`, section, MALFORMED_SIZE, first, 0),
  row(`${name} of one byte`, section, MALFORMED_SIZE, first, 1, 1),
  row(`${name} of three bytes`, section, MALFORMED_SIZE, first, 3, 0, 1, 0),
  row(`${name} with identifier 0`, "MQTT-2.3.1-1", MALFORMED_ID, first, 2, 0, 0),
]);

const REST: readonly Refusal[] = [
  row("SUBACK without a body", "3.9.2", MALFORMED_SIZE, 0x90, 0),
  row("SUBACK with half an identifier", "3.9.2", MALFORMED_SIZE, 0x90, 1, 1),
  row("SUBACK without a code", "MQTT-3.8.4-5", MALFORMED_SIZE, 0x90, 2, 0, 1),
  row("SUBACK with identifier 0", "MQTT-2.3.1-1", MALFORMED_ID, 0x90, 3, 0, 0, 0),
  row("SUBACK with code 3", "MQTT-3.9.3-2", MALFORMED_SUBACK_CODE, 0x90, 3, 0, 1, 3),
  row("SUBACK with code 0x7F", "MQTT-3.9.3-2", MALFORMED_SUBACK_CODE, 0x90, 3, 0, 1, 0x7f),
  row("SUBACK with code 0x81", "MQTT-3.9.3-2", MALFORMED_SUBACK_CODE, 0x90, 3, 0, 1, 0x81),
  row("SUBACK whose second code is 0xFF", "MQTT-3.9.3-2", MALFORMED_SUBACK_CODE, 0x90, 4, 0, 1, 0, 0xff),
  row("PINGRESP with a body", "3.13.1", MALFORMED_SIZE, 0xd0, 1, 0),
];

export const REFUSALS: readonly Refusal[] = [...FIXED_HEADER, ...CONNACK, ...PUBLISH, ...ACKNOWLEDGEMENTS, ...REST];
