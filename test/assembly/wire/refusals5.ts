/**
 * What a client of MQTT 5.0 must refuse, as bytes: the rule that is broken, and the reason code with which the standard names it.
 *
 * `rule` is the number of the conformance statement, or the section where the standard numbers none. The remaining length is
 * counted here; a property block is written as `props`, which counts its own.
 */
export interface Refusal5 {
  readonly what: string;
  readonly rule: string;
  /** With which DISCONNECT answers: section 4.13. */
  readonly reason: number;
  readonly bytes: readonly number[];
}

const MALFORMED = 0x81;
const PROTOCOL_ERROR = 0x82;
const ALIAS_INVALID = 0x94;

const row = (what: string, rule: string, reason: number, first: number, ...body: number[]): Refusal5 => ({
  what,
  rule,
  reason,
  bytes: [first, body.length, ...body],
});

const props = (...list: number[]): number[] => [list.length, ...list];
const text = (...bytes: number[]): number[] => [0, bytes.length, ...bytes];
const TOPIC = text(0x61);
const ID = [0, 7];

/** CONNACK with these properties. */
const connack = (what: string, rule: string, reason: number, ...list: number[]): Refusal5 =>
  row(`CONNACK: ${what}`, rule, reason, 0x20, 0, 0, ...props(...list));
/** PUBLISH of QoS 0 with a topic and these properties. */
const publish = (what: string, rule: string, reason: number, ...list: number[]): Refusal5 =>
  row(`PUBLISH: ${what}`, rule, reason, 0x30, ...TOPIC, ...props(...list));
/** PUBACK with these properties. */
const puback = (what: string, rule: string, reason: number, ...list: number[]): Refusal5 =>
  row(`PUBACK: ${what}`, rule, reason, 0x40, ...ID, 0, ...props(...list));
const disconnect = (what: string, rule: string, reason: number, ...list: number[]): Refusal5 =>
  row(`DISCONNECT: ${what}`, rule, reason, 0xe0, 0, ...props(...list));
const auth = (what: string, rule: string, reason: number, ...list: number[]): Refusal5 =>
  row(`AUTH: ${what}`, rule, reason, 0xf0, 0x18, ...props(...list));

const FIXED_HEADER: readonly Refusal5[] = [
  row("CONNACK with a flag", "MQTT-2.1.3-1", MALFORMED, 0x21, 0, 0, 0),
  row("PUBACK with a flag", "MQTT-2.1.3-1", MALFORMED, 0x41, ...ID),
  row("PUBREC with a flag", "MQTT-2.1.3-1", MALFORMED, 0x52, ...ID),
  row("PUBREL without its flag", "MQTT-3.6.1-1", MALFORMED, 0x60, ...ID),
  row("PUBREL with another flag", "MQTT-3.6.1-1", MALFORMED, 0x64, ...ID),
  row("PUBCOMP with a flag", "MQTT-2.1.3-1", MALFORMED, 0x78, ...ID),
  row("SUBACK with a flag", "MQTT-2.1.3-1", MALFORMED, 0x91, ...ID, 0, 0),
  row("UNSUBACK with a flag", "MQTT-2.1.3-1", MALFORMED, 0xb2, ...ID, 0, 0),
  row("PINGRESP with a flag", "MQTT-2.1.3-1", MALFORMED, 0xd4),
  row("DISCONNECT with a flag", "MQTT-3.14.1-1", MALFORMED, 0xe1, 0),
  row("AUTH with a flag", "MQTT-3.15.1-1", MALFORMED, 0xf1, 0),
  row("SUBSCRIBE without its flag", "MQTT-3.8.1-1", MALFORMED, 0x80, ...ID, 0, ...TOPIC, 0),
  row("UNSUBSCRIBE without its flag", "MQTT-3.10.1-1", MALFORMED, 0xa0, ...ID, 0, ...TOPIC),
  row("type 0", "2.1.2", PROTOCOL_ERROR, 0x00),
  row("SUBSCRIBE from a server", "2.1.2", PROTOCOL_ERROR, 0x82, ...ID, 0, ...TOPIC, 0),
  row("PINGREQ from a server", "2.1.2", PROTOCOL_ERROR, 0xc0),
  row("PINGRESP with a body", "3.13.1", MALFORMED, 0xd0, 0),
  { what: "a length of five bytes", rule: "1.5.5", reason: MALFORMED, bytes: [0x30, 0x80, 0x80, 0x80, 0x80, 0x01] },
  { what: "a length in two bytes for one", rule: "MQTT-1.5.5-1", reason: MALFORMED, bytes: [0x40, 0x82, 0x00, 0, 1] },
  {
    what: "a length in four bytes for one",
    rule: "MQTT-1.5.5-1",
    reason: MALFORMED,
    bytes: [0xd0, 0x80, 0x80, 0x80, 0],
  },
];

