/**
 * The answers of the core. Zero or above is success and means what the call says it means; below zero the number tells
 * whose fault it is, and exactly which rule was broken, so that a host can name both.
 *
 *      -1          INCOMPLETE   nobody's: ask again with more bytes
 *      -2 ..  -3   FULL         nobody's: ask again later
 *     -16 .. -31   MISUSE       the host's: the call changed nothing
 *     -32 .. -63   MALFORMED    the peer's: the packet breaks a rule of its own encoding; close [MQTT-4.8.0-1]
 *     -64 .. -79   UNEXPECTED   the peer's: the packet is well formed and may not stand here; close [MQTT-4.8.0-1]
 *     -80 .. -95   ENDED        the connection's: why it is being closed when no packet was at fault
 *    -128 ..-255   REASON       a reason code of MQTT 5.0, negated: what is wrong has a code of its own (section 2.4). Of a command
 *                               it is the server that would say so: the call changed nothing
 */

export const OK: i32 = 0;
export const INCOMPLETE: i32 = -1;
/** No room in the outbox, or no free packet identifier, until something is acknowledged or dropped. */
export const FULL: i32 = -2;
/** Nothing that could be dropped or superseded is queued. */
export const NOTHING: i32 = -3;

/** The call does not fit the state: nothing composed to commit, connect while connected, bytes on a closed transport. */
export const MISUSE_STATE: i32 = -16;
/** A size, option or capacity outside its range. */
export const MISUSE_RANGE: i32 = -17;
/** A packet that could never fit the region it goes to, however long the host waits. */
export const MISUSE_TOO_LARGE: i32 = -18;
/** A topic name that is empty, holds a wildcard, or is not UTF-8 as MQTT restricts it. */
export const MISUSE_TOPIC: i32 = -19;
/** A topic filter that is empty, misplaces a wildcard, or is not UTF-8; or a list of them that does not add up. */
export const MISUSE_FILTER: i32 = -20;
/** A quality of service other than 0, 1 or 2. */
export const MISUSE_QOS: i32 = -21;
/** A client identifier that is not UTF-8, or an empty one without a clean session [MQTT-3.1.3-7]. */
export const MISUSE_CLIENT_ID: i32 = -22;
/** A will QoS of 3, or flags of a will that is not there [MQTT-3.1.2-11], [MQTT-3.1.2-13] to [MQTT-3.1.2-15]. */
export const MISUSE_WILL: i32 = -23;
/** A password without a user name [MQTT-3.1.2-22]. */
export const MISUSE_USER: i32 = -24;
/** Will topic, will message, user name or password that is not what section 3.1.3 asks for, or fields that do not add up. */
export const MISUSE_CONNECT: i32 = -25;
/** Saved session bytes that this core did not write, or that were torn. */
export const MISUSE_SESSION: i32 = -26;

/** MQTT 5.0: properties that may not stand there, or not twice, or not with that value, or that do not add up. */
export const MISUSE_PROPERTIES: i32 = -27;

