/**
 * The properties of MQTT 5.0 (2.2.2.2, table 2-4): one row a property. What it is called here, how its value is written,
 * where it may stand, whether it may stand there again, and which values it may have.
 *
 * Everything that reads or writes a property looks into this table and nothing else, so that a rule is stated once. A
 * property in a packet that has no place for it is a malformed packet; one that comes twice, or with a value that its
 * section forbids, is a protocol error.
 */
import * as control from "./control.ts";

/** All properties of one packet. Absent is not the same as the default: each section says what absence means. */
export interface Properties {
  payloadFormat?: number;
  messageExpiryS?: number;
  contentType?: string;
  responseTopic?: string;
  correlationData?: Uint8Array;
  /** One in SUBSCRIBE; in PUBLISH one for each subscription that matched and has one. */
  subscriptionIds?: number[];
  sessionExpiryS?: number;
  assignedClientId?: string;
  serverKeepAliveS?: number;
  authenticationMethod?: string;
  authenticationData?: Uint8Array;
  requestProblemInformation?: number;
  willDelayS?: number;
  requestResponseInformation?: number;
  responseInformation?: string;
  serverReference?: string;
  reasonString?: string;
  receiveMaximum?: number;
  topicAliasMaximum?: number;
  topicAlias?: number;
  maximumQos?: number;
  retainAvailable?: number;
  /** Names and values, in their order [MQTT-3.3.2-17] [MQTT-3.3.2-18]. */
  userProperties?: [name: string, value: string][];
  maximumPacketSize?: number;
  wildcardAvailable?: number;
  subscriptionIdsAvailable?: number;
  sharedAvailable?: number;
}

/** How a value is written (1.5): `topic` is a string that is a topic name. */
export type ValueType = "byte" | "twoBytes" | "fourBytes" | "variable" | "text" | "topic" | "data" | "pair";

export interface PropertyRow {
  readonly id: number;
  readonly name: keyof Properties;
  readonly type: ValueType;
  /** Bits, by packet type; WILL is the place of the will's properties in CONNECT. */
  readonly places: number;
  /** Those of the places in which it may stand more than once. */
  readonly repeatPlaces: number;
  readonly min: number;
  readonly max: number;
  /** The statement, or the section, that limits its value and its number. */
  readonly rule: string;
}

/** Packet type 0 is reserved, so its bit is free. */
export const WILL_PLACE = 0;
const bit = (type: number): number => 1 << type;
const WILL = bit(WILL_PLACE);
const CONNECT = bit(control.CONNECT);
const CONNACK = bit(control.CONNACK);
const PUBLISH = bit(control.PUBLISH);
const SUBSCRIBE = bit(control.SUBSCRIBE);
const DISCONNECT = bit(control.DISCONNECT);
const AUTH = bit(control.AUTH);
const ACKNOWLEDGEMENTS =
  bit(control.PUBACK) |
  bit(control.PUBREC) |
  bit(control.PUBREL) |
  bit(control.PUBCOMP) |
  bit(control.SUBACK) |
  bit(control.UNSUBACK);
const EVERYWHERE =
  WILL | CONNECT | CONNACK | PUBLISH | SUBSCRIBE | bit(control.UNSUBSCRIBE) | DISCONNECT | AUTH | ACKNOWLEDGEMENTS;

const MAX_2 = 0xffff;
const MAX_4 = 0xffff_ffff;
const MAX_VARIABLE = 0x0fff_ffff;

