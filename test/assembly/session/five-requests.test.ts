/**
 * What a client of 5.0 does not ask a server for: options that are none, shares without a name, properties that do not belong there; and
 * answers that do not fit the question.
 */
import { describe, expect, it } from "vitest";
import { CONNECTED } from "../../../assembly/session/transitions.ts";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { Endpoint5, props } from "./endpoint5.ts";

const builds = await coreBuilds();
const NO_LOCAL = 0x04;

describe.each(builds)("SUBSCRIBE of 5.0, $name", build => {
  it.each([
    ["QoS 3 [MQTT-3.8.3-4]", "a", 0x03, status.MISUSE_QOS],
    ["Retain Handling 3", "a", 0x30, status.MISUSE_QOS],
    ["a reserved bit [MQTT-3.8.3-5]", "a", 0x40, status.MISUSE_QOS],
    ["the other reserved bit", "a", 0x80, status.MISUSE_QOS],
    ["No Local of a share [MQTT-3.8.3-4]", "$share/g/a", NO_LOCAL, status.MISUSE_QOS],
    ["a share of no name [MQTT-4.8.2-1]", "$share//a", 0, status.MISUSE_FILTER],
    ["a share named by a wildcard [MQTT-4.8.2-2]", "$share/+/a", 0, status.MISUSE_FILTER],
    ["a share of all", "$share/#", 0, status.MISUSE_FILTER],
    ["a share with a name and nothing behind", "$share/g", 0, status.MISUSE_FILTER],
    ["a share with an empty filter", "$share/g/", 0, status.MISUSE_FILTER],
    ["a share of nothing at all", "$share/", 0, status.MISUSE_FILTER],
  ])("does not leave with %s", (_, filter, options, answer) => {
    const endpoint = new Endpoint5(build).online();
    expect(endpoint.subscribe([...field(filter), options])).toBe(answer);
    expect(endpoint.subscribe([...field("b"), 0, ...field(filter), options])).toBe(answer);
    expect(endpoint.takeBytes()).toEqual([]);
    expect(endpoint.subscribe([...field("b"), 0])).toBe(1);
  });

  it.each([
    ["$share/g/a", 0x01],
    ["$share/g//", 0x2a],
    ["$share/g/#", 0x00],
    ["$share/g/+/+", 0x00],
    ["$share", NO_LOCAL],
    ["$shares/g/a", NO_LOCAL],
    ["$Share/g/a", NO_LOCAL],
    ["$shard/a", NO_LOCAL],
    ["a$share/g/a", NO_LOCAL],
    ["a", 0x2e],
    ["#", 0x00],
    ["+", 0x00],
    ["+/+/#", 0x00],
  ])("leaves with %s, options %i", (filter, options) => {
    const endpoint = new Endpoint5(build).online();
    expect(endpoint.subscribe([...field(filter), options])).toBe(1);
    const body = [0, 1, 0, ...field(filter), options];
    expect(endpoint.takeBytes()).toEqual([0x82, body.length, ...body]);
  });

  it.each([
    ["of another packet", [0x11, 0, 0, 0, 1]],
    ["twice", [0x0b, 1, 0x0b, 2]],
    ["that is 0", [0x0b, 0]],
    ["cut short", [0x0b, 0x80]],
  ])("does not leave with a property %s", (_, list) => {
    const endpoint = new Endpoint5(build).online();
    expect(endpoint.subscribe([...field("a"), 0], list)).toBe(status.MISUSE_PROPERTIES);
    expect(endpoint.unsubscribe(field("a"), list)).toBe(status.MISUSE_PROPERTIES);
    expect(endpoint.takeBytes()).toEqual([]);
  });

  it("has a subscription identifier, which UNSUBSCRIBE has not", () => {
    const endpoint = new Endpoint5(build).online();
    expect(endpoint.unsubscribe(field("a"), [0x0b, 1])).toBe(status.MISUSE_PROPERTIES);
    expect(endpoint.subscribe([...field("a"), 0], [0x0b, 1])).toBe(1);
  });

  it.each([
    ["one code for two filters", 0x90, [0]],
    ["three codes for two filters", 0x90, [0, 0, 0]],
    ["no code for two filters removed", 0xb0, []],
    ["one code for two filters removed", 0xb0, [0]],
    ["three codes for two filters removed", 0xb0, [0, 0, 0]],
  ])("ends the connection on %s", (_, first, codes) => {
    const endpoint = new Endpoint5(build).online();
    const isSuback = first === 0x90;
    const id = isSuback
      ? endpoint.subscribe([...field("a"), 0, ...field("$share/g/b"), 0])
      : endpoint.unsubscribe([...field("a"), ...field("b")]);
    endpoint.takeEvents();
    endpoint.serve(first, 0, id, 0, ...codes);
    const reason = codes.length === 0 ? status.MALFORMED_SIZE : status.UNEXPECTED_SUBACK_COUNT;
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason }]);
  });
});

