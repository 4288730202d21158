/**
 * A transport that takes little or nothing while acknowledgements come: what waits for it moves, is not sent twice, and leaves whole.
 */
import { describe, expect, it } from "vitest";
import { ENDED_TIMEOUT, MISUSE_RANGE, MISUSE_TOO_LARGE } from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { Endpoint } from "./endpoint.ts";
import { Endpoint5, props, text } from "./endpoint5.ts";

const builds = await coreBuilds();
const TOPIC = "site/7/temperature/a";

/** PUBLISH at QoS 1 with an alias. */
const aliased = (id: number, topic: string, payload: string): number[] => {
  const body = [...field(topic), 0, id, ...props(0x23, 0, 1), ...text(payload)];
  return [0x32, body.length, ...body];
};

describe.each(builds)("a transport that is slow, $name", build => {
  it("gets the rest of a message whose head has left with an alias, wherever the outbox has moved it", () => {
    const second = aliased(2, "", "the second");
    for (let sent = 1; sent < second.length; sent += 1) {
      const endpoint = new Endpoint5(build, { aliasesOut: 64, outbox: 80 }).online({}, [0x22, 0, 3]);
      const { core, client } = endpoint;
      endpoint.publish(TOPIC, "the first", 1);
      expect(endpoint.takeBytes()).toEqual(aliased(1, TOPIC, "the first"));
      // The loop is the test's: the second leaves byte by byte.
      endpoint.writeSize = 0;
      endpoint.publish(TOPIC, "the second", 1);
      const bytes: number[] = [];
      for (let count = 0; count < sent; count += 1) {
        expect(core.transmit(client)).toBeGreaterThan(0);
        bytes.push(core.bytes[core.transmitAddress(client)]);
        core.transmitted(client, 1, endpoint.nowMs);
      }
      endpoint.serve(0x40, 0, 1);
      expect(endpoint.takeEvents()).toMatchObject([{ type: "published", id: 1 }]);
      // There is room for a third only where the first was.
      expect(endpoint.publish(TOPIC, "the third", 1)).toBe(3);
      endpoint.writeSize = Number.POSITIVE_INFINITY;
      endpoint.run();
      expect([...bytes, ...endpoint.takeBytes()]).toEqual([...second, ...aliased(3, "", "the third")]);
    }
  });

  it("gets one ping where several have been due, behind the acknowledgements that wait", () => {
    const endpoint = new Endpoint(build).online({ keepalive: 10 });
    endpoint.takeBytes();
    endpoint.writeSize = 0;
    for (let id = 1; id <= 5; id += 1) {
      endpoint.receive(Uint8Array.of(0x32, 6, 0, 1, 0x61, 0, id, 0x78));
    }
    for (let turn = 0; turn < 5; turn += 1) {
      endpoint.advance(10_000);
      endpoint.receive(Uint8Array.of(0x30, 3, 0, 1, 0x61));
    }
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    const acknowledgements = [1, 2, 3, 4, 5].flatMap(id => [0x40, 2, 0, id]);
    expect([...endpoint.takeBytes()]).toEqual([...acknowledgements, 0xc0, 0]);
  });
});

describe.each(builds)("a transport that takes nothing, $name", build => {
  it("is owed no more pings than there is room for, while a large message trickles in", () => {
    const endpoint = new Endpoint(build).online({ keepalive: 10 });
    endpoint.takeBytes();
    endpoint.writeSize = 0;
    endpoint.receive(Uint8Array.of(0x30, 0xff, 0x7f, 0, 1, 0x61));
    for (let turn = 0; turn < 20; turn += 1) {
      endpoint.advance(10_000);
      endpoint.receive(Uint8Array.of(0x78));
    }
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    expect([...endpoint.takeBytes()]).toEqual(Array.from({ length: 11 }, () => [0xc0, 0]).flat());
  });
});

describe.each(builds)("a server that talks and answers no ping, $name", build => {
  it("is left after the time-out", () => {
    const endpoint = new Endpoint(build, { responseTimeoutMs: 20_000 }).online({ keepalive: 10 });
    endpoint.takeEvents();
    endpoint.advance(10_000);
    expect([...endpoint.takeBytes()]).toEqual([0xc0, 0]);
    for (let second = 1; second < 20; second += 1) {
      endpoint.advance(1000);
      endpoint.receive(Uint8Array.of(0x30, 3, 0, 1, 0x61));
    }
    expect(endpoint.takeEvents().map(({ type }) => type)).toEqual(Array.from({ length: 19 }, () => "message"));
    endpoint.advance(1000);
    expect(endpoint.takeEvents()).toMatchObject([{ type: "close", reason: ENDED_TIMEOUT }]);
  });
});

describe.each(builds)("what has not begun to leave, $name", build => {
  it("is dropped where it is an AUTH and the host ends the connection", () => {
    const method = [0x15, ...field("m")];
    const endpoint = new Endpoint5(build, { connect: 64 }).online({ properties: method }, method);
    const { core, client } = endpoint;
    const body = [0x19, ...props(...method)];
    build.write(core.compose(client, 15, body.length), body);
    expect([core.commit(client), core.disconnect(client, endpoint.nowMs)]).toEqual([0, 0]);
    endpoint.run();
    expect(endpoint.takeBytes()).toEqual([0xe0, 0]);
  });

  it("gives its room back, also to a session that a power cut restores with the gap in it", () => {
    const options = { isDurable: true, outbox: 128 };
    const endpoint = new Endpoint5(build, options).online({ properties: [0x11, 0, 0, 1, 0] });
    for (const payload of ["one", "two", "three"]) endpoint.publish("a", payload, 1);
    endpoint.takeBytes();
    endpoint.serve(0x40, 0, 2);
    const { endpoint: again, answer } = endpoint.restart();
    expect(answer).toBe(0);
    again.connect({ properties: [0x11, 0, 0, 1, 0] });
    again.accept([], true);
    const packets = again.takePackets() as { payload: Buffer; messageId: number }[];
    expect(packets.map(({ payload, messageId }) => [messageId, payload.toString()])).toEqual([
      [1, "one"],
      [3, "three"],
    ]);
  });
});