const CONNACK: readonly Refusal5[] = [
  row("CONNACK without a body", "3.2.2", MALFORMED, 0x20),
  row("CONNACK without a reason", "3.2.2", MALFORMED, 0x20, 0),
  row("CONNACK without properties", "MQTT-2.2.2-1", MALFORMED, 0x20, 0, 0),
  row("CONNACK with a byte behind", "3.2.3", MALFORMED, 0x20, 0, 0, 0, 0),
  row("CONNACK with reserved bit 1", "MQTT-3.2.2-1", MALFORMED, 0x20, 2, 0, 0),
  row("CONNACK with reserved bit 7", "MQTT-3.2.2-1", MALFORMED, 0x20, 0x81, 0, 0),
  row("CONNACK that refuses and has a session", "MQTT-3.2.2-6", MALFORMED, 0x20, 1, 0x87, 0),
  ...[1, 2, 5, 0x10, 0x7f, 0x8b, 0x8d, 0x8e, 0x8f, 0x91, 0x93, 0x98, 0x9e, 0xa0, 0xff].map(code =>
    row(`CONNACK with code ${code}`, "MQTT-3.2.2-8", PROTOCOL_ERROR, 0x20, 0, code, 0),
  ),
  connack("a payload format", "2.2.2.2", MALFORMED, 0x01, 0),
  connack("a topic alias", "2.2.2.2", MALFORMED, 0x23, 0, 1),
  connack("a will delay", "2.2.2.2", MALFORMED, 0x18, 0, 0, 0, 0),
  connack("an identifier that is not defined", "2.2.2.2", MALFORMED, 0x2b, 0),
  connack("identifier 0", "2.2.2.2", MALFORMED, 0, 0),
  connack("identifier 0x20", "2.2.2.2", MALFORMED, 0x20, 0, 0),
  connack("identifier 0x7f", "2.2.2.2", MALFORMED, 0x7f, 0),
  connack("an identifier of two bytes", "MQTT-1.5.5-1", MALFORMED, 0xa4, 0x00, 1),
  connack("maximum QoS 2", "3.2.2.3.4", PROTOCOL_ERROR, 0x24, 2),
  connack("retain available 2", "3.2.2.3.5", PROTOCOL_ERROR, 0x25, 2),
  connack("wildcards available 2", "3.2.2.3.11", PROTOCOL_ERROR, 0x28, 2),
  connack("identifiers available 255", "3.2.2.3.12", PROTOCOL_ERROR, 0x29, 255),
  connack("shares available 2", "3.2.2.3.13", PROTOCOL_ERROR, 0x2a, 2),
  connack("receive maximum 0", "3.2.2.3.3", PROTOCOL_ERROR, 0x21, 0, 0),
  connack("maximum packet size 0", "3.2.2.3.6", PROTOCOL_ERROR, 0x27, 0, 0, 0, 0),
  connack("a receive maximum twice", "3.2.2.3.3", PROTOCOL_ERROR, 0x21, 0, 1, 0x21, 0, 1),
  connack("a session expiry twice", "3.2.2.3.2", PROTOCOL_ERROR, 0x11, 0, 0, 0, 1, 0x11, 0, 0, 0, 1),
  connack("a maximum QoS twice", "3.2.2.3.4", PROTOCOL_ERROR, 0x24, 1, 0x24, 1),
  connack("a keep-alive twice", "3.2.2.3.14", PROTOCOL_ERROR, 0x13, 0, 1, 0x13, 0, 1),
  connack("an assigned identifier twice", "3.2.2.3.7", PROTOCOL_ERROR, 0x12, ...TOPIC, 0x12, ...TOPIC),
  connack("authentication data without a method", "3.1.2.11.10", PROTOCOL_ERROR, 0x16, ...TOPIC),
  connack("a receive maximum cut short", "2.2.2.2", MALFORMED, 0x21, 1),
  connack("a session expiry cut short", "2.2.2.2", MALFORMED, 0x11, 0, 0, 1),
  connack("an assigned identifier cut short", "MQTT-1.5.4-1", MALFORMED, 0x12, 0, 2, 0x61),
  connack("half a pair", "MQTT-1.5.7-1", MALFORMED, 0x26, ...TOPIC),
  row("CONNACK: properties that go on behind the packet", "2.2.2.1", MALFORMED, 0x20, 0, 0, 3, 0x24),
  row("CONNACK: a property length in two bytes for one", "MQTT-1.5.5-1", MALFORMED, 0x20, 0, 0, 0x82, 0, 0x24, 1),
];

