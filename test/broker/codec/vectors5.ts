/**
 * Packets of MQTT 5.0 that a server must refuse, as annotated bytes: what is wrong, the rule, the reason code that the
 * client must be told (4.13), the bytes.
 *
 * `state` says where in a connection they come: "new" as its first bytes (answered by CONNACK), "open" after an accepted
 * CONNECT (answered by DISCONNECT). `reasonCode` -1 is an end without an answer: nothing says yet that 5.0 is spoken.
 */
export interface Refusal5 {
  what: string;
  rule: string;
  reasonCode: number;
  state: "new" | "open";
  bytes: number[];
}

const MALFORMED = 0x81;
const PROTOCOL = 0x82;
const SILENT = -1;

const text = (value: string): number[] => [0, Buffer.byteLength(value), ...Buffer.from(value)];
/** "MQTT", level 5. */
const MQTT5 = [...text("MQTT"), 5];
const CLEAN = 0x02;
const KEEP_ALIVE = [0, 60];
const ID = text("c");
/** A property list: its length, then its properties. */
const list = (...properties: number[][]): number[] => [properties.flat().length, ...properties.flat()];
const NONE = [0];

// Identifiers of 2.2.2.2 with a value that is right by itself.
const PAYLOAD_FORMAT = [0x01, 1];
const EXPIRY = [0x02, 0, 0, 0, 9];
const CONTENT_TYPE = [0x03, ...text("t")];
const RESPONSE_TOPIC = [0x08, ...text("r")];
const CORRELATION = [0x09, 0, 1, 7];
const SUBSCRIPTION_ID = [0x0b, 5];
const SESSION_EXPIRY = [0x11, 0, 0, 0, 9];
const ASSIGNED_ID = [0x12, ...text("a")];
const SERVER_KEEP_ALIVE = [0x13, 0, 9];
const METHOD = [0x15, ...text("m")];
const AUTH_DATA = [0x16, 0, 1, 7];
const REQUEST_PROBLEM = [0x17, 1];
const WILL_DELAY = [0x18, 0, 0, 0, 9];
const REQUEST_RESPONSE = [0x19, 1];
const REFERENCE = [0x1c, ...text("s")];
const REASON = [0x1f, ...text("why")];
const RECEIVE_MAXIMUM = [0x21, 0, 9];
const ALIAS_MAXIMUM = [0x22, 0, 9];
const ALIAS = [0x23, 0, 1];
const MAXIMUM_QOS = [0x24, 1];
const USER = [0x26, ...text("k"), ...text("v")];
const PACKET_SIZE = [0x27, 0, 0, 1, 0];
/** An identifier that the standard has not given to anything. */
const UNKNOWN = [0x0c, 0];

/** Puts a fixed header before a body of less than 128 bytes. */
function packet(first: number, ...body: number[]): number[] {
  return [first, body.length, ...body];
}

function connect(flags: number, properties: number[], ...payload: number[]): number[] {
  return packet(0x10, ...MQTT5, flags, ...KEEP_ALIVE, ...properties, ...payload);
}

/** A CONNECT with a will: properties, topic 'w', payload 'x'. */
function connectWill(properties: number[]): number[] {
  return connect(CLEAN | 0x04, NONE, ...ID, ...properties, ...text("w"), ...text("x"));
}

/** QoS 0 on 'a' with properties and an empty payload. */
const publish = (...properties: number[][]): number[] => packet(0x30, ...text("a"), ...list(...properties));
const subscribe = (filter: string, options: number, properties = NONE): number[] =>
  packet(0x82, 0, 1, ...properties, ...text(filter), options);

type Maker = (what: string, rule: string, bytes: number[], reasonCode?: number) => Refusal5;
const first: Maker = (what, rule, bytes, reasonCode = MALFORMED) => ({ what, rule, reasonCode, state: "new", bytes });
const open: Maker = (what, rule, bytes, reasonCode = MALFORMED) => ({ what, rule, reasonCode, state: "open", bytes });