describe.each(builds)("to say that nothing was written, $name", build => {
  it("changes nothing", () => {
    const endpoint = new Endpoint(build).online();
    endpoint.publish("a", "first", 1);
    const [first] = endpoint.takeBytes();
    endpoint.writeSize = 0;
    const { core, client } = endpoint;
    const at = core.publish(client, 1, 6, 2);
    build.write(at, text("a"));
    build.write(core.composedEnd(client) - 6, text("second"));
    expect([first, core.commit(client)]).toEqual([0x32, 2]);
    expect([core.transmitted(client, 0, 0), core.transmitted(client, 1, 0)]).toEqual([0, MISUSE_RANGE]);
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    expect([...endpoint.takeBytes()]).toEqual([0x32, 11, ...field("a"), 0, 2, ...text("second")]);
  });
});

describe.each(builds)("beside messages with aliases, $name", build => {
  it("SUBSCRIBE and UNSUBSCRIBE leave as they are", () => {
    const endpoint = new Endpoint5(build, { aliasesOut: 128 }).online({}, [0x22, 0, 3]);
    // An identifier that would be a size, were it a topic's.
    for (let id = 1; id <= 10; id += 1) {
      endpoint.publish("a", "", 1);
      endpoint.serve(0x40, 0, id);
    }
    endpoint.takeBytes();
    const list = field("a filter that is long enough");
    endpoint.subscribe([...list, 1]);
    endpoint.unsubscribe(list);
    const subscribe = [0, 11, 0, ...list, 1];
    const unsubscribe = [0, 12, 0, ...list];
    expect(endpoint.takeBytes()).toEqual([
      0x82,
      subscribe.length,
      ...subscribe,
      0xa2,
      unsubscribe.length,
      ...unsubscribe,
    ]);
  });

  it("AUTH may fill the room behind CONNECT to the byte", () => {
    const method = [0x15, ...field("m")];
    const endpoint = new Endpoint5(build, { connect: 64 }).online({ properties: method }, method);
    const { core, client } = endpoint;
    // CONNECT: two bytes, ten, the properties, the client identifier.
    const room = 64 - (2 + 10 + 1 + method.length + 3);
    expect(core.compose(client, 15, room - 1)).toBe(MISUSE_TOO_LARGE);
    expect(core.compose(client, 15, room - 2)).toBeGreaterThan(0);
  });
});

describe.each(builds)("the largest packet of a server, $name", build => {
  it("may be a message with its alias, to the byte", () => {
    const whole = aliased(1, TOPIC, "reading");
    for (const [maximum, expected] of [
      [whole.length, whole],
      [whole.length - 1, [0x32, whole.length - 5, ...field(TOPIC), 0, 1, 0, ...text("reading")]],
    ] as const) {
      const endpoint = new Endpoint5(build, { aliasesOut: 64 }).online({}, [0x22, 0, 3, 0x27, 0, 0, 0, maximum]);
      endpoint.publish(TOPIC, "reading", 1);
      expect(endpoint.takeBytes()).toEqual(expected);
    }
  });
});

describe.each(builds)("numbers out of range, $name", build => {
  it("make no list of filters", () => {
    const { core, client } = new Endpoint(build).online();
    for (const size of [-1, 0x1000_0000, 0x7fff_ffff, -0x8000_0000]) {
      expect([core.subscribe(client, size), core.unsubscribe(client, size)]).toEqual([MISUSE_RANGE, MISUSE_RANGE]);
    }
  });
});

describe.each(builds)("a clock that is asked often, $name", build => {
  it("counts whole seconds, and loses nothing between them", () => {
    const endpoint = new Endpoint5(build);
    const { core, client } = endpoint;
    endpoint.connect();
    const start = endpoint.nowMs;
    endpoint.publish("a", "x", 1, [0x02, 0, 0, 0, 9]);
    for (const [lastMs, left] of [
      [998, 9],
      [1000, 8],
      [2998, 7],
      [3001, 6],
    ]) {
      for (; endpoint.nowMs - start < lastMs; endpoint.nowMs += lastMs % 2 === 0 ? 2 : 1)
        core.tick(client, endpoint.nowMs);
      core.tick(client, endpoint.nowMs);
      const at = core.sessionAddress(client) + core.sessionSize(client) - core.outboxCapacity(client);
      // Behind fixed header, topic, identifier, the size of the properties and the property's own identifier.
      expect([lastMs, core.bytes[at + 12]]).toEqual([lastMs, left]);
    }
  });
});

describe.each(builds)("a clock that goes back, $name", build => {
  it("ages a message from there: three seconds later it is three seconds older", () => {
    const endpoint = new Endpoint5(build);
    endpoint.connect();
    endpoint.publish("a", "x", 1, [0x02, 0, 0, 0, 5]);
    endpoint.core.tick(endpoint.client, endpoint.nowMs - 3000);
    endpoint.core.tick(endpoint.client, endpoint.nowMs - 1001);
    endpoint.accept();
    const body = [...field("a"), 0, 1, ...props(0x02, 0, 0, 0, 2), 0x78];
    expect(endpoint.takeBytes()).toEqual([0x32, body.length, ...body]);
  });
});