const PUBLISH: readonly Refusal5[] = [
  row("QoS 3", "MQTT-3.3.1-4", MALFORMED, 0x36, ...TOPIC, ...ID, 0),
  row("DUP at QoS 0", "MQTT-3.3.1-2", MALFORMED, 0x38, ...TOPIC, 0),
  row("PUBLISH without a body", "MQTT-3.3.2-1", MALFORMED, 0x30),
  row("a topic cut short", "MQTT-3.3.2-1", MALFORMED, 0x30, 0, 2, 0x61),
  row("PUBLISH without properties", "MQTT-2.2.2-1", MALFORMED, 0x30, ...TOPIC),
  row("PUBLISH of QoS 1 without properties", "MQTT-2.2.2-1", MALFORMED, 0x32, ...TOPIC, ...ID),
  row("PUBLISH with identifier 0", "MQTT-2.2.1-4", PROTOCOL_ERROR, 0x32, ...TOPIC, 0, 0, 0),
  row("half an identifier", "MQTT-2.2.1-4", MALFORMED, 0x32, ...TOPIC, 0),
  row("a topic with '#'", "MQTT-3.3.2-2", MALFORMED, 0x30, ...text(0x61, 0x2f, 0x23), 0),
  row("a topic with '+'", "MQTT-3.3.2-2", MALFORMED, 0x30, ...text(0x2b), 0),
  row("a topic with U+0000", "MQTT-4.7.3-2", MALFORMED, 0x30, ...text(0x61, 0), 0),
  row("a topic that is not UTF-8", "MQTT-1.5.4-1", MALFORMED, 0x30, ...text(0xff), 0),
  row("a topic with a surrogate", "MQTT-1.5.4-1", MALFORMED, 0x30, ...text(0xed, 0xa0, 0x80), 0),
  row("no topic and no alias", "3.3.2.1", PROTOCOL_ERROR, 0x30, 0, 0, 0),
  publish("alias 0", "MQTT-3.3.2-8", ALIAS_INVALID, 0x23, 0, 0),
  publish("an alias twice", "3.3.2.3.4", PROTOCOL_ERROR, 0x23, 0, 1, 0x23, 0, 1),
  publish("payload format 2", "3.3.2.3.2", PROTOCOL_ERROR, 0x01, 2),
  publish("payload format twice", "3.3.2.3.2", PROTOCOL_ERROR, 0x01, 1, 0x01, 1),
  publish("expiry twice", "3.3.2.3.3", PROTOCOL_ERROR, 0x02, 0, 0, 0, 1, 0x02, 0, 0, 0, 1),
  publish("a response topic twice", "3.3.2.3.5", PROTOCOL_ERROR, 0x08, ...TOPIC, 0x08, ...TOPIC),
  publish("a response topic with '+'", "MQTT-3.3.2-14", MALFORMED, 0x08, ...text(0x2b)),
  publish("a response topic with '#'", "MQTT-3.3.2-14", MALFORMED, 0x08, ...text(0x61, 0x2f, 0x23)),
  publish("a response topic that is not UTF-8", "MQTT-3.3.2-13", MALFORMED, 0x08, ...text(0xc0, 0x80)),
  publish("a content type that is not UTF-8", "MQTT-3.3.2-19", MALFORMED, 0x03, ...text(0xf5, 0x80, 0x80, 0x80)),
  publish("a content type twice", "3.3.2.3.9", PROTOCOL_ERROR, 0x03, ...TOPIC, 0x03, ...TOPIC),
  publish("correlation data twice", "3.3.2.3.6", PROTOCOL_ERROR, 0x09, ...TOPIC, 0x09, ...TOPIC),
  publish("correlation data cut short", "2.2.2.2", MALFORMED, 0x09, 0, 3, 1),
  publish("subscription identifier 0", "3.3.2.3.8", PROTOCOL_ERROR, 0x0b, 0),
  publish("a subscription identifier in two bytes for one", "MQTT-1.5.5-1", MALFORMED, 0x0b, 0x81, 0x00),
  publish("a subscription identifier of five bytes", "1.5.5", MALFORMED, 0x0b, 0x80, 0x80, 0x80, 0x80, 1),
  publish("a subscription identifier cut short", "1.5.5", MALFORMED, 0x0b, 0x81),
  publish("a session expiry", "2.2.2.2", MALFORMED, 0x11, 0, 0, 0, 0),
  publish("a reason string", "2.2.2.2", MALFORMED, 0x1f, ...TOPIC),
  publish("a user property whose name is not UTF-8", "MQTT-1.5.7-1", MALFORMED, 0x26, ...text(0x80), ...TOPIC),
  publish("a user property whose value is not UTF-8", "MQTT-1.5.7-1", MALFORMED, 0x26, ...TOPIC, ...text(0xc3)),
  publish("a user property with U+0000", "MQTT-1.5.4-2", MALFORMED, 0x26, ...text(0), ...TOPIC),
];

