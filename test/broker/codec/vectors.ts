/**
 * Packets that a server must refuse, as annotated bytes: what is wrong, the rule, the bytes.
 *
 * `state` says where in a connection they come: "new" as its first bytes, "open" after an accepted CONNECT. `rule` is
 * the start of the reason that the broker must give.
 */
export interface Refusal {
  what: string;
  rule: string;
  state: "new" | "open";
  bytes: number[];
}

const text = (value: string): number[] => [0, Buffer.byteLength(value), ...Buffer.from(value)];
/** "MQTT", level 4. */
const MQTT4 = [...text("MQTT"), 4];
const CLEAN = 0x02;
const KEEP_ALIVE = [0, 60];
const ID = text("c");

/** Puts a fixed header before a body of less than 128 bytes. */
function packet(first: number, ...body: number[]): number[] {
  return [first, body.length, ...body];
}

function connect(flags: number, ...payload: number[]): number[] {
  return packet(0x10, ...MQTT4, flags, ...KEEP_ALIVE, ...payload);
}

const first = (what: string, rule: string, bytes: number[]): Refusal => ({ what, rule, state: "new", bytes });
const open = (what: string, rule: string, bytes: number[]): Refusal => ({ what, rule, state: "open", bytes });

export const REFUSALS: readonly Refusal[] = [
  // CONNECT, 3.1
  first("PUBLISH before CONNECT", "MQTT-3.1.0-1", packet(0x30, ...text("a"))),
  first("PINGREQ before CONNECT", "MQTT-3.1.0-1", packet(0xc0)),
  first("DISCONNECT before CONNECT", "MQTT-3.1.0-1", packet(0xe0)),
  first("CONNACK as the first packet", "MQTT-3.1.0-1", packet(0x20, 0, 0)),
  first("CONNECT with a flag of the fixed header", "MQTT-2.2.2-2", [0x11, ...connect(CLEAN, ...ID).slice(1)]),
  first("protocol name 'MQTX'", "MQTT-3.1.2-1", packet(0x10, ...text("MQTX"), 4, CLEAN, ...KEEP_ALIVE, ...ID)),
  first("protocol name in lower case", "MQTT-3.1.2-1", packet(0x10, ...text("mqtt"), 4, CLEAN, ...KEEP_ALIVE, ...ID)),
  first("protocol name empty", "MQTT-3.1.2-1", packet(0x10, 0, 0, 4, CLEAN, ...KEEP_ALIVE, ...ID)),
  first("protocol name longer than the packet", "MQTT-3.1.2-1", packet(0x10, 0, 9, 0x4d, 0x51)),
  first("empty body", "MQTT-3.1.2-1", packet(0x10)),
  first("ends before the level", "MQTT-3.1.2-2", packet(0x10, ...text("MQTT"))),
  first("level 6", "MQTT-3.1.2-2", packet(0x10, ...text("MQTT"), 6, CLEAN, ...KEEP_ALIVE, 0, ...ID)),
  first(
    "level 3 with the name of level 4",
    "MQTT-3.1.2-2",
    packet(0x10, ...text("MQTT"), 3, CLEAN, ...KEEP_ALIVE, ...ID),
  ),
  first("ends before the flags", "MQTT 3.1.2.3", packet(0x10, ...MQTT4)),
  first("reserved flag", "MQTT-3.1.2-3", connect(CLEAN | 0x01, ...ID)),
  first("ends inside the keep-alive", "MQTT 3.1.2.10", packet(0x10, ...MQTT4, CLEAN, 0)),
  first("no client identifier", "MQTT-3.1.3-3", connect(CLEAN)),
  first("client identifier cut short", "MQTT-3.1.3-3", connect(CLEAN, 0, 4, 0x61)),
  first("client identifier with U+0000", "MQTT-1.5.3-2", connect(CLEAN, 0, 2, 0x61, 0x00)),
  first("client identifier with a surrogate, U+D800", "MQTT-1.5.3-1", connect(CLEAN, 0, 3, 0xed, 0xa0, 0x80)),
  first("client identifier with an over-long '/'", "MQTT-1.5.3-1", connect(CLEAN, 0, 2, 0xc0, 0xaf)),
  first("client identifier over U+10FFFF", "MQTT-1.5.3-1", connect(CLEAN, 0, 4, 0xf4, 0x90, 0x80, 0x80)),
  first("client identifier with a lone continuation byte", "MQTT-1.5.3-1", connect(CLEAN, 0, 1, 0x80)),
  first("client identifier that ends inside a character", "MQTT-1.5.3-1", connect(CLEAN, 0, 2, 0xe2, 0x82)),
  first("empty client identifier without a clean session", "MQTT-3.1.3-8", connect(0, 0, 0)),
  first("will QoS without a will", "MQTT-3.1.2-13", connect(CLEAN | 0x08, ...ID)),
  first("will QoS 3", "MQTT-3.1.2-14", connect(CLEAN | 0x1c, ...ID, ...text("w"), ...text("x"))),
  first("will retain without a will", "MQTT-3.1.2-15", connect(CLEAN | 0x20, ...ID)),
  first("will without a topic", "MQTT-3.1.2-9", connect(CLEAN | 0x04, ...ID)),
  first("will without a message", "MQTT-3.1.2-9", connect(CLEAN | 0x04, ...ID, ...text("w"))),
  first("will topic empty", "MQTT-4.7.3-1", connect(CLEAN | 0x04, ...ID, 0, 0, ...text("x"))),
  first("will topic with a wildcard", "MQTT-4.7.1-1", connect(CLEAN | 0x04, ...ID, ...text("w/#"), ...text("x"))),
  first("will topic ill-formed", "MQTT-1.5.3-1", connect(CLEAN | 0x04, ...ID, 0, 1, 0xff, ...text("x"))),
  first("password without a user name", "MQTT-3.1.2-22", connect(CLEAN | 0x40, ...ID, ...text("p"))),
  first("user name missing", "MQTT-3.1.2-19", connect(CLEAN | 0x80, ...ID)),
  first("user name ill-formed", "MQTT-1.5.3-1", connect(CLEAN | 0x80, ...ID, 0, 1, 0xfe)),
  first("password missing", "MQTT-3.1.2-21", connect(CLEAN | 0xc0, ...ID, ...text("u"))),
  first("user name without its flag", "MQTT-3.1.2-18", connect(CLEAN, ...ID, ...text("u"))),
  first("password without its flag", "MQTT-3.1.2-20", connect(CLEAN | 0x80, ...ID, ...text("u"), ...text("p"))),
  open("second CONNECT", "MQTT-3.1.0-2", connect(CLEAN, ...ID)),

  // The fixed header, 2.2
  open("packet type 0", "MQTT 2.2.1", packet(0x00)),
  open("packet type 15", "MQTT 2.2.1", packet(0xf0)),
  open("five bytes of Remaining Length", "MQTT 2.2.3", [0x30, 0x80, 0x80, 0x80, 0x80, 0x01]),
  open("PUBACK with flags", "MQTT-2.2.2-2", packet(0x42, 0, 1)),
  open("PUBREC with flags", "MQTT-2.2.2-2", packet(0x51, 0, 1)),
  open("PUBREL without its flag", "MQTT-3.6.1-1", packet(0x60, 0, 1)),
  open("PUBCOMP with flags", "MQTT-2.2.2-2", packet(0x78, 0, 1)),
  open("SUBSCRIBE without its flag", "MQTT-3.8.1-1", packet(0x80, 0, 1, ...text("a"), 0)),
  open("UNSUBSCRIBE without its flag", "MQTT-3.10.1-1", packet(0xa0, 0, 1, ...text("a"))),
  open("PINGREQ with flags", "MQTT-2.2.2-2", packet(0xc1)),
  open("DISCONNECT with flags", "MQTT-3.14.1-1", packet(0xe1)),
  open("CONNACK from a client", "MQTT 2.2.1", packet(0x20, 0, 0)),
  open("SUBACK from a client", "MQTT 2.2.1", packet(0x90, 0, 1, 0)),
  open("UNSUBACK from a client", "MQTT 2.2.1", packet(0xb0, 0, 1)),
  open("PINGRESP from a client", "MQTT 2.2.1", packet(0xd0)),

  // PUBLISH, 3.3
  open("DUP at QoS 0", "MQTT-3.3.1-2", packet(0x38, ...text("a"))),
  open("QoS 3", "MQTT-3.3.1-4", packet(0x36, ...text("a"), 0, 1)),
  open("no topic", "MQTT-3.3.2-1", packet(0x30)),
  open("topic longer than the packet", "MQTT-3.3.2-1", packet(0x30, 0, 5, 0x61)),
  open("topic empty", "MQTT-4.7.3-1", packet(0x30, 0, 0)),
  open("topic with '+'", "MQTT-3.3.2-2", packet(0x30, ...text("a/+"))),
  open("topic with '#'", "MQTT-3.3.2-2", packet(0x30, ...text("a/#"))),
  open("topic with '#' inside a level", "MQTT-3.3.2-2", packet(0x30, ...text("a#b"))),
  open("topic with U+0000", "MQTT-1.5.3-2", packet(0x30, 0, 2, 0x61, 0x00)),
  open("topic ill-formed", "MQTT-1.5.3-1", packet(0x30, 0, 2, 0xc3, 0x28)),
  open("topic with '/' over-long in three bytes", "MQTT-1.5.3-1", packet(0x30, 0, 3, 0xe0, 0x80, 0xaf)),
  open("topic with '/' over-long in four bytes", "MQTT-1.5.3-1", packet(0x30, 0, 4, 0xf0, 0x80, 0x80, 0xaf)),
  open("topic with U+DFFF, the last surrogate", "MQTT-1.5.3-1", packet(0x30, 0, 3, 0xed, 0xbf, 0xbf)),
  open("topic with a byte that UTF-8 never has, F5", "MQTT-1.5.3-1", packet(0x30, 0, 4, 0xf5, 0x80, 0x80, 0x80)),
  open("topic that ends inside a four-byte character", "MQTT-1.5.3-1", packet(0x30, 0, 3, 0xf1, 0x80, 0x80)),
  open("QoS 1 without an identifier", "MQTT-2.3.1-1", packet(0x32, ...text("a"))),
  open("QoS 1 with half an identifier", "MQTT-2.3.1-1", packet(0x32, ...text("a"), 0)),
  open("QoS 1 with identifier 0", "MQTT-2.3.1-1", packet(0x32, ...text("a"), 0, 0)),
  open("QoS 2 with identifier 0", "MQTT-2.3.1-1", packet(0x34, ...text("a"), 0, 0)),

  // Acknowledgements, 3.4 to 3.7
  open("PUBACK without a body", "MQTT 3.4.1", packet(0x40)),
  open("PUBACK of one byte", "MQTT 3.4.1", packet(0x40, 1)),
  open("PUBACK of three bytes", "MQTT 3.4.1", packet(0x40, 0, 1, 0)),
  open("PUBACK for identifier 0", "MQTT-2.3.1-1", packet(0x40, 0, 0)),
  open("PUBREC of one byte", "MQTT 3.5.1", packet(0x50, 1)),
  open("PUBREL of three bytes", "MQTT 3.6.1", packet(0x62, 0, 1, 0)),
  open("PUBREL for identifier 0", "MQTT-2.3.1-1", packet(0x62, 0, 0)),
  open("PUBCOMP without a body", "MQTT 3.7.1", packet(0x70)),

  // SUBSCRIBE and UNSUBSCRIBE, 3.8 and 3.10
  open("SUBSCRIBE without a filter", "MQTT-3.8.3-3", packet(0x82, 0, 1)),
  open("SUBSCRIBE without anything", "MQTT-2.3.1-1", packet(0x82)),
  open("SUBSCRIBE with identifier 0", "MQTT-2.3.1-1", packet(0x82, 0, 0, ...text("a"), 0)),
  open("SUBSCRIBE without a QoS", "MQTT 3.8.3", packet(0x82, 0, 1, ...text("a"))),
  open("SUBSCRIBE with QoS 3", "MQTT-3-8.3-4", packet(0x82, 0, 1, ...text("a"), 3)),
  open("SUBSCRIBE with a reserved bit", "MQTT-3-8.3-4", packet(0x82, 0, 1, ...text("a"), 0x80)),
  open("SUBSCRIBE with a filter cut short", "MQTT-3.8.3-1", packet(0x82, 0, 1, 0, 9, 0x61)),
  open("SUBSCRIBE whose second filter is cut short", "MQTT-3.8.3-1", packet(0x82, 0, 1, ...text("a"), 0, 0)),
  open("filter empty", "MQTT-4.7.3-1", packet(0x82, 0, 1, 0, 0, 0)),
  open("filter 'a/#/b'", "MQTT-4.7.1-2", packet(0x82, 0, 1, ...text("a/#/b"), 0)),
  open("filter 'a#'", "MQTT-4.7.1-2", packet(0x82, 0, 1, ...text("a#"), 0)),
  open("filter '#/'", "MQTT-4.7.1-2", packet(0x82, 0, 1, ...text("#/"), 0)),
  open("filter 'a+'", "MQTT-4.7.1-3", packet(0x82, 0, 1, ...text("a+"), 0)),
  open("filter '+a/b'", "MQTT-4.7.1-3", packet(0x82, 0, 1, ...text("+a/b"), 0)),
  open("filter '++'", "MQTT-4.7.1-3", packet(0x82, 0, 1, ...text("++"), 0)),
  open("filter with U+0000", "MQTT-1.5.3-2", packet(0x82, 0, 1, 0, 1, 0, 0)),
  open("filter ill-formed", "MQTT-1.5.3-1", packet(0x82, 0, 1, 0, 1, 0xc1, 0)),
  open("UNSUBSCRIBE without a filter", "MQTT-3.10.3-2", packet(0xa2, 0, 1)),
  open("UNSUBSCRIBE with identifier 0", "MQTT-2.3.1-1", packet(0xa2, 0, 0, ...text("a"))),
  open("UNSUBSCRIBE with an impossible filter", "MQTT-4.7.1-2", packet(0xa2, 0, 1, ...text("#a"))),
  open("UNSUBSCRIBE with a filter cut short", "MQTT-3.10.3-1", packet(0xa2, 0, 1, 0, 4, 0x61)),

  // PINGREQ and DISCONNECT, 3.12 and 3.14
  open("PINGREQ with a body", "MQTT 3.12.1", packet(0xc0, 0)),
  open("DISCONNECT with a body", "MQTT 3.14.1", packet(0xe0, 0)),
];

