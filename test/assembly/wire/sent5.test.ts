/**
 * What a client of MQTT 5.0 sends besides PUBLISH and CONNECT, random: for the same properties the same bytes as mqtt-packet, and
 * its acknowledgements as mqtt-packet reads them.
 */
import fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { EFFORT } from "../../effort.ts";
import { coreBuilds } from "../builds.ts";
import { Endpoint5 } from "../session/endpoint5.ts";
import { bytes, some, topic, u16, u32, userProperties, word } from "./arbitrary5.ts";

/** CONNECT and CONNACK with an authentication method, so that AUTH may be; and a session that DISCONNECT may cut short. */
const METHOD = [0x15, 0, 1, 0x6d];
const EXPIRY = [0x11, 0, 0, 0, 9];

const five = { protocolVersion: 5 };
const generated = (packet: object): number[] => [...generate(packet as Packet, five)];
const subscription = fc.record({
  topic,
  qos: fc.constantFrom(0, 1, 2),
  nl: fc.boolean(),
  rap: fc.boolean(),
  rh: fc.constantFrom(0, 1, 2),
});
const several = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 4 });

describe.each(await coreBuilds())("a client of 5.0, $name", build => {
  const numRuns = (build.isGuarded ? 40 : 100) * EFFORT;
  const online = () =>
    new Endpoint5(build, { outbox: 2048, connect: 512 }).online({ properties: [...METHOD, ...EXPIRY] }, METHOD);
  /** The body of a packet from `at` on. */
  const bodyFrom = (data: readonly number[], at: number) => data.slice((data[1] < 0x80 ? 2 : 3) + at);

  it("sends the same SUBSCRIBE", () => {
    const properties = some({ subscriptionIdentifier: fc.integer({ min: 1, max: 0xfff_ffff }) });
    fc.assert(
      fc.property(several(subscription), properties, (subscriptions, properties) => {
        const data = generated({ cmd: "subscribe", messageId: 1, subscriptions, properties });
        const endpoint = online();
        const { core, client } = endpoint;
        const body = bodyFrom(data, 2);
        expect(endpoint.compose(core.subscribe(client, body.length), body)).toBe(1);
        expect(endpoint.takeBytes()).toEqual(data);
      }),
      { numRuns },
    );
  });

  it("sends the same UNSUBSCRIBE", () => {
    fc.assert(
      fc.property(several(topic), some({}), (unsubscriptions, properties) => {
        const data = generated({ cmd: "unsubscribe", messageId: 1, unsubscriptions, properties });
        const endpoint = online();
        const { core, client } = endpoint;
        const body = bodyFrom(data, 2);
        expect(endpoint.compose(core.unsubscribe(client, body.length), body)).toBe(1);
        expect(endpoint.takeBytes()).toEqual(data);
      }),
      { numRuns },
    );
  });

  it("sends the same DISCONNECT", () => {
    const properties = some({ sessionExpiryInterval: u32, reasonString: word });
    fc.assert(
      fc.property(fc.constantFrom(0x04, 0x80, 0x81, 0x93, 0x99), properties, (reasonCode, properties) => {
        const data = generated({ cmd: "disconnect", reasonCode, properties });
        const endpoint = online();
        const { core, client } = endpoint;
        const body = bodyFrom(data, 0);
        expect(endpoint.compose(core.compose(client, 14, body.length), body)).toBe(0);
        endpoint.disconnect();
        expect(endpoint.takeBytes()).toEqual(data);
      }),
      { numRuns },
    );
  });

  it("sends the same AUTH", () => {
    const properties = fc
      .record({ authenticationData: bytes, reasonString: word, userProperties }, { requiredKeys: [] })
      .map(rest => ({ authenticationMethod: "m", ...rest }));
    fc.assert(
      fc.property(properties, properties => {
        const data = generated({ cmd: "auth", reasonCode: 0x19, properties });
        const endpoint = online();
        const { core, client } = endpoint;
        const body = bodyFrom(data, 0);
        expect(endpoint.compose(core.compose(client, 15, body.length), body)).toBe(0);
        expect(endpoint.takeBytes()).toEqual(data);
      }),
      { numRuns },
    );
  });

  it("acknowledges as mqtt-packet reads it", () => {
    fc.assert(
      fc.property(u16, topic, bytes, some({ reasonString: word }), (messageId, name, payload, properties) => {
        const endpoint = online();
        const publish = { cmd: "publish", topic: name, payload, retain: false, dup: false, messageId };
        endpoint.receive(generated({ ...publish, qos: 1 }));
        expect(endpoint.takePackets()).toMatchObject([{ cmd: "puback", messageId, reasonCode: 0 }]);
        endpoint.receive(generated({ ...publish, qos: 2 }));
        expect(endpoint.takePackets()).toMatchObject([{ cmd: "pubrec", messageId, reasonCode: 0 }]);
        endpoint.receive(generated({ cmd: "pubrel", messageId, reasonCode: 0, properties }));
        expect(endpoint.takePackets()).toMatchObject([{ cmd: "pubcomp", messageId, reasonCode: 0 }]);
        expect(endpoint.publish("a", "x", 2)).toBe(1);
        endpoint.takeBytes();
        endpoint.receive(generated({ cmd: "pubrec", messageId: 1, reasonCode: 0, properties }));
        expect(endpoint.takePackets()).toMatchObject([{ cmd: "pubrel", messageId: 1, reasonCode: 0 }]);
      }),
      { numRuns },
    );
  });
});