describe.each(builds)("a message to a client of 5.0, $name", build => {
  it.each([
    ["without a property length", [0x30, 3, 0, 1, 0x61], status.MALFORMED_SIZE],
    ["whose properties end behind it", [0x30, 5, 0, 1, 0x61, 2, 0], status.MALFORMED_PROPERTIES],
    [
      "whose property length never ends",
      [0x30, 9, 0, 1, 0x61, 0xff, 0xff, 0xff, 0xff, 0xff, 0],
      status.MALFORMED_PROPERTIES,
    ],
    ["whose property length ends behind it", [0x30, 4, 0, 1, 0x61, 0x80], status.MALFORMED_PROPERTIES],
  ])("ends the connection %s", (_, bytes, reason) => {
    for (const chunkSize of [1, 100]) {
      const endpoint = new Endpoint5(build).online();
      // The rest of the region is filled by what comes behind.
      endpoint.receive([...bytes, 0xd0, 0], chunkSize);
      expect(endpoint.takeEvents()[0]).toEqual({ type: "close", reason });
    }
  });

  it("is not known by an alias that found no room", () => {
    const endpoint = new Endpoint5(build, { aliasesIn: 16 }).online({ properties: [0x22, 0, 9] });
    const message = (topic: string, alias: number) =>
      endpoint.serve(0x30, ...field(topic), ...props(0x23, 0, alias), 0x78);
    message("twelve bytes", 1);
    message("a", 2);
    message("", 1);
    expect(endpoint.takeEvents().map(({ topic }) => topic)).toEqual(["twelve bytes", "a", "twelve bytes"]);
    message("", 2);
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.UNEXPECTED_TOPIC }]);
  });

  it("is not known by an alias of a topic that is longer than all the room", () => {
    const endpoint = new Endpoint5(build, { aliasesIn: 16 }).online({ properties: [0x22, 0, 9] });
    endpoint.serve(0x30, ...field("thirteen byte"), ...props(0x23, 0, 1), 0x78);
    expect(endpoint.takeEvents()).toMatchObject([{ topic: "thirteen byte" }]);
    endpoint.serve(0x30, ...field(""), ...props(0x23, 0, 1), 0x78);
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.UNEXPECTED_TOPIC }]);
  });
});