/** What no statement forbids, though some brokers refuse it: it must be let through. */
export const ALLOWED: readonly { what: string; bytes: number[] }[] = [
  { what: "a Remaining Length with a needless byte", bytes: [0xc0, 0x80, 0x00] },
  { what: "U+FEFF in a topic [MQTT-1.5.3-3]", bytes: packet(0x30, 0, 3, 0xef, 0xbb, 0xbf) },
  { what: "a control character in a topic (SHOULD NOT)", bytes: packet(0x30, 0, 1, 0x07) },
  { what: "a non-character in a topic (SHOULD NOT)", bytes: packet(0x30, 0, 3, 0xef, 0xbf, 0xbf) },
  {
    what: "the first code points of three and four bytes",
    bytes: packet(0x30, 0, 7, 0xe0, 0xa0, 0x80, 0xf0, 0x90, 0x80, 0x80),
  },
  { what: "U+D7FF and U+E000, beside the surrogates", bytes: packet(0x30, 0, 6, 0xed, 0x9f, 0xbf, 0xee, 0x80, 0x80) },
  { what: "the last code point, U+10FFFF", bytes: packet(0x30, 0, 4, 0xf4, 0x8f, 0xbf, 0xbf) },
  { what: "an empty payload", bytes: packet(0x30, ...text("a")) },
  { what: "a topic of one '/'", bytes: packet(0x30, ...text("/")) },
  { what: "a topic with a space", bytes: packet(0x30, ...text("a b")) },
  { what: "an acknowledgement of something unknown", bytes: packet(0x40, 0, 9) },
  { what: "PUBREL of something unknown", bytes: packet(0x62, 0, 9) },
  { what: "an UNSUBSCRIBE of something unknown", bytes: packet(0xa2, 0, 9, ...text("never")) },
  { what: "filter '+/+/#'", bytes: packet(0x82, 0, 9, ...text("+/+/#"), 2) },
  { what: "filter '/+'", bytes: packet(0x82, 0, 9, ...text("/+"), 1) },
];
