/**
 * Random packets of MQTT 5.0, within what mqtt-packet can say and allows (see differential5.test.ts).
 */
import fc from "fast-check";
import type { Connect, Will } from "../../../host/broker/codec/connect.ts";
import * as control from "../../../host/broker/codec/control.ts";
import type { Packet } from "../../../host/broker/codec/packet.ts";
import { PROPERTY_ROWS, type Properties, type PropertyRow, WILL_PLACE } from "../../../host/broker/codec/properties.ts";

const word = fc
  .oneof(fc.string({ maxLength: 12 }), fc.string({ unit: "binary", maxLength: 12 }))
  .map(text => text.replaceAll("\u0000", "").replaceAll(/[+#]/g, "_"));
const name = word.map(text => `n${text}`);
const packetId = fc.integer({ min: 1, max: 0xffff });
const data = fc.uint8Array({ maxLength: 20 });
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);
const userProperties = fc
  .uniqueArray(fc.tuple(fc.constantFrom("k", "l", "ü", "€"), fc.array(name, { minLength: 1, maxLength: 2 })), {
    selector: ([key]) => key,
    minLength: 1,
    maxLength: 3,
  })
  .map(entries => entries.flatMap(([key, values]) => values.map((value): [string, string] => [key, value])));

function arbitraryOf(row: PropertyRow, place: number): fc.Arbitrary<unknown> {
  switch (row.type) {
    case "pair":
      return userProperties;
    case "data":
      return data;
    case "text":
    case "topic":
      return name;
    case "variable":
      return fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: row.max })), {
        minLength: 1,
        maxLength: place === control.PUBLISH ? 3 : 1,
      });
    default:
      return fc.oneof(fc.integer({ min: row.min, max: row.max }), fc.constantFrom(row.min, row.max));
  }
}

/** Any properties that may stand in `place`, each there or not. */
function propertiesOf(place: number): fc.Arbitrary<Properties> {
  const rows = PROPERTY_ROWS.filter(row => (row.places & (1 << place)) !== 0);
  const model = Object.fromEntries(rows.map(row => [row.name, arbitraryOf(row, place)]));
  return fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Properties>;
}

const will: fc.Arbitrary<Will> = fc.record({
  topic: name,
  payload: data,
  qos,
  retain: fc.boolean(),
  properties: propertiesOf(WILL_PLACE),
});

const connect = fc
  .record({
    cleanSession: fc.boolean(),
    keepAliveS: fc.integer({ min: 0, max: 0xffff }),
    clientId: name,
    properties: propertiesOf(control.CONNECT),
    will: fc.option(will, { nil: undefined }),
    username: fc.option(name, { nil: undefined }),
    password: fc.option(data, { nil: undefined }),
  })
  .map(({ will, username, password, properties, ...rest }): Packet => {
    const packet: { type: "CONNECT" } & Connect = { type: "CONNECT", level: 5, properties, ...rest };
    if (properties.authenticationMethod === undefined) delete properties.authenticationData;
    if (will) packet.will = will;
    if (username !== undefined) packet.username = username;
    if (username !== undefined && password !== undefined) packet.password = password;
    return packet;
  });

const publish = fc
  .record({
    topic: name,
    payload: fc.uint8Array({ maxLength: 200 }),
    qos,
    isDup: fc.boolean(),
    isRetain: fc.boolean(),
    packetId,
    properties: propertiesOf(control.PUBLISH),
  })
  .map((fields): Packet => {
    const isAnswered = fields.qos > 0;
    return {
      type: "PUBLISH",
      ...fields,
      isDup: isAnswered && fields.isDup,
      packetId: isAnswered ? fields.packetId : 0,
    };
  });

const REASONS = { PUBACK: [0, 0x10, 0x80, 0x99], PUBREC: [0, 0x10, 0x97], PUBREL: [0, 0x92], PUBCOMP: [0, 0x92] };
const acknowledge = fc
  .constantFrom("PUBACK" as const, "PUBREC" as const, "PUBREL" as const, "PUBCOMP" as const)
  .chain(type =>
    fc.record({
      type: fc.constant(type),
      packetId,
      reasonCode: fc.constantFrom(...REASONS[type]),
      properties: propertiesOf(control.CONTROL_NAMES.indexOf(type)),
    }),
  );

const subscription = fc.record({
  filter: name,
  qos,
  noLocal: fc.boolean(),
  retainAsPublished: fc.boolean(),
  retainHandling: fc.constantFrom(0 as const, 1 as const, 2 as const),
});

export const packets: fc.Arbitrary<Packet> = fc.oneof(
  connect,
  publish,
  acknowledge,
  fc
    .tuple(fc.boolean(), propertiesOf(control.CONNACK))
    .map(([sessionPresent, properties]): Packet => ({ type: "CONNACK", sessionPresent, returnCode: 0, properties })),
  fc
    .tuple(packetId, fc.array(subscription, { minLength: 1, maxLength: 4 }), propertiesOf(control.SUBSCRIBE))
    .map(([packetId, subscriptions, properties]): Packet => {
      return { type: "SUBSCRIBE", packetId, subscriptions, properties };
    }),
  fc
    .tuple(packetId, fc.array(fc.constantFrom(0, 1, 2, 0x80, 0xa2), { minLength: 1 }), propertiesOf(control.SUBACK))
    .map(([packetId, returnCodes, properties]): Packet => ({ type: "SUBACK", packetId, returnCodes, properties })),
  fc
    .tuple(packetId, fc.array(name, { minLength: 1, maxLength: 4 }), propertiesOf(control.UNSUBSCRIBE))
    .map(([packetId, filters, properties]): Packet => ({ type: "UNSUBSCRIBE", packetId, filters, properties })),
  fc
    .tuple(packetId, fc.array(fc.constantFrom(0, 0x11, 0x80), { minLength: 1 }), propertiesOf(control.UNSUBACK))
    .map(([packetId, returnCodes, properties]): Packet => ({ type: "UNSUBACK", packetId, returnCodes, properties })),
  fc
    .tuple(fc.constantFrom(0, 4, 0x81, 0x8e), propertiesOf(control.DISCONNECT))
    .map(([reasonCode, properties]): Packet => ({ type: "DISCONNECT", reasonCode, properties })),
  fc
    .tuple(fc.constantFrom(0, 0x18, 0x19), name, propertiesOf(control.AUTH))
    .map(([reasonCode, authenticationMethod, properties]): Packet => {
      return { type: "AUTH", reasonCode, properties: { ...properties, authenticationMethod } };
    }),
);
