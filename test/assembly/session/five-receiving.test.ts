/**
 * Messages from a server of MQTT 5.0: properties, aliases of the server, pieces, every split.
 */
import { describe, expect, it } from "vitest";
import { CLOSING, CONNECTED } from "../../../assembly/session/transitions.ts";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { Endpoint5, props, text, varint } from "./endpoint5.ts";

const builds = await coreBuilds();

/** A PUBLISH from the server at QoS 0. */
const message = (topic: string, list: number[], payload = ""): number[] => {
  const body = [...field(topic), ...props(...list), ...text(payload)];
  return [0x30, ...(body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7]), ...body];
};
const ALIAS = (alias: number) => [0x23, 0, alias];
const aliased = (maximum: number) => ({ properties: [0x22, 0, maximum] });

describe.each(builds)("a message from a server of 5.0, $name", build => {
  it("comes with its properties, however it is split", () => {
    const list = [0x0b, 5, 0x0b, 0x80, 1, 0x02, 0, 0, 0, 9, 0x26, ...field("k"), ...field("v"), 0x08, ...field("re")];
    const bytes = [...message("a/b", list, "x"), ...message("c", [], "y"), ...message("d", ALIAS(1), "z")];
    for (let chunkSize = 1; chunkSize <= bytes.length; chunkSize++) {
      const endpoint = new Endpoint5(build, { aliasesIn: 8 }).online(aliased(1));
      endpoint.receive(bytes, chunkSize);
      expect(endpoint.takeNews()).toEqual([
        { type: "message", topic: "a/b", text: "x", properties: list },
        { type: "message", topic: "c", text: "y", properties: [] },
        { type: "message", topic: "d", text: "z", properties: ALIAS(1) },
      ]);
    }
  });

  it("may have a topic by its alias, which may change", () => {
    const endpoint = new Endpoint5(build, { aliasesIn: 32 }).online(aliased(3));
    for (const [topic, alias] of [
      ["one", 1],
      ["two", 3],
      ["", 1],
      ["", 3],
      ["three", 1],
      ["", 1],
      ["", 3],
      ["2", 3],
      ["", 3],
      ["", 1],
    ] as const) {
      endpoint.receive(message(topic, ALIAS(alias)));
    }
    const topics = endpoint.takeNews().map(({ topic }) => topic);
    expect(topics).toEqual(["one", "two", "one", "two", "three", "three", "two", "2", "2", "three"]);
  });

  it.each([
    ["0 [MQTT-3.3.2-8]", message("a", ALIAS(0)), status.ALIAS_INVALID],
    ["above the maximum", message("a", ALIAS(4)), status.ALIAS_INVALID],
    ["that stands for nothing yet", message("", ALIAS(2)), status.UNEXPECTED_TOPIC],
    ["missing, and no topic", message("", []), status.UNEXPECTED_TOPIC],
  ])("with an alias %s ends the connection", (_, bytes, reason) => {
    const endpoint = new Endpoint5(build, { aliasesIn: 32 }).online(aliased(3));
    endpoint.receive(message("a", ALIAS(1)));
    endpoint.receive(bytes);
    expect(endpoint.takeNews().at(-1)).toEqual({ type: "close", reason });
  });

  it("has no alias of the connection before", () => {
    const endpoint = new Endpoint5(build, { aliasesIn: 32 }).online(aliased(3));
    endpoint.receive(message("a", ALIAS(1)));
    endpoint.reconnect();
    endpoint.receive(message("", ALIAS(1)));
    expect(endpoint.takeNews().at(-1)).toEqual({ type: "close", reason: status.UNEXPECTED_TOPIC });
  });

  it("comes in pieces where it is larger than the region, its properties with each", () => {
    const list = [0x26, ...field("k"), ...field("v")];
    const payload = "0123456789".repeat(30);
    for (const chunkSize of [1, 7, 64, 1000]) {
      const endpoint = new Endpoint5(build, { receive: 64, aliasesIn: 32 }).online(aliased(3));
      endpoint.receive(message("a", ALIAS(1)), chunkSize);
      endpoint.receive(message("", [...ALIAS(1), ...list], payload), chunkSize);
      endpoint.receive(message("b", [], "end"), chunkSize);
      const [, ...news] = endpoint.takeNews();
      expect(
        news
          .slice(0, -1)
          .map(({ text: piece }) => piece)
          .join(""),
      ).toBe(payload);
      for (const { topic, properties } of news.slice(0, -1))
        expect([topic, properties]).toEqual(["a", [...ALIAS(1), ...list]]);
      expect(news.at(-1)).toEqual({ type: "message", topic: "b", text: "end", properties: [] });
    }
  });

  it.each([
    ["a topic", message("t".repeat(80), [], "x")],
    ["properties", message("t", [0x26, ...field("k"), ...field("v".repeat(80))], "x")],
    ["properties whose length is cut by the end of the region", message("t".repeat(58), [], "x".repeat(99))],
  ])("with %s that the region cannot hold is too large, and DISCONNECT says so", (_, bytes) => {
    for (const chunkSize of [1, 1000]) {
      const endpoint = new Endpoint5(build, { receive: 64 }).online();
      try {
        endpoint.receive(bytes, chunkSize);
      } catch {
        // What comes behind the fault is not read.
      }
      expect(endpoint.takeNews()).toEqual([{ type: "close", reason: status.UNEXPECTED_SIZE }]);
      expect(endpoint.takeBytes()).toEqual([0xe0, 1, 0x95]);
    }
  });

  it("fits where its topic, its properties and a byte of its payload do", () => {
    for (const qos of [0, 1])
      for (const list of [[], [0x26, ...field("k"), ...field("v")]])
        for (let size = 47; size <= 60; size += 1)
          for (const payload of ["", "1", "12", "x".repeat(80)]) {
            const identifier = qos === 0 ? [] : [0, 9];
            const body = [...field("t".repeat(size)), ...identifier, ...props(...list), ...text(payload)];
            const bytes = [0x30 | (qos << 1), ...varint(body.length), ...body];
            const least = bytes.length - payload.length + Math.min(payload.length, 1);
            const endpoint = new Endpoint5(build, { receive: 64 }).online();
            const room = endpoint.core.receiveRoom(endpoint.client);
            try {
              endpoint.receive(bytes);
            } catch {
              // What comes behind the fault is not read.
            }
            const [first, ...others] = endpoint.takeNews();
            const seen = first.type === "message" ? [first, ...others].map(({ text }) => text).join("") : first.reason;
            const expected = least <= room ? payload : status.UNEXPECTED_SIZE;
            expect([qos, list.length, size, payload.length, seen]).toEqual([
              ...[qos, list.length, size, payload.length, expected],
            ]);
          }
  });

  it("of QoS 1 and 2 is acknowledged as in 3.1.1", () => {
    const endpoint = new Endpoint5(build).online();
    endpoint.serve(0x32, ...field("a"), 0, 5, 0, ...text("x"));
    endpoint.serve(0x34, ...field("a"), 0, 6, ...props(0x01, 1), ...text("y"));
    endpoint.serve(0x62, 0, 6, 0x00, 0);
    endpoint.serve(0x62, 0, 7, 0x92);
    expect(endpoint.takeNews().map(({ text: payload }) => payload)).toEqual(["x", "y"]);
    expect(endpoint.takeBytes()).toEqual([0x40, 2, 0, 5, 0x50, 2, 0, 6, 0x70, 2, 0, 6, 0x70, 2, 0, 7]);
  });
});

