/**
 * The outbox as a queue: full, with its three policies; gaps closed under packets that are on their way; identifiers.
 */
import { describe, expect, it } from "vitest";
import { NEVER } from "../../../assembly/session/timers.ts";
import * as state from "../../../assembly/session/transitions.ts";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { Endpoint } from "./endpoint.ts";

const builds = await coreBuilds();

/** A QoS 1 PUBLISH to "t" with `payloadSize` bytes of payload: 2 + 3 + 2 bytes more. */
const OVERHEAD = 7;

describe.each(builds)("the outbox, $name", build => {
  it("is full where a packet does not fit until others are acknowledged", () => {
    const endpoint = new Endpoint(build, { outbox: 64 });
    const fill = () => Array.from({ length: 4 }, () => endpoint.publish("t", "x".repeat(9), 1));
    expect(fill()).toEqual([1, 2, 3, 4]);
    expect(endpoint.core.outboxUsed(endpoint.client)).toBe(64);
    expect(endpoint.core.outboxCapacity(endpoint.client)).toBe(64);
    expect(endpoint.publish("t", "", 1)).toBe(status.FULL);
    expect(endpoint.publish("t", "", 0)).toBe(status.FULL);
    expect(endpoint.subscribe(["t", 0])).toBe(status.FULL);
    expect(endpoint.unsubscribe("t")).toBe(status.FULL);
    endpoint.online();
    endpoint.serve({ cmd: "puback", messageId: 3 });
    // The gap in the middle is what fits now.
    expect(endpoint.publish("t", "y".repeat(10), 1)).toBe(status.FULL);
    expect(endpoint.publish("t", "y".repeat(9), 1)).toBe(5);
    expect(endpoint.publish("t", "", 0)).toBe(status.FULL);
    endpoint.take();
    endpoint.reconnect();
    expect(endpoint.take().map(({ messageId }) => messageId)).toEqual([1, 2, 4, 5]);
  });

  it("drops the oldest unsent where the host prefers new ones", () => {
    const endpoint = new Endpoint(build, { outbox: 64 });
    const { core, client } = endpoint;
    expect(core.drop(client)).toBe(status.NOTHING);
    for (const text of ["1", "2", "3", "4"]) endpoint.publish("t", text.repeat(9), 1);
    expect(endpoint.publish("t", "5".repeat(9), 1)).toBe(status.FULL);
    expect(core.drop(client)).toBe(1);
    expect(endpoint.publish("t", "5".repeat(9), 1)).toBe(5);
    expect(core.drop(client)).toBe(2);
    expect(endpoint.publish("t", "6".repeat(11), 0)).toBe(0);
    endpoint.online();
    expect(endpoint.take().map(({ messageId }) => messageId)).toEqual([3, 4, 5, undefined]);
  });

  it("drops no request, nor what has been sent", () => {
    const endpoint = new Endpoint(build, { window: 1 });
    const { core, client } = endpoint;
    endpoint.subscribe(["a", 0]);
    endpoint.unsubscribe("a");
    expect(core.drop(client)).toBe(status.NOTHING);
    endpoint.online();
    expect(endpoint.publish("t", "1", 1)).toBe(3);
    expect(endpoint.publish("t", "2", 1)).toBe(4);
    expect(endpoint.publish("t", "3", 0)).toBe(0);
    expect([core.drop(client), core.drop(client), core.drop(client)]).toEqual([4, 0, status.NOTHING]);
    endpoint.reconnect();
    expect(core.drop(client)).toBe(status.NOTHING);
    expect(endpoint.take().map(({ messageId }) => messageId)).toContain(3);
  });

  it("drops what is next, closes the gap, and goes on with what is left", () => {
    const endpoint = new Endpoint(build, { outbox: 64, window: 1, isDurable: true }).online();
    const { core, client } = endpoint;
    for (const text of ["1", "2", "3", "4"]) endpoint.publish("t", text.repeat(9), 1);
    // Nothing is even offered while something has to be stored.
    endpoint.isStoring = false;
    endpoint.serve({ cmd: "puback", messageId: 1 });
    expect(core.drop(client)).toBe(2);
    // Nothing has been asked, so nothing is waited for.
    expect(core.nextTimeout(client, endpoint.nowMs)).toBe(NEVER);
    expect(endpoint.publish("t", "5".repeat(9), 1)).toBe(5);
    expect(endpoint.publish("t", "6".repeat(9), 1)).toBe(6);
    endpoint.isStoring = true;
    for (const id of [3, 4, 5, 6]) {
      endpoint.run();
      expect(endpoint.take().at(-1)?.messageId).toBe(id);
      endpoint.serve({ cmd: "puback", messageId: id });
    }
    expect(core.outboxUsed(client)).toBe(0);
  });

  it("drops nothing of which a byte has left, to its last, which is that of the outbox", () => {
    for (let gone = 1; gone < 16; gone++) {
      const endpoint = new Endpoint(build, { outbox: 16 }).online();
      const { core, client } = endpoint;
      endpoint.writeSize = 0;
      endpoint.publish("t", "x".repeat(16 - OVERHEAD), 1);
      endpoint.writeSize = gone;
      endpoint.transmit();
      expect([gone, core.drop(client), core.resend(client)]).toEqual([gone, status.NOTHING, status.FULL]);
      endpoint.run();
      expect(endpoint.takeLines()).toEqual([`publish 1 t=${"x".repeat(16 - OVERHEAD)}`]);
    }
  });

  it("drops what stands behind one that has left, before the transport is asked again", () => {
    const endpoint = new Endpoint(build).online();
    const { core, client } = endpoint;
    endpoint.writeSize = 0;
    endpoint.publish("t", "1", 1);
    expect(core.transmitted(client, core.transmit(client), 0)).toBe(status.OK);
    endpoint.build.write(core.publish(client, 1, 0, 2), [0x74]);
    expect([core.commit(client), core.drop(client), core.drop(client)]).toEqual([2, 2, status.NOTHING]);
  });

  it("drops nothing that is leaving", () => {
    const endpoint = new Endpoint(build).online();
    const { core, client } = endpoint;
    endpoint.writeSize = 0;
    endpoint.publish("t", "1", 1);
    endpoint.publish("t", "2", 1);
    endpoint.writeSize = 1;
    endpoint.transmit();
    expect([core.drop(client), core.drop(client)]).toEqual([2, status.NOTHING]);
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["publish 1 t=1"]);
  });

  it("keeps only the latest of each topic where the host wants that", () => {
    const endpoint = new Endpoint(build);
    const { core, client } = endpoint;
    const latest = (topic: string, text: string, qos: number): [number, number] => {
      const at = core.publish(client, topic.length, text.length, qos << 1);
      endpoint.build.write(at, Buffer.from(topic));
      const superseded = core.supersede(client);
      endpoint.build.write(core.composedEnd(client) - text.length, Buffer.from(text));
      return [superseded, core.commit(client)];
    };
    expect(latest("a", "1", 1)).toEqual([status.NOTHING, 1]);
    expect(latest("b", "1", 0)).toEqual([status.NOTHING, 0]);
    expect(latest("ab", "1", 2)).toEqual([status.NOTHING, 2]);
    expect(latest("a", "2", 2)).toEqual([1, 3]);
    expect(latest("b", "2", 1)).toEqual([0, 4]);
    expect(latest("a", "3", 0)).toEqual([3, 0]);
    endpoint.online();
    expect(endpoint.takeLines()).toEqual(["publish 2 ab=1", "publish 4 b=2", "publish a=3"]);
    // What has been sent stays.
    expect(latest("b", "3", 1)).toEqual([status.NOTHING, 5]);
  });

  it("knows no topic to supersede while none is composed", () => {
    const endpoint = new Endpoint(build);
    const { core, client } = endpoint;
    expect(core.supersede(client)).toBe(status.MISUSE_STATE);
    core.subscribe(client, 4);
    expect(core.supersede(client)).toBe(status.MISUSE_STATE);
    core.connect(client, 3, 2, 0);
    expect(core.supersede(client)).toBe(status.MISUSE_STATE);
  });

  it("lets what is composed stand while all else is acknowledged under it", () => {
    const endpoint = new Endpoint(build, { outbox: 64 }).online();
    const { core, client } = endpoint;
    endpoint.publish("t", "1", 1);
    const topic = core.publish(client, 1, 1, 2);
    endpoint.serve({ cmd: "puback", messageId: 1 });
    endpoint.build.write(topic, Buffer.from("u"));
    endpoint.build.write(core.composedEnd(client) - 1, Buffer.from("2"));
    expect(core.commit(client)).toBe(2);
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["publish 1 t=1", "publish 2 u=2"]);
    endpoint.serve({ cmd: "puback", messageId: 2 });
    // All of the room has come back.
    expect(endpoint.publish("t", "x".repeat(64 - OVERHEAD), 1)).toBe(3);
  });

  it("closes its gaps under a packet that has left in part, a byte at a time", () => {
    for (let gone = 1; gone < 15; gone++) {
      const endpoint = new Endpoint(build, { outbox: 64, window: 8 }).online();
      for (const text of ["1", "2", "3"]) endpoint.publish("t", text.repeat(9), 1);
      endpoint.writeSize = 0;
      endpoint.publish("t", "4".repeat(9), 1);
      endpoint.writeSize = gone;
      endpoint.transmit();
      endpoint.writeSize = 0;
      endpoint.serve({ cmd: "puback", messageId: 1 }, { cmd: "puback", messageId: 3 });
      expect(endpoint.publish("t", "5".repeat(9), 1)).toBe(5);
      expect(endpoint.publish("t", "6".repeat(9), 1)).toBe(6);
      endpoint.writeSize = 1;
      endpoint.run();
      expect(endpoint.takeLines()).toEqual(
        ["1", "2", "3", "4", "5", "6"].map(text => `publish ${text} t=${text.repeat(9)}`),
      );
    }
  });

  it("moves under a packet that was offered and not written", () => {
    const endpoint = new Endpoint(build, { outbox: 64 }).online();
    for (const text of ["1", "2", "3"]) endpoint.publish("t", text.repeat(9), 1);
    endpoint.writeSize = 0;
    endpoint.publish("t", "4".repeat(9), 1);
    endpoint.core.transmit(endpoint.client);
    endpoint.serve({ cmd: "puback", messageId: 1 }, { cmd: "puback", messageId: 2 });
    endpoint.publish("t", "5".repeat(9), 1);
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    expect(endpoint.takeLines().slice(3)).toEqual([`publish 4 t=${"4".repeat(9)}`, `publish 5 t=${"5".repeat(9)}`]);
  });

  it("is asked to drop while CONNECT has left in part and was refused: there is nothing", () => {
    for (const gone of [0, 1, 14]) {
      const endpoint = new Endpoint(build);
      endpoint.writeSize = 0;
      endpoint.connect();
      endpoint.open();
      endpoint.writeSize = gone;
      endpoint.transmit();
      endpoint.writeSize = 0;
      endpoint.serve({ cmd: "connack", returnCode: 3, sessionPresent: false });
      expect(endpoint.state).toBe(state.CLOSING);
      expect(endpoint.core.drop(endpoint.client)).toBe(status.NOTHING);
    }
  });

  it("keeps what is queued where a server accepts before CONNECT has left", () => {
    const endpoint = new Endpoint(build, { outbox: 64 });
    for (const text of ["1", "2", "3", "4"]) endpoint.publish("t", text.repeat(9), 1);
    endpoint.writeSize = 0;
    endpoint.connect({ username: "somebody" });
    endpoint.open();
    endpoint.writeSize = 5;
    endpoint.transmit();
    endpoint.writeSize = 0;
    endpoint.serve({ cmd: "connack", returnCode: 0, sessionPresent: false });
    expect(endpoint.core.drop(endpoint.client)).toBe(1);
    expect(endpoint.publish("t", "5".repeat(9), 1)).toBe(5);
    endpoint.writeSize = 1;
    endpoint.run();
    expect(endpoint.take()).toMatchObject([
      { cmd: "connect", username: "somebody" },
      ...[2, 3, 4, 5].map(messageId => ({ messageId })),
    ]);
  });
});