export const REFUSALS_5: readonly Refusal5[] = [
  // CONNECT, 3.1
  first("AUTH before CONNECT", "MQTT 2.2.1", packet(0xf0), SILENT),
  first(
    "a flag in the fixed header of CONNECT",
    "MQTT-2.2.2-2",
    [0x11, ...connect(CLEAN, NONE, ...ID).slice(1)],
    SILENT,
  ),
  first("CONNECT with a length that is too long", "MQTT-1.5.5-1", [
    0x10,
    0x80 | connect(CLEAN, NONE, ...ID)[1],
    0x00,
    ...connect(CLEAN, NONE, ...ID).slice(2),
  ]),
  first("reserved connect flag", "MQTT-3.1.2-3", connect(CLEAN | 0x01, NONE, ...ID)),
  first("ends inside the keep-alive", "MQTT 3.1.2.10", packet(0x10, ...MQTT5, CLEAN, 0)),
  first("no properties", "MQTT 2.2.2.1", packet(0x10, ...MQTT5, CLEAN, ...KEEP_ALIVE)),
  first("properties longer than the packet", "MQTT 2.2.2.1", connect(CLEAN, [9, 0x17], ...ID)),
  first("property length of five bytes", "MQTT 1.5.5", connect(CLEAN, [0x80, 0x80, 0x80, 0x80, 0x01], ...ID)),
  first("property length with a needless byte", "MQTT-1.5.5-1", connect(CLEAN, [0x80, 0x00], ...ID)),
  first("property identifier with a needless byte", "MQTT-1.5.5-1", connect(CLEAN, [3, 0x97, 0x00, 1], ...ID)),
  first("unknown property in CONNECT", "MQTT 2.2.2.2", connect(CLEAN, list(UNKNOWN), ...ID)),
  first("property 0 in CONNECT", "MQTT 2.2.2.2", connect(CLEAN, list([0x00, 0]), ...ID)),
  first("property of a PUBLISH in CONNECT", "MQTT 2.2.2.2", connect(CLEAN, list(ALIAS), ...ID)),
  first("property of a will in CONNECT", "MQTT 2.2.2.2", connect(CLEAN, list(WILL_DELAY), ...ID)),
  first("property of a server in CONNECT", "MQTT 2.2.2.2", connect(CLEAN, list(ASSIGNED_ID), ...ID)),
  first("Server Keep Alive in CONNECT", "MQTT 2.2.2.2", connect(CLEAN, list(SERVER_KEEP_ALIVE), ...ID)),
  first("Maximum QoS in CONNECT", "MQTT 2.2.2.2", connect(CLEAN, list(MAXIMUM_QOS), ...ID)),
  first("Reason String in CONNECT", "MQTT 2.2.2.2", connect(CLEAN, list(REASON), ...ID)),
  first("session expiry cut short", "MQTT 3.1.2.11.2", packet(0x10, ...MQTT5, CLEAN, ...KEEP_ALIVE, 3, 0x11, 0, 0)),
  first("session expiry over the end of the list", "MQTT 2.2.2.1", connect(CLEAN, [3, 0x11, 0, 0], 0, 0, ...ID)),
  first(
    "session expiry twice",
    "MQTT 3.1.2.11.2",
    connect(CLEAN, list(SESSION_EXPIRY, SESSION_EXPIRY), ...ID),
    PROTOCOL,
  ),
  first("Receive Maximum 0", "MQTT 3.1.2.11.3", connect(CLEAN, list([0x21, 0, 0]), ...ID), PROTOCOL),
  first(
    "Receive Maximum twice",
    "MQTT 3.1.2.11.3",
    connect(CLEAN, list(RECEIVE_MAXIMUM, RECEIVE_MAXIMUM), ...ID),
    PROTOCOL,
  ),
  first("Maximum Packet Size 0", "MQTT 3.1.2.11.4", connect(CLEAN, list([0x27, 0, 0, 0, 0]), ...ID), PROTOCOL),
  first(
    "Maximum Packet Size twice",
    "MQTT 3.1.2.11.4",
    connect(CLEAN, list(PACKET_SIZE, PACKET_SIZE), ...ID),
    PROTOCOL,
  ),
  first(
    "Topic Alias Maximum twice",
    "MQTT 3.1.2.11.5",
    connect(CLEAN, list(ALIAS_MAXIMUM, ALIAS_MAXIMUM), ...ID),
    PROTOCOL,
  ),
  first("Request Response Information 2", "MQTT 3.1.2.11.6", connect(CLEAN, list([0x19, 2]), ...ID), PROTOCOL),
  first(
    "Request Response Information twice",
    "MQTT 3.1.2.11.6",
    connect(CLEAN, list(REQUEST_RESPONSE, REQUEST_RESPONSE), ...ID),
    PROTOCOL,
  ),
  first("Request Problem Information 2", "MQTT 3.1.2.11.7", connect(CLEAN, list([0x17, 2]), ...ID), PROTOCOL),
  first(
    "Request Problem Information twice",
    "MQTT 3.1.2.11.7",
    connect(CLEAN, list(REQUEST_PROBLEM, REQUEST_PROBLEM), ...ID),
    PROTOCOL,
  ),
  first(
    "user property without a value",
    "MQTT-1.5.7-1",
    packet(0x10, ...MQTT5, CLEAN, ...KEEP_ALIVE, 4, 0x26, ...text("k")),
  ),
  first("user property with U+0000", "MQTT-1.5.4-2", connect(CLEAN, list([0x26, 0, 1, 0, ...text("v")]), ...ID)),
  first("user property ill-formed", "MQTT-1.5.4-1", connect(CLEAN, list([0x26, ...text("k"), 0, 1, 0xff]), ...ID)),
  first("authentication method twice", "MQTT 3.1.2.11.9", connect(CLEAN, list(METHOD, METHOD), ...ID), PROTOCOL),
  first("authentication data without a method", "MQTT 3.1.2.11.10", connect(CLEAN, list(AUTH_DATA), ...ID), PROTOCOL),
  first(
    "authentication data twice",
    "MQTT 3.1.2.11.10",
    connect(CLEAN, list(METHOD, AUTH_DATA, AUTH_DATA), ...ID),
    PROTOCOL,
  ),
  first("authentication method that nobody knows", "MQTT-4.12.0-1", connect(CLEAN, list(METHOD), ...ID), 0x8c),
  first("no client identifier", "MQTT-3.1.3-4", connect(CLEAN, NONE)),
  first("client identifier ill-formed", "MQTT-1.5.4-1", connect(CLEAN, NONE, 0, 1, 0xc0)),
  first("client identifier with a surrogate", "MQTT-1.5.4-1", connect(CLEAN, NONE, 0, 3, 0xed, 0xa0, 0x80)),
  first("will QoS without a will", "MQTT-3.1.2-11", connect(CLEAN | 0x08, NONE, ...ID)),
  first("will QoS 3", "MQTT-3.1.2-12", connect(CLEAN | 0x1c, NONE, ...ID, ...NONE, ...text("w"), ...text("x"))),
  first("will retain without a will", "MQTT-3.1.2-13", connect(CLEAN | 0x20, NONE, ...ID)),
  first("will without properties", "MQTT 2.2.2.1", connect(CLEAN | 0x04, NONE, ...ID)),
  first("will without a topic", "MQTT-3.1.2-9", connect(CLEAN | 0x04, NONE, ...ID, ...NONE)),
  first(
    "will topic with a wildcard",
    "MQTT-4.7.0-1",
    connect(CLEAN | 0x04, NONE, ...ID, ...NONE, ...text("w/#"), 0, 0),
  ),
  first("will topic empty", "MQTT-4.7.3-1", connect(CLEAN | 0x04, NONE, ...ID, ...NONE, 0, 0, 0, 0)),
  first("will delay twice", "MQTT 3.1.3.2.2", connectWill(list(WILL_DELAY, WILL_DELAY)), PROTOCOL),
  first("session expiry in a will", "MQTT 2.2.2.2", connectWill(list(SESSION_EXPIRY))),
  first("topic alias in a will", "MQTT 2.2.2.2", connectWill(list(ALIAS))),
  first("payload format 2 in a will", "MQTT 3.3.2.3.2", connectWill(list([0x01, 2])), PROTOCOL),
  first("response topic with a wildcard in a will", "MQTT-3.3.2-14", connectWill(list([0x08, ...text("r/+")]))),
  first("user name missing", "MQTT-3.1.2-17", connect(CLEAN | 0x80, NONE, ...ID)),
  first("password missing", "MQTT-3.1.2-19", connect(CLEAN | 0x40, NONE, ...ID)),
  first("user name without its flag", "MQTT-3.1.2-16", connect(CLEAN, NONE, ...ID, ...text("u"))),
  first("password without its flag", "MQTT-3.1.2-18", connect(CLEAN | 0x80, NONE, ...ID, ...text("u"), ...text("p"))),
  open("second CONNECT", "MQTT-3.1.0-2", connect(CLEAN, NONE, ...ID), PROTOCOL),

  // The fixed header, 2.1
  open("packet type 0", "MQTT 2.1.2", packet(0x00)),
  open("Remaining Length with a needless byte", "MQTT-1.5.5-1", [0xc0, 0x80, 0x00]),
  open("Remaining Length of five bytes", "MQTT 1.5.5", [0x30, 0x80, 0x80, 0x80, 0x80, 0x01]),
  open("PUBACK with flags", "MQTT-2.1.3-1", packet(0x42, 0, 1)),
  open("PUBREL without its flag", "MQTT-3.6.1-1", packet(0x60, 0, 1)),
  open("SUBSCRIBE without its flag", "MQTT-3.8.1-1", packet(0x80, 0, 1, ...NONE, ...text("a"), 0)),
  open("UNSUBSCRIBE without its flag", "MQTT-3.10.1-1", packet(0xa0, 0, 1, ...NONE, ...text("a"))),
  open("PINGREQ with flags", "MQTT-2.1.3-1", packet(0xc8)),
  open("DISCONNECT with flags", "MQTT-3.14.1-1", packet(0xe1)),
  open("AUTH with flags", "MQTT-3.15.1-1", packet(0xf1)),
  open("CONNACK from a client", "MQTT 2.1.2", packet(0x20, 0, 0, 0), PROTOCOL),
  open("SUBACK from a client", "MQTT 2.1.2", packet(0x90, 0, 1, 0, 0), PROTOCOL),
  open("UNSUBACK from a client", "MQTT 2.1.2", packet(0xb0, 0, 1, 0, 0), PROTOCOL),
  open("PINGRESP from a client", "MQTT 2.1.2", packet(0xd0), PROTOCOL),

  // PUBLISH, 3.3
  open("DUP at QoS 0", "MQTT-3.3.1-2", packet(0x38, ...text("a"), 0)),
  open("QoS 3", "MQTT-3.3.1-4", packet(0x36, ...text("a"), 0, 1, 0)),
  open("QoS 1 with identifier 0", "MQTT-2.2.1-3", packet(0x32, ...text("a"), 0, 0, 0), PROTOCOL),
  open("PUBLISH without properties", "MQTT 2.2.2.1", packet(0x30, ...text("a"))),
  open("topic ill-formed", "MQTT-1.5.4-1", packet(0x30, 0, 2, 0xc3, 0x28, 0)),
  open("topic with U+0000", "MQTT-1.5.4-2", packet(0x30, 0, 1, 0, 0)),
  open("topic with '+'", "MQTT-3.3.2-2", packet(0x30, ...text("a/+"), 0)),
  open("topic with '#'", "MQTT-3.3.2-2", packet(0x30, ...text("#"), 0)),
  open("neither topic nor alias", "MQTT 3.3.2.1", packet(0x30, 0, 0, 0), PROTOCOL),
  open("alias 0", "MQTT-3.3.2-8", publish([0x23, 0, 0]), 0x94),
  open("alias over the maximum of 10", "MQTT-3.3.2-9", publish([0x23, 0, 11]), 0x94),
  open("alias that stands for nothing", "MQTT 3.3.2.3.4", packet(0x30, 0, 0, ...list(ALIAS)), PROTOCOL),
  open("alias twice", "MQTT-3.3.2-8", publish(ALIAS, ALIAS), PROTOCOL),
  open("payload format 2", "MQTT 3.3.2.3.2", publish([0x01, 2]), PROTOCOL),
  open("payload format twice", "MQTT 3.3.2.3.2", publish(PAYLOAD_FORMAT, PAYLOAD_FORMAT), PROTOCOL),
  open("message expiry twice", "MQTT 3.3.2.3.3", publish(EXPIRY, EXPIRY), PROTOCOL),
  open("content type twice", "MQTT 3.3.2.3.9", publish(CONTENT_TYPE, CONTENT_TYPE), PROTOCOL),
  open("content type ill-formed", "MQTT-1.5.4-1", publish([0x03, 0, 1, 0x80])),
  open("response topic twice", "MQTT-3.3.2-14", publish(RESPONSE_TOPIC, RESPONSE_TOPIC), PROTOCOL),
  open("response topic with '#'", "MQTT-3.3.2-14", publish([0x08, ...text("r/#")])),
  open("response topic ill-formed", "MQTT-1.5.4-1", publish([0x08, 0, 1, 0xff])),
  open("correlation data twice", "MQTT 3.3.2.3.6", publish(CORRELATION, CORRELATION), PROTOCOL),
  open("correlation data over the end", "MQTT 3.3.2.3.6", publish([0x09, 0, 9, 1])),
  open("subscription identifier from a client", "MQTT-3.3.4-6", publish(SUBSCRIPTION_ID), PROTOCOL),
  open("session expiry in PUBLISH", "MQTT 2.2.2.2", publish(SESSION_EXPIRY)),
  open("reason string in PUBLISH", "MQTT 2.2.2.2", publish(REASON)),
  open("unknown property in PUBLISH", "MQTT 2.2.2.2", publish([0x7f, 0])),
  open("property identifier of two bytes in PUBLISH", "MQTT 2.2.2.2", publish([0x80, 0x01, 0])),

  // Acknowledgements, 3.4 to 3.7
  open("PUBACK without a body", "MQTT-2.2.1-5", packet(0x40)),
  open("PUBACK for identifier 0", "MQTT-2.2.1-5", packet(0x40, 0, 0), PROTOCOL),
  open("PUBACK with a reason code of PUBREL", "MQTT-3.4.2-1", packet(0x40, 0, 1, 0x92), PROTOCOL),
  open("PUBREC with a reason code of SUBACK", "MQTT-3.5.2-1", packet(0x50, 0, 1, 0x01), PROTOCOL),
  open("PUBREL with a reason code of PUBACK", "MQTT-3.6.2-1", packet(0x62, 0, 1, 0x10), PROTOCOL),
  open("PUBCOMP with an undefined reason code", "MQTT-3.7.2-1", packet(0x70, 0, 1, 0x7f), PROTOCOL),
  open("PUBACK with a property of PUBLISH", "MQTT 2.2.2.2", packet(0x40, 0, 1, 0, ...list(CONTENT_TYPE))),
  open("PUBACK with two reason strings", "MQTT 3.2.2.3.9", packet(0x40, 0, 1, 0, ...list(REASON, REASON)), PROTOCOL),
  open("PUBACK with bytes behind its properties", "MQTT 3.4.2", packet(0x40, 0, 1, 0, 0, 0)),

  // SUBSCRIBE and UNSUBSCRIBE, 3.8 and 3.10
  open("SUBSCRIBE with identifier 0", "MQTT-2.2.1-3", packet(0x82, 0, 0, 0, ...text("a"), 0), PROTOCOL),
  open("SUBSCRIBE without a filter", "MQTT-3.8.3-2", packet(0x82, 0, 1, 0), PROTOCOL),
  open("SUBSCRIBE without properties", "MQTT 2.2.2.1", packet(0x82, 0, 1)),
  open("QoS 3 wanted", "MQTT 3.8.3.1", subscribe("a", 0x03), PROTOCOL),
  open("retain handling 3", "MQTT 3.8.3.1", subscribe("a", 0x30), PROTOCOL),
  open("reserved subscription option", "MQTT-3.8.3-5", subscribe("a", 0x40)),
  open("SUBSCRIBE without options", "MQTT 3.8.3", packet(0x82, 0, 1, 0, ...text("a"))),
  open("No Local on a shared subscription", "MQTT-3.8.3-4", subscribe("$share/g/a", 0x04), PROTOCOL),
  open("share name empty", "MQTT-4.8.2-1", subscribe("$share//a", 0)),
  open("share name that is a wildcard", "MQTT-4.8.2-2", subscribe("$share/+/a", 0)),
  open("shared without a filter", "MQTT-4.8.2-2", subscribe("$share/g", 0)),
  open("shared with an empty filter", "MQTT-4.8.2-2", subscribe("$share/g/", 0)),
  open("subscription identifier 0", "MQTT 3.8.2.1.2", subscribe("a", 0, list([0x0b, 0])), PROTOCOL),
  open(
    "two subscription identifiers",
    "MQTT 3.8.2.1.2",
    subscribe("a", 0, list(SUBSCRIPTION_ID, SUBSCRIPTION_ID)),
    PROTOCOL,
  ),
  open("reason string in SUBSCRIBE", "MQTT 2.2.2.2", subscribe("a", 0, list(REASON))),
  open("filter 'a#'", "MQTT-4.7.1-1", subscribe("a#", 0)),
  open("filter '#/a'", "MQTT-4.7.1-1", subscribe("#/a", 0)),
  open("filter 'a+'", "MQTT-4.7.1-2", subscribe("a+", 0)),
  open("filter empty", "MQTT-4.7.3-1", subscribe("", 0)),
  open("filter ill-formed", "MQTT-1.5.4-1", packet(0x82, 0, 1, 0, 0, 1, 0xc1, 0)),
  open("UNSUBSCRIBE without a filter", "MQTT-3.10.3-2", packet(0xa2, 0, 1, 0), PROTOCOL),
  open(
    "UNSUBSCRIBE with a subscription identifier",
    "MQTT 2.2.2.2",
    packet(0xa2, 0, 1, ...list(SUBSCRIPTION_ID), ...text("a")),
  ),
  open("UNSUBSCRIBE with an impossible filter", "MQTT-4.7.1-1", packet(0xa2, 0, 1, 0, ...text("#a"))),

  // PINGREQ, DISCONNECT and AUTH, 3.12, 3.14 and 3.15
  open("PINGREQ with a body", "MQTT 3.12.1", packet(0xc0, 0)),
  open("DISCONNECT with a reason code of CONNACK", "MQTT-3.14.2-1", packet(0xe0, 0x85), PROTOCOL),
  open("DISCONNECT with a reason of servers", "MQTT 3.14.2.1", packet(0xe0, 0x8e), PROTOCOL),
  open("DISCONNECT with a server reference", "MQTT 3.14.2.2.5", packet(0xe0, 0, ...list(REFERENCE)), PROTOCOL),
  open(
    "DISCONNECT that raises a session expiry of 0",
    "MQTT 3.14.2.2.2",
    packet(0xe0, 0, ...list(SESSION_EXPIRY)),
    PROTOCOL,
  ),
  open("DISCONNECT with a receive maximum", "MQTT 2.2.2.2", packet(0xe0, 0, ...list(RECEIVE_MAXIMUM))),
  open("DISCONNECT with bytes behind its properties", "MQTT 3.14.2", packet(0xe0, 0, 0, 1)),
  open("AUTH without a method", "MQTT 3.15.2.2.2", packet(0xf0), PROTOCOL),
  open("AUTH with a reason code of DISCONNECT", "MQTT-3.15.2-1", packet(0xf0, 0x04, ...list(METHOD)), PROTOCOL),
  open("AUTH though CONNECT named no method", "MQTT-4.12.0-7", packet(0xf0, 0x18, ...list(METHOD)), PROTOCOL),
];