/** PUBACK, PUBREC, PUBREL, PUBCOMP: the codes that each may not carry. */
const ACKNOWLEDGEMENTS: readonly Refusal5[] = (
  [
    ["PUBACK", 0x40, "MQTT-3.4.2-1", [1, 0x11, 0x18, 0x81, 0x92, 0x98, 0x9b]],
    ["PUBREC", 0x50, "MQTT-3.5.2-1", [1, 0x11, 0x82, 0x92, 0x95, 0xa1]],
    ["PUBREL", 0x62, "MQTT-3.6.2-1", [0x10, 0x80, 0x91, 0x93, 0xff]],
    ["PUBCOMP", 0x70, "MQTT-3.7.2-1", [0x10, 0x80, 0x91, 0x97, 0xa2]],
  ] as const
).flatMap(([name, first, rule, codes]) => [
  ...codes.map(code => row(`${name} with code ${code}`, rule, PROTOCOL_ERROR, first, ...ID, code)),
  row(`${name} with identifier 0`, "MQTT-2.2.1-5", PROTOCOL_ERROR, first, 0, 0),
  row(`${name} of one byte`, `3.${first >> 4}.2`, MALFORMED, first, 0),
  row(`${name} with a byte behind its properties`, `3.${first >> 4}.3`, MALFORMED, first, ...ID, 0, 0, 0),
  row(`${name} with a receive maximum`, "2.2.2.2", MALFORMED, first, ...ID, 0, ...props(0x21, 0, 1)),
]);