describe.each(builds)("a server of 5.0, $name,", build => {
  it("may send messages of QoS 0 beside as many of QoS 1 and 2 as CONNECT allows for", () => {
    const endpoint = new Endpoint5(build).online({ properties: [0x21, 0, 1] });
    for (let turn = 0; turn < 3; turn += 1) endpoint.serve(0x30, ...field("a"), 0, ...text("0"));
    endpoint.serve(0x34, ...field("a"), 0, 9, 0, ...text("2"));
    for (let turn = 0; turn < 3; turn += 1) endpoint.serve(0x30, ...field("a"), 0, ...text("0"));
    expect(endpoint.takeNews().map(({ text: payload }) => payload)).toEqual([...["0", "0", "0", "2", "0", "0", "0"]]);
    endpoint.serve(0x32, ...field("a"), 0, 10, 0);
    expect(endpoint.takeNews()).toEqual([{ type: "close", reason: status.RECEIVE_MAXIMUM_EXCEEDED }]);
  });

  it.skipIf(build.isGuarded)(
    "may have 65,535 messages unacknowledged where CONNECT names no number, and no more",
    () => {
      const endpoint = new Endpoint5(build, { inbound: 1 }).online();
      const { core, client } = endpoint;
      const send = (id: number): number => {
        core.bytes.set([0x34, 6, 0, 1, 0x61, id >> 8, id & 0xff, 0], core.receiveAddress(client));
        core.received(client, 8, 0);
        core.nextEvent(client, 0);
        return core.nextEvent(client, 0);
      };
      // The table holds one of them; the others have to come again, and count.
      for (let id = 1; id <= 65_535; id += 1) if (send(id) !== 0) expect.unreachable(`message ${id}`);
      expect(core.state(client)).toBe(CONNECTED);
      send(1);
      expect([core.state(client), core.reason(client)]).toEqual([CLOSING, status.RECEIVE_MAXIMUM_EXCEEDED]);
    },
  );

  it.each([
    ["PUBLISH", [0x30, 4, ...field("a"), 0]],
    ["PUBACK", [0x40, 2, 0, 1]],
    ["PUBREC", [0x50, 2, 0, 1]],
    ["PUBREL", [0x62, 2, 0, 1]],
    ["PUBCOMP", [0x70, 2, 0, 1]],
    ["SUBACK", [0x90, 4, 0, 1, 0, 0]],
    ["UNSUBACK", [0xb0, 4, 0, 1, 0, 0]],
    ["PINGRESP", [0xd0, 0]],
    ["DISCONNECT", [0xe0, 0]],
  ])("may send no %s before CONNACK [MQTT-3.2.0-1], and is told so", (_, bytes) => {
    const endpoint = new Endpoint5(build);
    endpoint.connect();
    endpoint.open();
    endpoint.takeBytes();
    endpoint.receive(bytes);
    expect(endpoint.takeNews()).toEqual([{ type: "close", reason: status.UNEXPECTED_BEFORE_CONNACK }]);
    expect(endpoint.takeBytes()).toEqual([0xe0, 1, 0x82]);
  });
});

