/**
 * Time: keep-alive, half-open links, answers that do not come, and a clock that wraps.
 * MQTT 3.1.1 sections 3.1.2.10, 3.12 and 3.13.
 */
import { describe, expect, it } from "vitest";
import { NEVER } from "../../../assembly/session/timers.ts";
import * as state from "../../../assembly/session/transitions.ts";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { Endpoint } from "./endpoint.ts";

const builds = await coreBuilds();

const timedOut = [{ type: "close", reason: status.ENDED_TIMEOUT }];

describe.each(builds)("keep-alive, $name", build => {
  const keepalive = 10;

  it("pings when nothing was sent [MQTT-3.1.2-23]", () => {
    const endpoint = new Endpoint(build).online({ keepalive });
    for (let second = 0; second < 9; second++) {
      endpoint.advance(1000);
      endpoint.serve({ cmd: "publish", topic: "a", payload: "", qos: 0, dup: false, retain: false });
    }
    expect(endpoint.takeLines()).toEqual([]);
    endpoint.advance(1000);
    expect(endpoint.takeLines()).toEqual(["pingreq"]);
  });

  it("pings when nothing was received, although QoS 0 goes out", () => {
    const endpoint = new Endpoint(build).online({ keepalive });
    for (let second = 0; second < 9; second++) {
      endpoint.advance(1000);
      endpoint.publish("t", "", 0);
    }
    expect(endpoint.takeLines()).not.toContain("pingreq");
    endpoint.advance(1000);
    expect(endpoint.takeLines()).toContain("pingreq");
  });

  it("goes on while pings are answered", () => {
    const endpoint = new Endpoint(build, { responseTimeoutMs: 3000 }).online({ keepalive });
    for (let turn = 0; turn < 20; turn++) {
      // Counted from the ping before, which was sent two seconds before it was answered.
      endpoint.advance(turn === 0 ? 10_000 : 8000);
      expect(endpoint.takeLines()).toEqual(["pingreq"]);
      endpoint.advance(2000);
      endpoint.serve({ cmd: "pingresp" });
      expect(endpoint.takeEvents()).toEqual([]);
    }
  });

  it("closes where PINGRESP does not come", () => {
    const endpoint = new Endpoint(build, { responseTimeoutMs: 3000 }).online({ keepalive });
    endpoint.advance(10_000);
    endpoint.publish("t", "", 0);
    endpoint.advance(2999);
    expect(endpoint.takeEvents()).toEqual([]);
    endpoint.advance(2);
    expect(endpoint.takeEvents()).toEqual(timedOut);
    endpoint.close();
    expect(endpoint.state).toBe(state.WAITING);
  });

  it("is off with 0", () => {
    const endpoint = new Endpoint(build).online({ keepalive: 0 });
    expect(endpoint.core.nextTimeout(endpoint.client, endpoint.nowMs)).toBe(NEVER);
    endpoint.advance(100_000_000);
    expect([endpoint.takeLines(), endpoint.takeEvents()]).toEqual([[], []]);
  });

  it("of 65,535 seconds is the longest", () => {
    const endpoint = new Endpoint(build).online({ keepalive: 65535 });
    endpoint.advance(65_534_999);
    expect(endpoint.takeLines()).toEqual([]);
    endpoint.advance(1);
    expect(endpoint.takeLines()).toEqual(["pingreq"]);
  });

  it("writes over nothing when a server answers pings that it has not got", () => {
    const endpoint = new Endpoint(build, { responseTimeoutMs: 60_000 }).online({ keepalive: 1 });
    const { core, client } = endpoint;
    const session = () =>
      Buffer.from(
        core.bytes.subarray(core.sessionAddress(client), core.sessionAddress(client) + core.sessionSize(client)),
      );
    endpoint.writeSize = 0;
    const before = session();
    for (let turn = 0; turn < 100; turn++) {
      endpoint.advance(1000);
      endpoint.serve({ cmd: "pingresp" });
    }
    expect(session()).toEqual(before);
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    expect(new Set(endpoint.takeLines())).toEqual(new Set(["pingreq"]));
  });

  it("does not give up a server that is in the middle of a long message, and goes on pinging", () => {
    // PINGRESP cannot come before the message is through, however slow the link is.
    const endpoint = new Endpoint(build, { responseTimeoutMs: 5000 }).online({ keepalive });
    endpoint.publish("t", "x", 1);
    endpoint.takeBytes();
    endpoint.receive(Buffer.of(...[0x30, 0xc3, 0xb8, 0x02], ...[0, 1, 0x61])); // 40,003 bytes, topic "a"
    for (let sent = 0; sent < 40_000; sent += 100) {
      endpoint.advance(100);
      endpoint.receive(Buffer.alloc(100));
    }
    expect(endpoint.takeEvents().filter(({ type }) => type !== "message")).toEqual([]);
    // 40 seconds: the server, too, wants to hear something within one and a half times the keep-alive.
    expect(endpoint.takeBytes()).toEqual(Buffer.from([0xc0, 0, 0xc0, 0, 0xc0, 0, 0xc0, 0]));
    for (let ping = 0; ping < 4; ping++) endpoint.serve({ cmd: "pingresp" });
    endpoint.serve({ cmd: "puback", messageId: 1 });
    expect(endpoint.takeEvents()).toEqual([{ type: "published", id: 1 }]);
  });

  it("gives up a server that falls silent in the middle of a long message", () => {
    const endpoint = new Endpoint(build, { responseTimeoutMs: 5000 }).online({ keepalive });
    endpoint.receive(Buffer.of(...[0x30, 0xc3, 0xb8, 0x02], ...[0, 1, 0x61], 0, 0, 0));
    endpoint.advance(10_000);
    expect(endpoint.takeLines()).toEqual(["pingreq"]);
    endpoint.advance(5001);
    expect(endpoint.takeEvents()).toEqual(timedOut);
  });

  it("takes no bytes for no sign of life", () => {
    const endpoint = new Endpoint(build).online({ keepalive });
    for (let second = 0; second < 10; second++) {
      endpoint.advance(1000);
      endpoint.core.received(endpoint.client, 0, endpoint.nowMs);
      endpoint.publish("t", "", 0);
    }
    expect(endpoint.takeLines()).toContain("pingreq");
  });
});

