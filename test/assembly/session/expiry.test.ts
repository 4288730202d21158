/**
 * Messages that wait and expire, section 3.3.2.3.3 of MQTT 5.0; and those of 3.1.1, which do not.
 */
import { describe, expect, it } from "vitest";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { Endpoint } from "./endpoint.ts";
import { Endpoint5, publishBytes as publish } from "./endpoint5.ts";

const builds = await coreBuilds();

describe.each(builds)("a message that expires, $name", build => {
  const EXPIRY = (seconds: number) => [0x02, ...[24, 16, 8, 0].map(shift => (seconds >>> shift) & 0xff)];
  const offline = (): Endpoint5 => {
    const endpoint = new Endpoint5(build);
    endpoint.connect();
    return endpoint;
  };

  it("leaves with what is left of its interval [MQTT-3.3.2-6]", () => {
    const endpoint = offline();
    endpoint.publish("a", "1", 1, [0x01, 1, ...EXPIRY(60)]);
    endpoint.advance(10_500);
    endpoint.publish("a", "2", 1, EXPIRY(60));
    endpoint.advance(20_499);
    endpoint.accept();
    expect(endpoint.takeBytes()).toEqual([
      ...publish(1, "a", [0x01, 1, ...EXPIRY(30)], "1"),
      ...publish(2, "a", EXPIRY(40), "2"),
    ]);
  });

  it("is not aged by the time before it", () => {
    const endpoint = new Endpoint5(build).online();
    endpoint.nowMs += 100_000;
    endpoint.publish("a", "1", 0, EXPIRY(5));
    expect(endpoint.takeNews()).toEqual([]);
    expect(endpoint.takePackets()).toMatchObject([{ properties: { messageExpiryInterval: 5 } }]);
  });

  it("ends unsent where nothing is left, and says so", () => {
    const endpoint = offline();
    endpoint.publish("a", "1", 1, EXPIRY(10));
    endpoint.publish("a", "2", 0, EXPIRY(9));
    endpoint.publish("a", "3", 1);
    endpoint.advance(10_000);
    endpoint.open();
    endpoint.takeBytes();
    endpoint.serve(0x20, 0, 0, 0);
    expect(endpoint.takeNews().map(({ type, id }) => [type, id])).toEqual([
      ["connected", undefined],
      ["expired", 1],
      ["expired", 0],
    ]);
    expect(endpoint.takeBytes()).toEqual(publish(2, "a", [], "3"));
  });

  it("is sent again though it has expired: the server may have it", () => {
    const endpoint = new Endpoint5(build).online();
    endpoint.publish("a", "1", 1, EXPIRY(10));
    endpoint.takeBytes();
    endpoint.advance(20_000);
    endpoint.reconnect();
    expect(endpoint.takeBytes()).toEqual(publish(1, "a", EXPIRY(0), "1", 0x3a));
  });

  it("counts intervals of more than 68 years, and hours in one step", () => {
    const endpoint = offline();
    endpoint.publish("a", "1", 1, EXPIRY(0xffff_ffff));
    endpoint.publish("a", "2", 1, EXPIRY(0x8000_0001));
    endpoint.publish("a", "3", 1, EXPIRY(1_000_001));
    endpoint.nowMs += 1_000_000_000;
    endpoint.accept();
    expect(endpoint.takePackets().map(packet => (packet as { properties?: object }).properties)).toEqual([
      { messageExpiryInterval: 0xffff_ffff - 1_000_000 },
      { messageExpiryInterval: 0x8000_0001 - 1_000_000 },
      { messageExpiryInterval: 1 },
    ]);
  });

  it("loses no more to a power cut than what was stored, and ages by what the host says", () => {
    const endpoint = new Endpoint5(build, { isDurable: true });
    endpoint.connect();
    endpoint.publish("a", "1", 1, EXPIRY(60));
    endpoint.advance(10_000);
    const { endpoint: other, answer } = endpoint.restart();
    expect(answer).toBe(0);
    other.core.age(other.client, 20);
    other.online();
    const [packet] = other.takePackets() as { properties: { messageExpiryInterval: number } }[];
    expect([30, 40]).toContain(packet.properties.messageExpiryInterval);
  });
});

it.each(builds)("a SUBSCRIBE that waits has no interval, whatever its filter reads like, $name", build => {
  const endpoint = new Endpoint5(build);
  endpoint.connect();
  // Read as a PUBLISH with a topic of one byte, the filter is a block with an interval.
  const list = [...field("\u0005\u0002aaaa"), 1];
  expect(endpoint.subscribe(list)).toBe(1);
  endpoint.core.age(endpoint.client, 30);
  endpoint.accept();
  expect(endpoint.takeBytes()).toEqual([0x82, 3 + list.length, 0, 1, 0, ...list]);
});

describe.each(builds)("a message of 3.1.1, $name", build => {
  // Found by fuzzing: it was read as a property block, and an expiry in it was counted down, or what stood behind the packet was.
  it.each([
    ["a property block with an interval", [0x05, 0x02, 0, 0, 0, 60]],
    ["a property block that is longer than the packet", [0x7f, 0x02]],
    ["a length without end", [0xff, 0xff, 0xff, 0xff]],
    ["nothing", []],
  ])("has no interval where its payload reads like %s", (_name, payload) => {
    const endpoint = new Endpoint(build);
    endpoint.connect();
    endpoint.publish("a", Uint8Array.from(payload), 1);
    endpoint.core.age(endpoint.client, 30);
    endpoint.core.tick(endpoint.client, endpoint.nowMs + 100_000);
    endpoint.open();
    endpoint.serve({ cmd: "connack", returnCode: 0, sessionPresent: false });
    const packet = [0x32, 5 + payload.length, 0, 1, 0x61, 0, 1, ...payload];
    expect([...endpoint.takeBytes()].slice(-packet.length)).toEqual(packet);
  });
});
