/**
 * Packets of MQTT 5.0 written down by hand, from parts: what the annotated vectors are made of.
 */
export const text = (value: string): number[] => [0, Buffer.byteLength(value), ...Buffer.from(value)];
/** "MQTT", level 5. */
export const MQTT5 = [...text("MQTT"), 5];
export const CLEAN = 0x02;
export const KEEP_ALIVE = [0, 60];
export const ID = text("c");
/** A property list: its length, then its properties. */
export const list = (...properties: number[][]): number[] => [properties.flat().length, ...properties.flat()];
export const NONE = [0];

// Identifiers of 2.2.2.2 with a value that is right by itself.
export const PAYLOAD_FORMAT = [0x01, 1];
export const EXPIRY = [0x02, 0, 0, 0, 9];
export const CONTENT_TYPE = [0x03, ...text("t")];
export const RESPONSE_TOPIC = [0x08, ...text("r")];
export const CORRELATION = [0x09, 0, 1, 7];
export const SUBSCRIPTION_ID = [0x0b, 5];
export const SESSION_EXPIRY = [0x11, 0, 0, 0, 9];
export const ASSIGNED_ID = [0x12, ...text("a")];
export const SERVER_KEEP_ALIVE = [0x13, 0, 9];
export const METHOD = [0x15, ...text("m")];
export const AUTH_DATA = [0x16, 0, 1, 7];
export const REQUEST_PROBLEM = [0x17, 1];
export const WILL_DELAY = [0x18, 0, 0, 0, 9];
export const REQUEST_RESPONSE = [0x19, 1];
export const REFERENCE = [0x1c, ...text("s")];
export const REASON = [0x1f, ...text("why")];
export const RECEIVE_MAXIMUM = [0x21, 0, 9];
export const ALIAS_MAXIMUM = [0x22, 0, 9];
export const ALIAS = [0x23, 0, 1];
export const MAXIMUM_QOS = [0x24, 1];
export const USER = [0x26, ...text("k"), ...text("v")];
export const PACKET_SIZE = [0x27, 0, 0, 1, 0];
/** An identifier that the standard has not given to anything. */
export const UNKNOWN = [0x0c, 0];

/** Puts a fixed header before a body of less than 128 bytes. */
export function packet(first: number, ...body: number[]): number[] {
  return [first, body.length, ...body];
}

export function connect(flags: number, properties: number[], ...payload: number[]): number[] {
  return packet(0x10, ...MQTT5, flags, ...KEEP_ALIVE, ...properties, ...payload);
}

/** A CONNECT with a will: properties, topic 'w', payload 'x'. */
export function connectWill(properties: number[]): number[] {
  return connect(CLEAN | 0x04, NONE, ...ID, ...properties, ...text("w"), ...text("x"));
}

/** QoS 0 on 'a' with properties and an empty payload. */
export const publish = (...properties: number[][]): number[] => packet(0x30, ...text("a"), ...list(...properties));
export const subscribe = (filter: string, options: number, properties = NONE): number[] =>
  packet(0x82, 0, 1, ...properties, ...text(filter), options);