describe.each(builds)("room for aliases, $name", build => {
  it("is not taken any more once a connection is wanted", () => {
    const endpoint = new Endpoint5(build, { receive: 100 });
    const { core, client } = endpoint;
    endpoint.connect();
    expect([core.aliases(client, 8, 0), core.receiveRoom(client)]).toEqual([status.MISUSE_STATE, 100]);
    endpoint.accept();
    expect([core.aliases(client, 8, 0), core.receiveRoom(client)]).toEqual([status.MISUSE_STATE, 100]);
  });

  it("may be none where there are only 32 bytes", () => {
    const { core, client } = new Endpoint5(build, { receive: 32 });
    expect(core.aliases(client, 1, 0)).toBe(status.MISUSE_RANGE);
    expect(core.aliases(client, 0, 1)).toBe(status.MISUSE_RANGE);
    expect(core.aliases(client, 0, 0)).toBe(0);
    expect(core.receiveRoom(client)).toBe(32);
  });

  it("is taken from the receive region, once, and leaves 32 bytes of it", () => {
    const { core, client } = new Endpoint5(build, { receive: 100 });
    expect(core.aliases(client, -1, 0)).toBe(status.MISUSE_RANGE);
    expect(core.aliases(client, 0, -1)).toBe(status.MISUSE_RANGE);
    expect(core.aliases(client, 34, 35)).toBe(status.MISUSE_RANGE);
    expect(core.aliases(client, 0x7fff_ffff, 0x7fff_ffff)).toBe(status.MISUSE_RANGE);
    expect(core.aliases(client, 0x7fff_ff00, 0x7fff_ffff)).toBe(status.MISUSE_RANGE);
    expect(core.aliases(client, 34, 34)).toBe(0);
    expect(core.aliases(client, 0, 0)).toBe(status.MISUSE_STATE);
    expect(core.aliases(client, 1, 0)).toBe(status.MISUSE_STATE);
  });
});

describe.each(builds)("a stored session of 5.0, $name", build => {
  it("is no session of 3.1.1, nor the other way round", () => {
    const endpoint = new Endpoint5(build, { isDurable: true }).online();
    endpoint.publish("a", "x", 1);
    const { core, client } = endpoint;
    const { endpoint: other, answer } = endpoint.restart();
    expect(answer).toBe(0);
    other.online();
    expect(other.takeBytes().slice(0, 1)).toEqual([0x32]);
    core.initialize(client, 256, 496, 128, 8);
    build.write(core.sessionAddress(client), endpoint.flash);
    expect(core.restored(client)).toBe(status.MISUSE_SESSION);
  });

  it("goes on with what it had of each kind", () => {
    const endpoint = new Endpoint5(build, { isDurable: true }).online({ properties: [0x11, 0, 0, 1, 0] });
    endpoint.publish("a", "x", 2, [0x01, 1]);
    endpoint.publish("b", "", 1);
    endpoint.subscribe([...field("c"), 1], [0x0b, 5]);
    endpoint.unsubscribe(field("d"));
    endpoint.serve(0x50, 0, 1);
    endpoint.publish("e", "y", 2);
    const { endpoint: again, answer } = endpoint.restart();
    expect(answer).toBe(0);
    again.connect({ properties: [0x11, 0, 0, 1, 0] });
    again.accept([], true);
    const packets = again.takePackets().map(packet => [packet.cmd, (packet as { messageId: number }).messageId]);
    expect(packets.sort((a, b) => Number(a[1]) - Number(b[1]))).toEqual([
      ["pubrel", 1],
      ["publish", 2],
      ["subscribe", 3],
      ["unsubscribe", 4],
      ["publish", 5],
    ]);
  });

  it("is not taken with properties that were torn", () => {
    const endpoint = new Endpoint5(build, { isDurable: true }).online();
    endpoint.publish("a", "x", 1, [0x02, 0, 0, 0, 9]);
    const offset = endpoint.flash.length - 496;
    expect(endpoint.flash[offset]).toBe(0x32);
    for (const [at, value] of [
      [7, 4],
      [7, 0x80],
      [8, 0x23],
      [4, 0x23],
    ]) {
      const torn = Uint8Array.from(endpoint.flash);
      torn[offset + at] = value;
      expect(endpoint.restart(torn).answer).toBe(status.MISUSE_SESSION);
    }
    expect(endpoint.restart().answer).toBe(0);
  });
});