/** What no statement forbids: it must be let through. */
export const ALLOWED_5: readonly { what: string; bytes: number[] }[] = [
  {
    what: "every property of a PUBLISH",
    bytes: publish(PAYLOAD_FORMAT, EXPIRY, CONTENT_TYPE, RESPONSE_TOPIC, CORRELATION, ALIAS),
  },
  { what: "user properties in any number, also of one name", bytes: publish(USER, USER, USER) },
  { what: "message expiry 0", bytes: publish([0x02, 0, 0, 0, 0]) },
  { what: "an empty user property", bytes: publish([0x26, 0, 0, 0, 0]) },
  { what: "an acknowledgement with a reason code and no properties", bytes: packet(0x40, 0, 9, 0x80) },
  { what: "an acknowledgement with both", bytes: packet(0x50, 0, 9, 0x10, ...list(REASON, USER)) },
  { what: "the largest subscription identifier", bytes: subscribe("a", 0x2e, list([0x0b, 0xff, 0xff, 0xff, 0x7f])) },
  { what: "a filter that only looks shared", bytes: subscribe("$shared/g/a", 0x04) },
  { what: "U+FEFF in a topic [MQTT-1.5.4-3]", bytes: packet(0x30, 0, 3, 0xef, 0xbb, 0xbf, 0) },
];
