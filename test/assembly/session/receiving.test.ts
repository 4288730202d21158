/**
 * Messages that come: the three qualities of service, duplicates, back-pressure. MQTT 3.1.1 sections 3.3 and 4.3.
 */
import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { Endpoint, type Event } from "./endpoint.ts";

const builds = await coreBuilds();

const message = (qos: 0 | 1 | 2, messageId = 1, payload = "x", dup = false) => ({
  cmd: "publish" as const,
  topic: "t",
  payload,
  qos,
  dup,
  retain: false,
  ...(qos > 0 ? { messageId } : {}),
});

/** The payloads of the messages among events. */
function texts(events: readonly Event[]): string[] {
  return events.flatMap(event => (event.type === "message" ? [event.text] : []));
}

describe.each(builds)("messages that come, $name", build => {
  it.each([
    [0, []],
    [1, ["puback 7"]],
    [2, ["pubrec 7"]],
  ] as const)("at QoS %d are handed on, then acknowledged", (qos, acknowledged) => {
    const endpoint = new Endpoint(build).online();
    endpoint.writeSize = 0;
    endpoint.serve({ ...message(qos, 7), retain: true, payload: Buffer.from([0, 255, 10]) });
    expect(endpoint.takeEvents()).toEqual([
      { type: "message", topic: "t", text: "\u0000\u00ff\n", qos, dup: false, retain: true, offset: 0, total: 3 },
    ]);
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(acknowledged);
  });

  it("are acknowledged only when the host has asked for the next event", () => {
    const endpoint = new Endpoint(build).online();
    const { core, client } = endpoint;
    endpoint.build.write(core.receiveAddress(client), generate(message(1)));
    core.received(client, generate(message(1)).length, 0);
    expect(endpoint.nextEvent()).toBe(true);
    expect(core.transmit(client)).toBe(0);
    expect(endpoint.nextEvent()).toBe(false);
    expect(core.transmit(client)).toBe(4);
  });

  it("at QoS 1 may come twice; at QoS 2 they do not [MQTT-4.3.3-2]", () => {
    const endpoint = new Endpoint(build).online();
    endpoint.serve(message(1, 1, "a"), message(1, 1, "a", true), message(2, 2, "b"), message(2, 2, "b", true));
    expect(texts(endpoint.takeEvents())).toEqual(["a", "a", "b"]);
    expect(endpoint.takeLines()).toEqual(["puback 1", "puback 1", "pubrec 2", "pubrec 2"]);
    endpoint.serve({ cmd: "pubrel", messageId: 2 }, message(2, 2, "c"));
    expect(endpoint.takeLines()).toEqual(["pubcomp 2", "pubrec 2"]);
    expect(texts(endpoint.takeEvents())).toEqual(["c"]);
  });

  it("at QoS 2 are held back across a reconnect that resumes the session", () => {
    const endpoint = new Endpoint(build).online();
    endpoint.serve(message(2, 1, "a"), message(2, 2, "b"));
    endpoint.take();
    endpoint.takeEvents();
    endpoint.reconnect(true);
    endpoint.serve(message(2, 1, "a", true), message(2, 2, "b", true), { cmd: "pubrel", messageId: 1 });
    expect(texts(endpoint.takeEvents())).toEqual([]);
    expect(endpoint.takeLines()).toEqual(["pubrec 1", "pubrec 2", "pubcomp 1"]);
  });

  it("at QoS 2 are new where the server has lost the session", () => {
    const endpoint = new Endpoint(build).online();
    endpoint.serve(message(2, 1, "a"));
    endpoint.takeEvents();
    endpoint.reconnect(false);
    endpoint.serve(message(2, 1, "b"));
    expect(texts(endpoint.takeEvents())).toEqual(["b"]);
  });

  it("count as dealt with when the transport closes under the host", () => {
    const endpoint = new Endpoint(build).online();
    const { core, client } = endpoint;
    const bytes = generate(message(2));
    endpoint.build.write(core.receiveAddress(client), bytes);
    core.received(client, bytes.length, 0);
    endpoint.nextEvent();
    expect(texts(endpoint.takeEvents())).toEqual(["x"]);
    endpoint.reconnect(true);
    endpoint.serve(message(2, 1, "x", true));
    expect(texts(endpoint.takeEvents())).toEqual([]);
    expect(endpoint.takeLines()).toEqual(["pubrec 1"]);
  });

  it("find room for their acknowledgement, however many PUBRELs there are to send again", () => {
    for (let count = 1; count <= 8; count++) {
      const endpoint = new Endpoint(build, { window: 20, isManual: true });
      const { core, client } = endpoint;
      const rest = () => {
        while (endpoint.nextEvent() || endpoint.transmit());
      };
      endpoint.connect({ keepalive: 10 });
      for (let turn = 0; turn < 2; turn++) {
        endpoint.nextEvent();
        endpoint.open();
        endpoint.transmit();
        endpoint.serve({ cmd: "connack", returnCode: 0, sessionPresent: turn === 1 });
        endpoint.nextEvent();
        if (turn === 1) break;
        for (let index = 0; index < count; index++) endpoint.publish("t", "x", 2);
        rest();
        for (let id = 1; id <= count; id++) {
          endpoint.serve({ cmd: "pubrec", messageId: id });
          rest();
        }
        endpoint.close();
        endpoint.advance(core.nextTimeout(client, 0));
      }
      endpoint.takeBytes();
      // The host reads a message while PUBRELs go out.
      endpoint.serve(message(2, 9));
      expect(endpoint.nextEvent()).toBe(true);
      if (count % 2 === 0) while (endpoint.transmit());
      endpoint.writeSize = 0;
      endpoint.transmit();
      endpoint.nextEvent();
      const sent = endpoint.takeLines();
      const session = () =>
        core.bytes.slice(core.sessionAddress(client), core.sessionAddress(client) + core.sessionSize(client));
      const before = session();
      // The transport is blocked, and a ping and a goodbye have to find room as well.
      endpoint.advance(10_000);
      endpoint.disconnect();
      expect(session()).toEqual(before);
      endpoint.writeSize = Number.POSITIVE_INFINITY;
      rest();
      const lines = [...sent, ...endpoint.takeLines()];
      expect(lines.slice(-2)).toEqual(["pingreq", "disconnect"]);
      expect(lines).toContain("pubrec 9");
      expect(new Set(lines).size).toBe(lines.length);
    }
  });

  it("are read no faster than their acknowledgements leave: 1,000 of QoS 1 into a blocked transport", () => {
    const endpoint = new Endpoint(build).online();
    endpoint.writeSize = 0;
    const bytes = Buffer.concat(
      Array.from({ length: 1000 }, (_, index) => generate(message(1, index + 1, `${index + 1}`))),
    );
    let rest = endpoint.offer(bytes);
    // Five acknowledgements wait, and the receive region is full.
    expect(texts(endpoint.takeEvents())).toEqual(["1", "2", "3", "4", "5"]);
    expect(endpoint.core.receiveRoom(endpoint.client)).toBe(0);
    expect(endpoint.offer(bytes.subarray(bytes.length - rest))).toBe(rest);
    expect(endpoint.core.received(endpoint.client, 1, endpoint.nowMs)).toBe(status.MISUSE_RANGE);
    const seen: string[] = ["1", "2", "3", "4", "5"];
    for (let turns = 0; turns < 10_000 && seen.length < 1000; turns++) {
      endpoint.writeSize = 3;
      endpoint.transmit();
      endpoint.writeSize = 0;
      endpoint.run();
      rest = endpoint.offer(bytes.subarray(bytes.length - rest));
      seen.push(...texts(endpoint.takeEvents()));
    }
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, index) => `${index + 1}`));
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(Array.from({ length: 1000 }, (_, index) => `puback ${index + 1}`));
  });

  it("fill the region exactly, in every way in which it can be filled", () => {
    for (let size = 1; size <= 40; size++) {
      const endpoint = new Endpoint(build, { receive: 32 }).online();
      const bytes = Buffer.concat([1, 2, 3].map(id => generate(message(1, id, `${id}`.repeat(size)))));
      endpoint.receive(bytes, 1 + (size % 7));
      const received = new Map<number, string>();
      let index = 0;
      for (const event of endpoint.takeEvents()) {
        if (event.type !== "message") throw new Error(event.type);
        received.set(index, (received.get(index) ?? "") + event.text);
        if (event.offset + event.text.length === event.total) index += 1;
      }
      expect([...received.values()]).toEqual(["1", "2", "3"].map(text => text.repeat(size)));
    }
  });

  it("may fill the region before the host looks for them, and then no byte more comes in", () => {
    const endpoint = new Endpoint(build, { receive: 32 }).online();
    const { core, client } = endpoint;
    const bytes = Buffer.concat([1, 2, 3, 4].map(id => generate(message(1, id))));
    expect([bytes.length, core.receiveRoom(client)]).toEqual([32, 32]);
    for (const [size, room] of [
      [31, 1],
      [1, 0],
    ]) {
      endpoint.build.write(core.receiveAddress(client), bytes.subarray(32 - room - size, 32 - room));
      expect([core.received(client, size, 0), core.receiveRoom(client)]).toEqual([status.OK, room]);
      expect([core.received(client, 0, 0), core.received(client, room + 1, 0)]).toEqual([
        status.OK,
        status.MISUSE_RANGE,
      ]);
    }
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["puback 1", "puback 2", "puback 3", "puback 4"]);
  });

  it("are not read on a transport that is not there", () => {
    const endpoint = new Endpoint(build);
    const { core, client } = endpoint;
    expect(core.received(client, 0, 0)).toBe(status.MISUSE_STATE);
    endpoint.connect();
    expect(core.received(client, 0, 0)).toBe(status.MISUSE_STATE);
    endpoint.open();
    expect(core.received(client, -1, 0)).toBe(status.MISUSE_RANGE);
    expect(core.received(client, 0, 0)).toBe(status.OK);
    expect(core.received(client, 257, 0)).toBe(status.MISUSE_RANGE);
    expect(core.received(client, 0x7fff_ffff, 0)).toBe(status.MISUSE_RANGE);
  });
});