/** Flags of the fixed header other than those that its type prescribes [MQTT-2.2.2-2]. */
export const MALFORMED_FLAGS: i32 = -33;
/** A remaining length of more than four bytes, section 2.2.3. */
export const MALFORMED_LENGTH: i32 = -34;
/** A remaining length that does not match what the packet holds. */
export const MALFORMED_SIZE: i32 = -35;
/** A packet identifier of zero [MQTT-2.3.1-1]. */
export const MALFORMED_ID: i32 = -36;
/** A PUBLISH with QoS 3 [MQTT-3.3.1-4]. */
export const MALFORMED_QOS: i32 = -37;
/** A PUBLISH with QoS 0 and DUP [MQTT-3.3.1-2]. */
export const MALFORMED_DUP: i32 = -38;
/** A topic name that is empty or holds a wildcard [MQTT-4.7.3-1], [MQTT-3.3.2-2]. */
export const MALFORMED_TOPIC: i32 = -39;
/** Text that is not well-formed UTF-8, or holds U+0000 [MQTT-1.5.3-1], [MQTT-1.5.3-2]. */
export const MALFORMED_UTF8: i32 = -40;
/** Reserved bits set in the acknowledge flags of CONNACK, section 3.2.2.1. */
export const MALFORMED_CONNACK_FLAGS: i32 = -41;
/** A CONNACK return code that is reserved, section 3.2.2.3. */
export const MALFORMED_CONNACK_CODE: i32 = -42;
/** A refusing CONNACK that claims a session [MQTT-3.2.2-4]. */
export const MALFORMED_CONNACK_SESSION: i32 = -43;
/** A SUBACK return code other than 0, 1, 2 and 0x80 [MQTT-3.9.3-2]. */
export const MALFORMED_SUBACK_CODE: i32 = -44;
/** Properties that do not add up, or a varint among them that is longer than it needs to be [MQTT-1.5.5-1]. */
export const MALFORMED_PROPERTIES: i32 = -45;
/** A property that is not defined, or that this packet has no room for: section 2.2.2.2. */
export const MALFORMED_PROPERTY: i32 = -46;

/** A packet type that is reserved, or that only a server receives: table 2.1. */
export const UNEXPECTED_TYPE: i32 = -64;
/** A packet before CONNACK [MQTT-3.2.0-1]. */
export const UNEXPECTED_BEFORE_CONNACK: i32 = -65;
/** A second CONNACK. */
export const UNEXPECTED_CONNACK: i32 = -66;
/** An acknowledgement of another kind than the packet with this identifier asked for, section 4.3. */
export const UNEXPECTED_ACKNOWLEDGEMENT: i32 = -67;
/** A SUBACK with another number of codes than filters were asked for [MQTT-3.8.4-5]. */
export const UNEXPECTED_SUBACK_COUNT: i32 = -68;
/** A session where a clean one was asked for [MQTT-3.2.2-1]. */
export const UNEXPECTED_SESSION: i32 = -69;
/** A packet other than PUBLISH that is larger than the receive region: nothing a client asked for is answered so. */
export const UNEXPECTED_SIZE: i32 = -70;
/** A property twice that may stand once, section 2.2.2.2 and its own. */
export const UNEXPECTED_PROPERTY: i32 = -71;
/** A value that the section of its property forbids. */
export const UNEXPECTED_VALUE: i32 = -72;
/** A reason code that this packet may not carry, section 2.4. */
export const UNEXPECTED_REASON: i32 = -73;
/** A PUBLISH with neither topic nor alias, section 3.3.2.1. */
export const UNEXPECTED_TOPIC: i32 = -74;
/** Authentication data without a method, or a method other than that of CONNECT [MQTT-4.12.0-5], [MQTT-4.12.0-6]. */
export const UNEXPECTED_AUTHENTICATION: i32 = -75;

/** The host asked for it, and DISCONNECT has been sent where one could be. */
export const ENDED_DISCONNECT: i32 = -80;
/** The server refused the connection; the return code says why. */
export const ENDED_REFUSED: i32 = -81;
/** Something that the server owes (CONNACK, PINGRESP, an acknowledgement) did not come in time. */
export const ENDED_TIMEOUT: i32 = -82;
/** QoS 2 messages had to be left unacknowledged because the identifier table was full: resume to get them. */
export const ENDED_RESUME: i32 = -83;
/** The transport closed by itself. */
export const ENDED_TRANSPORT: i32 = -84;
/** The server has sent DISCONNECT; its reason code says why. */
export const ENDED_SERVER: i32 = -85;

/** More messages at once than the Receive Maximum of CONNECT [MQTT-3.3.4-9]. */
export const RECEIVE_MAXIMUM_EXCEEDED: i32 = -0x93;
/** A topic alias of 0, above the Topic Alias Maximum of CONNECT, or with no topic [MQTT-3.3.2-8], [MQTT-3.3.2-10]. */
export const ALIAS_INVALID: i32 = -0x94;