describe.each(builds)("an answer that does not come, $name", build => {
  const options = { responseTimeoutMs: 5000 };

  it.each([
    ["PUBACK", (endpoint: Endpoint) => endpoint.publish("t", "", 1)],
    ["PUBREC", (endpoint: Endpoint) => endpoint.publish("t", "", 2)],
    ["SUBACK", (endpoint: Endpoint) => endpoint.subscribe(["a", 0])],
    ["UNSUBACK", (endpoint: Endpoint) => endpoint.unsubscribe("a")],
  ])("closes: %s", (_, ask) => {
    const endpoint = new Endpoint(build, options).online();
    endpoint.advance(1_000_000);
    ask(endpoint);
    endpoint.advance(4999);
    expect(endpoint.takeEvents()).toEqual([]);
    endpoint.advance(1);
    expect(endpoint.takeEvents()).toEqual(timedOut);
  });

  it("closes: PUBCOMP, counted from PUBREC", () => {
    const endpoint = new Endpoint(build, options).online();
    endpoint.publish("t", "", 2);
    endpoint.advance(4000);
    endpoint.serve({ cmd: "pubrec", messageId: 1 });
    endpoint.advance(4999);
    expect(endpoint.takeEvents()).toEqual([]);
    endpoint.advance(1);
    expect(endpoint.takeEvents()).toEqual(timedOut);
  });

  it("is waited for anew after every answer, while others are out", () => {
    const endpoint = new Endpoint(build, options).online();
    for (let id = 1; id <= 5; id++) endpoint.publish("t", "", 1);
    for (let id = 1; id <= 4; id++) {
      endpoint.advance(4000);
      endpoint.serve({ cmd: "puback", messageId: id });
    }
    endpoint.takeEvents();
    endpoint.advance(4999);
    expect(endpoint.takeEvents()).toEqual([]);
    endpoint.advance(1);
    expect(endpoint.takeEvents()).toEqual(timedOut);
  });

  it("is not waited for any longer because more is asked", () => {
    const endpoint = new Endpoint(build, { ...options, window: 100 }).online();
    for (let second = 0; second < 5; second++) {
      endpoint.publish("t", "", second % 2 === 0 ? 1 : 0);
      expect(endpoint.takeEvents()).toEqual([]);
      endpoint.advance(1000);
    }
    expect(endpoint.takeEvents()).toEqual(timedOut);
  });

  it("is not waited for while nothing has been asked", () => {
    const endpoint = new Endpoint(build, options).online();
    endpoint.publish("t", "", 1);
    endpoint.serve({ cmd: "puback", messageId: 1 });
    endpoint.publish("t", "", 0);
    endpoint.takeEvents();
    endpoint.advance(1_000_000);
    expect(endpoint.takeEvents()).toEqual([]);
    expect(endpoint.core.nextTimeout(endpoint.client, endpoint.nowMs)).toBe(NEVER);
  });

  it("to DISCONNECT: a transport that does not take it is closed all the same", () => {
    const endpoint = new Endpoint(build, options).online();
    endpoint.writeSize = 0;
    endpoint.disconnect();
    expect(endpoint.takeEvents()).toEqual([]);
    endpoint.advance(5000);
    expect(endpoint.takeEvents()).toEqual(timedOut);
    endpoint.close();
    expect(endpoint.state).toBe(state.IDLE);
  });

  it("is due from the moment on, and stays so while the host sleeps", () => {
    for (const late of [-1, 0, 1, 2, 100_000]) {
      const endpoint = new Endpoint(build, options).online();
      const { core, client } = endpoint;
      endpoint.publish("t", "", 1);
      const now = endpoint.nowMs + 5000 + late;
      expect([late, core.nextTimeout(client, now)]).toEqual([late, late < 0 ? 1 : 0]);
      core.timedOut(client, now);
      endpoint.run();
      expect(endpoint.takeEvents()).toEqual(late < 0 ? [] : timedOut);
    }
  });

  it("that is due with a ping closes, and one that is due a millisecond later pings", () => {
    for (const late of [-1, 0, 1, 2]) {
      const endpoint = new Endpoint(build, { responseTimeoutMs: 10_000 + late }).online({ keepalive: 10 });
      endpoint.publish("t", "", 1);
      endpoint.takeBytes();
      endpoint.advance(10_000);
      expect([late, endpoint.takeEvents(), endpoint.takeLines()]).toEqual([
        ...[late, late > 0 ? [] : timedOut, late > 0 ? ["pingreq"] : []],
      ]);
    }
  });

  it("changes nothing before it is due, however often one asks", () => {
    const endpoint = new Endpoint(build, options).online({ keepalive: 10 });
    const { core, client } = endpoint;
    endpoint.publish("t", "", 1);
    const record = () => Buffer.from(core.bytes.subarray(client, client + endpoint.recordSize));
    const before = record();
    for (let now = 0; now < 5000; now += 100) core.timedOut(client, now);
    expect(record()).toEqual(before);
  });
});