describe.each(builds)("limits of a server of 5.0, $name", build => {
  it("are none where the largest packet is over 0x7fff_ffff bytes", () => {
    for (const maximum of [0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      const endpoint = new Endpoint5(build).online({}, [
        0x27,
        ...new Uint8Array(new Uint32Array([maximum]).buffer).reverse(),
      ]);
      expect(endpoint.publish("a", "x".repeat(100), 1)).toBe(1);
      expect(endpoint.takePackets()).toHaveLength(1);
    }
  });

  it("hold back what was taken under others, also from a host that transmits before it asks for the event", () => {
    const endpoint = new Endpoint5(build).online();
    endpoint.publish("a", "x".repeat(50), 1);
    const { core, client } = endpoint;
    core.closed(client, endpoint.nowMs);
    endpoint.run();
    endpoint.advance(core.nextTimeout(client, endpoint.nowMs));
    endpoint.open();
    endpoint.takeBytes();
    const connack = [0x20, 8, 1, 0, 5, 0x27, 0, 0, 0, 40];
    build.write(core.receiveAddress(client), connack);
    core.received(client, connack.length, endpoint.nowMs);
    core.nextEvent(client, endpoint.nowMs);
    expect([core.state(client), core.transmit(client)]).toEqual([CONNECTED, 0]);
    endpoint.takeEvents();
    endpoint.run();
    expect(endpoint.takeEvents()).toMatchObject([{ type: "refused", id: 1, code: 0x95 }]);
  });
});

describe.each(builds)("a reason code, $name,", build => {
  it.each([
    [0x40, 1, 0x10, "published"],
    [0x40, 1, 0x80, "refused"],
    [0x40, 1, 0x99, "refused"],
    [0x50, 2, 0x80, "refused"],
    [0x50, 2, 0x83, "refused"],
  ])("of the answer %d to QoS %d is a failure from 0x80 on: %d", (first, qos, code, type) => {
    const endpoint = new Endpoint5(build).online();
    endpoint.publish("a", "x", qos);
    endpoint.takeBytes();
    endpoint.serve(first, 0, 1, code, 0);
    expect(endpoint.takeEvents()).toEqual([{ type, id: 1, code, properties: [] }]);
    expect(endpoint.takeBytes()).toEqual([]);
    expect(endpoint.core.inFlight(endpoint.client)).toBe(0);
  });
});

describe.each(builds)("AUTH and DISCONNECT, $name", build => {
  it("may be composed while another packet is leaving, and leave behind it", () => {
    const method = [0x15, ...field("m")];
    const list = [0x19, ...props(...method)];
    const auth = [0xf0, list.length, ...list];
    for (const [topic, maximum] of [
      ["t", 0],
      ["a topic for an alias", 9],
    ] as const) {
      const whole = new Endpoint5(build, { aliasesOut: 64 }).online({ properties: method }, [
        ...method,
        0x22,
        0,
        maximum,
      ]);
      whole.publish(topic, "payload", 1);
      const packet = whole.takeBytes();
      for (let gone = 0; gone < packet.length; gone += 1) {
        const endpoint = new Endpoint5(build, { aliasesOut: 64 }).online({ properties: method }, [
          ...method,
          0x22,
          0,
          maximum,
        ]);
        endpoint.writeSize = 0;
        endpoint.publish(topic, "payload", 1);
        const { core, client } = endpoint;
        expect(core.transmit(client)).toBeGreaterThan(0);
        const first: number[] = [];
        for (let count = 0; count < gone; count += 1) {
          core.transmit(client);
          first.push(core.bytes[core.transmitAddress(client)]);
          core.transmitted(client, 1, endpoint.nowMs);
        }
        expect([gone, endpoint.aside(15, 0x19, method)]).toEqual([gone, 0]);
        endpoint.writeSize = Number.POSITIVE_INFINITY;
        endpoint.run();
        expect([...first, ...endpoint.takeBytes()]).toEqual([...packet, ...auth]);
      }
    }
  });

  it("wait until the one before has left whole", () => {
    const endpoint = new Endpoint5(build, { writeSize: 1, connect: 64 });
    endpoint.online({ properties: [0x15, ...field("m")] }, [0x15, ...field("m")]);
    const { core, client } = endpoint;
    const list = [0x18, ...props(0x15, ...field("m"))];
    const at = core.compose(client, 15, list.length);
    build.write(at, list);
    expect(core.commit(client)).toBe(0);
    expect(core.compose(client, 15, list.length)).toBe(status.FULL);
    expect(core.transmit(client)).toBe(2 + list.length);
    for (let left = 2 + list.length; left > 0; left -= 1) {
      expect(core.compose(client, 15, list.length)).toBe(status.FULL);
      core.transmitted(client, 1, endpoint.nowMs);
    }
    expect(core.compose(client, 15, list.length)).toBe(at);
  });
});