describe.each(builds)("a full table of identifiers, $name", build => {
  it("leaves messages to come again, loses none and doubles none", () => {
    const endpoint = new Endpoint(build, { inbound: 2 }).online();
    endpoint.serve(
      message(2, 1, "a"),
      message(2, 2, "b"),
      message(2, 3, "c"),
      message(1, 4, "d"),
      message(2, 1, "a", true),
    );
    expect(texts(endpoint.takeEvents())).toEqual(["a", "b", "d"]);
    expect(endpoint.takeLines()).toEqual(["pubrec 1", "pubrec 2", "puback 4", "pubrec 1"]);
    endpoint.serve({ cmd: "pubrel", messageId: 1 }, message(2, 5, "e"));
    // There is room for one, but "c" came first.
    expect(endpoint.takeEvents()).toEqual([]);
    endpoint.serve({ cmd: "pubrel", messageId: 2 });
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.ENDED_RESUME }]);
    endpoint.take();
    endpoint.reconnect(true);
    endpoint.serve({ cmd: "pubrel", messageId: 2 }, message(2, 3, "c", true), message(2, 5, "e", true));
    expect(texts(endpoint.takeEvents())).toEqual(["c", "e"]);
    expect(endpoint.takeLines()).toEqual(["pubcomp 2", "pubrec 3", "pubrec 5"]);
    endpoint.serve({ cmd: "pubrel", messageId: 3 }, { cmd: "pubrel", messageId: 5 });
    expect(endpoint.takeEvents()).toEqual([]);
  });

  it("holds as many as it was made for", () => {
    const endpoint = new Endpoint(build, { inbound: 8 }).online();
    for (let id = 1; id <= 8; id++) endpoint.serve(message(2, id, `${id}`));
    expect(texts(endpoint.takeEvents())).toHaveLength(8);
    // Forgotten in any order.
    for (const id of [3, 8, 1, 2, 7, 6, 4, 5]) endpoint.serve({ cmd: "pubrel", messageId: id });
    for (let id = 1; id <= 8; id++) endpoint.serve(message(2, id, `${id}`));
    expect(texts(endpoint.takeEvents())).toHaveLength(8);
  });
});
