/**
 * The packets of one reading in the protocols that are compared, as bytes: small encoders, for what a comparison needs and no more.
 *
 * MQTT 3.1.1 and 5.0 (OASIS), CoAP (RFC 7252), HTTP/1.1 (RFC 9112); MQTT-SN is in mqtt-sn.ts.
 */
export * from "./mqtt-sn.ts";

const text = (value: string) => Buffer.from(value, "utf8");

/** A string of MQTT: two bytes of length before it. */
function lengthPrefixed(value: string): Buffer {
  const bytes = text(value);
  return Buffer.concat([word(bytes.length), bytes]);
}

function word(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}

function mqttPacket(first: number, body: Buffer): Buffer {
  const length: number[] = [];
  let left = body.length;
  do {
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>= 7;
  } while (left > 0);
  return Buffer.concat([Buffer.of(first, ...length), body]);
}

export type MqttVersion = 4 | 5;

/** CONNECT with Clean Session, and the Server's CONNACK without a word too many: 5.0's says how many aliases it takes. */
export function mqttConnect(version: MqttVersion, clientId: string, keepAliveSeconds: number): Buffer {
  const properties = version === 5 ? [Buffer.of(0)] : [];
  return mqttPacket(
    0x10,
    Buffer.concat([
      lengthPrefixed("MQTT"),
      Buffer.of(version, 2),
      word(keepAliveSeconds),
      ...properties,
      lengthPrefixed(clientId),
    ]),
  );
}

export function mqttConnack(version: MqttVersion): Buffer {
  // Topic Alias Maximum (3.2.2.3.8): without it no alias may be used.
  return mqttPacket(0x20, version === 5 ? Buffer.of(0, 0, 3, 0x22, 0, 10) : Buffer.of(0, 0));
}

/** PUBLISH; `alias` for 5.0: its number, with the topic (`topic` not empty) or instead of it. */
export function mqttPublish(version: MqttVersion, qos: number, topic: string, payload: Buffer, alias?: number): Buffer {
  const properties =
    version === 4 ? [] : [alias === undefined ? Buffer.of(0) : Buffer.of(3, 0x23, alias >> 8, alias & 0xff)];
  const identifier = qos > 0 ? [word(1)] : [];
  return mqttPacket(0x30 | (qos << 1), Buffer.concat([lengthPrefixed(topic), ...identifier, ...properties, payload]));
}

/** PUBACK, PUBREC, PUBREL, PUBCOMP: 5.0 too leaves out what says success (3.4.2.1). */
export function mqttAnswer(type: 4 | 5 | 6 | 7): Buffer {
  return Buffer.concat([Buffer.of((type << 4) | (type === 6 ? 2 : 0), 2), word(1)]);
}

export const MQTT_PINGREQ = Buffer.of(0xc0, 0);
export const MQTT_PINGRESP = Buffer.of(0xd0, 0);
export const MQTT_DISCONNECT = Buffer.of(0xe0, 0);

/** A POST to the topic's path, without a token (RFC 7252 5.3.1 allows an empty one for a lone exchange). */
export function coapPost(confirmable: boolean, topic: string, payload: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.of(confirmable ? 0x40 : 0x50, 0x02, 0, 1)];
  let delta = 11;
  for (const segment of topic.split("/")) {
    const bytes = text(segment);
    // RFC 7252 3.1: lengths from 13 on take another byte, from 269 on two.
    const long = bytes.length;
    if (long < 13) parts.push(Buffer.of((delta << 4) | long));
    else if (long < 269) parts.push(Buffer.of((delta << 4) | 13, long - 13));
    else parts.push(Buffer.of((delta << 4) | 14), word(long - 269));
    parts.push(bytes);
    delta = 0;
  }
  if (payload.length > 0) parts.push(Buffer.of(0xff), payload);
  return Buffer.concat(parts);
}

/** An empty acknowledgement (RFC 7252 4.2). */
export const COAP_ACK = Buffer.of(0x60, 0x00, 0, 1);

export function httpPost(topic: string, payload: Buffer): Buffer {
  const head = `POST /${topic} HTTP/1.1\r\nHost: broker\r\nContent-Length: ${payload.length}\r\n\r\n`;
  return Buffer.concat([text(head), payload]);
}

export const HTTP_NO_CONTENT = text("HTTP/1.1 204 No Content\r\n\r\n");