export const PROPERTY_ROWS: readonly PropertyRow[] = [
  row(0x01, "payloadFormat", "byte", WILL | PUBLISH, "MQTT 3.3.2.3.2", 0, 1),
  row(0x02, "messageExpiryS", "fourBytes", WILL | PUBLISH, "MQTT 3.3.2.3.3", 0, MAX_4),
  row(0x03, "contentType", "text", WILL | PUBLISH, "MQTT 3.3.2.3.9"),
  row(0x08, "responseTopic", "topic", WILL | PUBLISH, "MQTT-3.3.2-14"),
  row(0x09, "correlationData", "data", WILL | PUBLISH, "MQTT 3.3.2.3.6"),
  row(0x0b, "subscriptionIds", "variable", PUBLISH | SUBSCRIBE, "MQTT 3.8.2.1.2", 1, MAX_VARIABLE, PUBLISH),
  row(0x11, "sessionExpiryS", "fourBytes", CONNECT | CONNACK | DISCONNECT, "MQTT 3.1.2.11.2", 0, MAX_4),
  row(0x12, "assignedClientId", "text", CONNACK, "MQTT 3.2.2.3.7"),
  row(0x13, "serverKeepAliveS", "twoBytes", CONNACK, "MQTT 3.2.2.3.14", 0, MAX_2),
  row(0x15, "authenticationMethod", "text", CONNECT | CONNACK | AUTH, "MQTT 3.1.2.11.9"),
  row(0x16, "authenticationData", "data", CONNECT | CONNACK | AUTH, "MQTT 3.1.2.11.10"),
  row(0x17, "requestProblemInformation", "byte", CONNECT, "MQTT 3.1.2.11.7", 0, 1),
  row(0x18, "willDelayS", "fourBytes", WILL, "MQTT 3.1.3.2.2", 0, MAX_4),
  row(0x19, "requestResponseInformation", "byte", CONNECT, "MQTT 3.1.2.11.6", 0, 1),
  row(0x1a, "responseInformation", "text", CONNACK, "MQTT 3.2.2.3.15"),
  row(0x1c, "serverReference", "text", CONNACK | DISCONNECT, "MQTT 3.2.2.3.16"),
  row(0x1f, "reasonString", "text", CONNACK | ACKNOWLEDGEMENTS | DISCONNECT | AUTH, "MQTT 3.2.2.3.9"),
  row(0x21, "receiveMaximum", "twoBytes", CONNECT | CONNACK, "MQTT 3.1.2.11.3", 1, MAX_2),
  row(0x22, "topicAliasMaximum", "twoBytes", CONNECT | CONNACK, "MQTT 3.1.2.11.5", 0, MAX_2),
  row(0x23, "topicAlias", "twoBytes", PUBLISH, "MQTT-3.3.2-8", 1, MAX_2),
  row(0x24, "maximumQos", "byte", CONNACK, "MQTT 3.2.2.3.4", 0, 1),
  row(0x25, "retainAvailable", "byte", CONNACK, "MQTT 3.2.2.3.5", 0, 1),
  row(0x26, "userProperties", "pair", EVERYWHERE, "MQTT 2.2.2.2", 0, 0, EVERYWHERE),
  row(0x27, "maximumPacketSize", "fourBytes", CONNECT | CONNACK, "MQTT 3.1.2.11.4", 1, MAX_4),
  row(0x28, "wildcardAvailable", "byte", CONNACK, "MQTT 3.2.2.3.11", 0, 1),
  row(0x29, "subscriptionIdsAvailable", "byte", CONNACK, "MQTT 3.2.2.3.12", 0, 1),
  row(0x2a, "sharedAvailable", "byte", CONNACK, "MQTT 3.2.2.3.13", 0, 1),
];

function row(
  id: number,
  name: keyof Properties,
  type: ValueType,
  places: number,
  rule: string,
  min = 0,
  max = 0,
  repeatPlaces = 0,
): PropertyRow {
  return { id, name, type, places, rule, min, max, repeatPlaces };
}

const BY_ID: readonly (PropertyRow | undefined)[] = Array.from({ length: 0x80 }, (_, id) =>
  PROPERTY_ROWS.find(candidate => candidate.id === id),
);

/** The row of an identifier that may stand in `place`, or undefined. */
export function propertyRow(id: number, place: number): PropertyRow | undefined {
  const found = id < BY_ID.length ? BY_ID[id] : undefined;
  return found !== undefined && (found.places & bit(place)) !== 0 ? found : undefined;
}

export function mayRepeat(row: PropertyRow, place: number): boolean {
  return (row.repeatPlaces & bit(place)) !== 0;
}
