/**
 * Control packet types and the flags that each one must carry (MQTT 3.1.1, 2.2.1 and 2.2.2; 5.0, 2.1.2 and 2.1.3).
 *
 * A packet starts with one byte: the type in the upper four bits, flags in the lower four. Only PUBLISH has free
 * flags; every other type has a fixed pattern, and [MQTT-2.2.2-2] closes the connection over any other.
 */
export const CONNECT = 1;
export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const PUBREC = 5;
export const PUBREL = 6;
export const PUBCOMP = 7;
export const SUBSCRIBE = 8;
export const SUBACK = 9;
export const UNSUBSCRIBE = 10;
export const UNSUBACK = 11;
export const PINGREQ = 12;
export const PINGRESP = 13;
export const DISCONNECT = 14;
/** 5.0 only; 3.1.1 reserves the number. */
export const AUTH = 15;

/** The name of each type, by its number; 0 is reserved. */
export const CONTROL_NAMES: readonly string[] = [
  "reserved 0",
  "CONNECT",
  "CONNACK",
  "PUBLISH",
  "PUBACK",
  "PUBREC",
  "PUBREL",
  "PUBCOMP",
  "SUBSCRIBE",
  "SUBACK",
  "UNSUBSCRIBE",
  "UNSUBACK",
  "PINGREQ",
  "PINGRESP",
  "DISCONNECT",
  "AUTH",
];

/** The statement that fixes a type's flags: some types have one of their own, the rest fall under the general one. */
export function flagsRule(type: number, level: number): string {
  switch (type) {
    case PUBREL:
      return "MQTT-3.6.1-1";
    case SUBSCRIBE:
      return "MQTT-3.8.1-1";
    case UNSUBSCRIBE:
      return "MQTT-3.10.1-1";
    case DISCONNECT:
      return "MQTT-3.14.1-1";
    case AUTH:
      return "MQTT-3.15.1-1";
    default:
      return level === 5 ? "MQTT-2.1.3-1" : "MQTT-2.2.2-2";
  }
}

/** The flags that a type other than PUBLISH must carry (table 2.2). */
export function fixedFlags(type: number): number {
  return type === PUBREL || type === SUBSCRIBE || type === UNSUBSCRIBE ? 2 : 0;
}

/** PUBLISH flags (3.3.1). */
export const RETAIN_FLAG = 0x01;
export const QOS_SHIFT = 1;
export const DUP_FLAG = 0x08;

/** What may be asked for or granted: at most once, at least once, exactly once (4.3). */
export type Qos = 0 | 1 | 2;