const REST: readonly Refusal5[] = [
  puback("a reason twice", "3.4.2.2.2", PROTOCOL_ERROR, 0x1f, ...TOPIC, 0x1f, ...TOPIC),
  puback("a reason that is not UTF-8", "MQTT-1.5.4-1", MALFORMED, 0x1f, ...text(0xe0, 0x80, 0x80)),
  puback("a reason with U+0000", "MQTT-1.5.4-2", MALFORMED, 0x1f, ...text(0)),
  puback("a server reference", "2.2.2.2", MALFORMED, 0x1c, ...TOPIC),
  ...[3, 0x10, 0x11, 0x81, 0x90, 0x92, 0xa0, 0xff].map(code =>
    row(`SUBACK with code ${code}`, "MQTT-3.9.3-2", PROTOCOL_ERROR, 0x90, ...ID, 0, 0, code),
  ),
  row("SUBACK without codes", "MQTT-3.8.4-6", MALFORMED, 0x90, ...ID, 0),
  row("SUBACK without properties", "MQTT-2.2.2-1", MALFORMED, 0x90, ...ID),
  row("SUBACK with identifier 0", "MQTT-2.2.1-6", PROTOCOL_ERROR, 0x90, 0, 0, 0, 0),
  row("SUBACK with an alias", "2.2.2.2", MALFORMED, 0x90, ...ID, ...props(0x23, 0, 1), 0),
  ...[1, 2, 0x10, 0x91 + 6, 0x9e, 0xa2].map(code =>
    row(`UNSUBACK with code ${code}`, "MQTT-3.11.3-2", PROTOCOL_ERROR, 0xb0, ...ID, 0, code),
  ),
  row("UNSUBACK as 3.1.1 has it", "MQTT-2.2.2-1", MALFORMED, 0xb0, ...ID),
  row("UNSUBACK without codes", "MQTT-3.11.3-1", MALFORMED, 0xb0, ...ID, 0),
  row("UNSUBACK with identifier 0", "MQTT-2.2.1-6", PROTOCOL_ERROR, 0xb0, 0, 0, 0, 0),
  ...[1, 0x04, 0x18, 0x84, 0x85, 0x8a, 0x91, 0x92, 0xa3].map(code =>
    row(`DISCONNECT with code ${code}`, "MQTT-3.14.2-1", PROTOCOL_ERROR, 0xe0, code),
  ),
  disconnect("a session expiry", "MQTT-3.14.2-2", MALFORMED, 0x11, 0, 0, 0, 0),
  disconnect("a reason twice", "3.14.2.2.3", PROTOCOL_ERROR, 0x1f, ...TOPIC, 0x1f, ...TOPIC),
  disconnect("a server reference twice", "3.14.2.2.5", PROTOCOL_ERROR, 0x1c, ...TOPIC, 0x1c, ...TOPIC),
  row("DISCONNECT with a byte behind its properties", "3.14.3", MALFORMED, 0xe0, 0, 0, 0),
  ...[1, 0x10, 0x19, 0x80, 0x8c].map(code =>
    row(`AUTH with code ${code}`, "MQTT-3.15.2-1", PROTOCOL_ERROR, 0xf0, code, ...props(0x15, ...TOPIC)),
  ),
  auth("data without a method", "3.15.2.2.3", PROTOCOL_ERROR, 0x16, ...TOPIC),
  auth("a method twice", "3.15.2.2.2", PROTOCOL_ERROR, 0x15, ...TOPIC, 0x15, ...TOPIC),
  auth("a method that is not UTF-8", "MQTT-1.5.4-1", MALFORMED, 0x15, ...text(0xfe)),
  auth("a receive maximum", "2.2.2.2", MALFORMED, 0x21, 0, 1),
];

export const REFUSALS5: readonly Refusal5[] = [...FIXED_HEADER, ...CONNACK, ...PUBLISH, ...ACKNOWLEDGEMENTS, ...REST];