describe.each(builds)("packet identifiers, $name", build => {
  it("go from 65,535 to 1 [MQTT-2.3.1-1], and pass over none in use [MQTT-2.3.1-2]", () => {
    const endpoint = new Endpoint(build, { outbox: 64 }).online();
    const { core, client } = endpoint;
    expect(endpoint.publish("old", "", 1)).toBe(1);
    // Far more quickly than with a server, and just as well: compose, commit, drop.
    endpoint.writeSize = 0;
    for (let id = 2; id <= 65535; id++) {
      endpoint.build.write(core.publish(client, 1, 0, 2), [0x74]);
      if (core.commit(client) !== id) expect.unreachable(`identifier ${id}`);
      if (core.drop(client) !== id) expect.unreachable(`dropped ${id}`);
      if (build.isGuarded && id === 300) break;
    }
    if (build.isGuarded) return;
    // 1 is next, and still in use.
    expect(endpoint.publish("t", "", 1)).toBe(status.FULL);
    expect(endpoint.subscribe(["t", 0])).toBe(status.FULL);
    expect(endpoint.publish("t", "q0", 0)).toBe(0);
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.serve({ cmd: "puback", messageId: 1 });
    expect(endpoint.publish("t", "", 1)).toBe(1);
    expect(endpoint.publish("t", "", 1)).toBe(2);
    endpoint.serve({ cmd: "puback", messageId: 2 }, { cmd: "puback", messageId: 1 });
    expect(endpoint.takeEvents()).toEqual([1, 2, 1].map(id => ({ type: "published", id })));
  });

  it("are given to requests and messages alike, and to QoS 0 never [MQTT-2.3.1-5]", () => {
    const endpoint = new Endpoint(build);
    expect([
      endpoint.publish("t", "", 1),
      endpoint.publish("t", "", 0),
      endpoint.subscribe(["t", 0]),
      endpoint.publish("t", "", 2),
      endpoint.unsubscribe("t"),
    ]).toEqual([1, 0, 2, 3, 4]);
  });
});