describe.each(builds)("a clock that wraps, $name", build => {
  it.each([
    ["2^31", 0x7fff_ffff - 20_000],
    ["2^32", -20_000],
    ["0, where a deadline of 0 would mean none", -13_000],
  ])("at %s", (_, nowMs) => {
    const endpoint = new Endpoint(build, { nowMs, responseTimeoutMs: 3000 });
    const reference = new Endpoint(build, { at: 8192, nowMs: 1_000_000, responseTimeoutMs: 3000 });
    for (const each of [endpoint, reference]) {
      each.online({ keepalive: 10 });
      for (let second = 0; second < 40; second++) {
        each.advance(1000);
        if (second % 7 === 0) each.publish("t", `${second}`, 1);
        if (second % 7 === 1)
          for (const packet of each.take())
            if (packet.messageId) each.serve({ cmd: "puback", messageId: packet.messageId });
        if (second % 10 === 0) each.serve({ cmd: "pingresp" });
      }
    }
    expect(endpoint.takeEvents()).toEqual(reference.takeEvents());
    expect(endpoint.takeLines()).toEqual(reference.takeLines());
    expect((endpoint.nowMs - nowMs) | 0).toBe(reference.nowMs - 1_000_000);
  });

  it.each([0x7fff_ffff, -1])(
    "at %d between the last byte sent and the last received, and the other way round",
    wrap => {
      for (const isReceiving of [true, false]) {
        const endpoint = new Endpoint(build, { nowMs: (wrap - 4500) | 0 }).online({ keepalive: 10 });
        for (let second = 0; second < 9; second++) {
          endpoint.advance(1000);
          if (isReceiving)
            endpoint.serve({ cmd: "publish", topic: "a", payload: "", qos: 0, dup: false, retain: false });
          else endpoint.publish("t", "", 0);
        }
        expect(endpoint.takeLines()).not.toContain("pingreq");
        endpoint.advance(1000);
        expect(endpoint.takeLines()).toContain("pingreq");
      }
    },
  );
});
