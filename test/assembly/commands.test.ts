/**
 * The commands of assembly/client.ts: each number at its bounds, each in the states that it fits, and what a refused one leaves alone.
 */
import { describe, expect, it } from "vitest";
import * as status from "../../assembly/status.ts";
import { VARINT_MAX } from "../../assembly/wire/varint.ts";
import { coreBuilds } from "./builds.ts";
import { Endpoint } from "./session/endpoint.ts";
import { Endpoint5 } from "./session/endpoint5.ts";
import { field } from "./wire/codec.ts";

const builds = await coreBuilds();
const { MISUSE_RANGE, MISUSE_TOO_LARGE, MISUSE_QOS, MISUSE_STATE } = status;

/** As VECTORS of wire/vectors.ts have it. */
const OLD = { protocolId: "MQIsdp", protocolVersion: 3 };
const INTEGER_MIN = -0x8000_0000;

/** Each value with what a call answers to it; an address counts as "room". */
const answers = (values: readonly number[], call: (value: number) => number) =>
  values.map(value => [value, Math.min(call(value), 1) === 1 ? "room" : call(value)]);

describe.each(builds)("the numbers of a command, $name", build => {
  const fresh = () => new Endpoint(build, { outbox: 64, connect: 32 });

  it("of publish: a topic of two bytes of size, a payload that a packet can have, and what the outbox holds", () => {
    const { core, client } = fresh();
    expect(answers([-1, INTEGER_MIN, 0, 60, 61, 0xffff, 0x10000], size => core.publish(client, size, 0, 0))).toEqual([
      [-1, MISUSE_RANGE],
      [INTEGER_MIN, MISUSE_RANGE],
      [0, "room"],
      [60, "room"],
      [61, MISUSE_TOO_LARGE],
      [0xffff, MISUSE_TOO_LARGE],
      [0x10000, MISUSE_RANGE],
    ]);
    const sizes = [-1, INTEGER_MIN, 0, 58, 59, VARINT_MAX, VARINT_MAX + 1];
    expect(answers(sizes, size => core.publish(client, 0, size, 2))).toEqual([
      [-1, MISUSE_RANGE],
      [INTEGER_MIN, MISUSE_RANGE],
      [0, "room"],
      [58, "room"],
      [59, MISUSE_TOO_LARGE],
      [VARINT_MAX, MISUSE_TOO_LARGE],
      [VARINT_MAX + 1, MISUSE_RANGE],
    ]);
    const flags = [-1, INTEGER_MIN, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x7fff_ffff];
    expect(flags.filter(value => core.publish(client, 1, 0, value) > 0)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(flags.filter(value => core.publish(client, 1, 0, value) === MISUSE_QOS)).toEqual([
      ...[-1, INTEGER_MIN, 6, 7, 8, 0x7fff_ffff],
    ]);
  });

  it.each(["subscribe", "unsubscribe"] as const)("of %s: a list that a packet can have and the outbox holds", name => {
    const { core, client } = fresh();
    const sizes = [-1, INTEGER_MIN, 0, 60, 61, VARINT_MAX, VARINT_MAX + 1];
    expect(answers(sizes, size => core[name](client, size))).toEqual([
      [-1, MISUSE_RANGE],
      [INTEGER_MIN, MISUSE_RANGE],
      [0, "room"],
      [60, "room"],
      [61, MISUSE_TOO_LARGE],
      [VARINT_MAX, MISUSE_TOO_LARGE],
      [VARINT_MAX + 1, MISUSE_RANGE],
    ]);
  });

  it("of connect: a payload for its region, where the name of MQTT 3.1 is two bytes longer; 16 bits of keep-alive", () => {
    const { core, client } = fresh();
    const sizes = [-1, INTEGER_MIN, 3, 18, 19, 20, 21, VARINT_MAX, VARINT_MAX + 1];
    for (const [flags, most] of [
      [2, 20],
      [3, 18],
    ]) {
      expect([flags, sizes.filter(size => core.connect(client, size, flags, 60) > 0)]).toEqual([
        flags,
        sizes.filter(size => size >= 0 && size <= most),
      ]);
      const tooLarge = sizes.filter(size => core.connect(client, size, flags, 60) === MISUSE_TOO_LARGE);
      expect(tooLarge).toEqual(sizes.filter(size => size > most && size <= VARINT_MAX));
    }
    const keepAlives = [-1, INTEGER_MIN, 0, 1, 0xffff, 0x10000];
    expect(keepAlives.filter(seconds => core.connect(client, 3, 2, seconds) > 0)).toEqual([0, 1, 0xffff]);
    const flags = [-1, 0, 0x02, 0xfe, 0xff, 0x100, 0x102, INTEGER_MIN];
    expect(flags.filter(value => core.connect(client, 3, value, 0) > 0)).toEqual([0, 0x02, 0xfe, 0xff]);
    expect(core.speak(client, 5)).toBe(status.OK);
    expect(flags.filter(value => core.connect(client, 3, value, 0) > 0)).toEqual([0, 0x02, 0xfe]);
  });
});

describe.each(builds)("a command in a state that it does not fit, $name", build => {
  it("connect: refused at once wherever a connection is wanted, and the one that is kept stays", () => {
    const endpoint = new Endpoint(build);
    const { core, client } = endpoint;
    const refusal = () => core.connect(client, 3, 2, 60);
    endpoint.connect({ clientId: "kept" });
    const seen = [refusal()];
    endpoint.open();
    const first = endpoint.takeBytes();
    seen.push(refusal());
    endpoint.serve({ cmd: "connack", returnCode: 0, sessionPresent: false });
    seen.push(refusal());
    endpoint.close();
    seen.push(refusal());
    endpoint.advance(1000);
    endpoint.open();
    expect(endpoint.takeBytes()).toEqual(first);
    endpoint.writeSize = 0;
    endpoint.serve({ cmd: "connack", returnCode: 0, sessionPresent: true });
    endpoint.disconnect();
    seen.push(refusal());
    endpoint.advance(60_000);
    seen.push(refusal());
    expect(seen).toEqual(Array(6).fill(MISUSE_STATE));
    endpoint.close();
    expect(refusal()).toBeGreaterThan(0);
  });

  it("commit: a second time there is nothing", () => {
    const endpoint = new Endpoint(build);
    const { core, client } = endpoint;
    for (const composed of [
      () => endpoint.compose(core.publish(client, 1, 0, 0), [0x74]),
      () => endpoint.compose(core.publish(client, 1, 0, 0), [0x23]),
      () => endpoint.compose(core.connect(client, 3, 2, 0), [0, 1, 0xff]),
      () => endpoint.compose(core.connect(client, 3, 2, 0), field("c")),
    ]) {
      composed();
      expect([core.composedEnd(client), core.commit(client)]).toEqual([0, MISUSE_STATE]);
    }
  });

  it("supersede: CONNECT is being composed, though a PUBLISH was before", () => {
    const endpoint = new Endpoint(build);
    const { core, client } = endpoint;
    expect(endpoint.publish("t", "1", 1)).toBe(1);
    endpoint.build.write(core.publish(client, 1, 1, 2), Buffer.from("t"));
    core.connect(client, 3, 2, 0);
    expect(core.supersede(client)).toBe(MISUSE_STATE);
    endpoint.build.write(core.publish(client, 1, 1, 2), Buffer.from("t"));
    expect(core.supersede(client)).toBe(1);
  });

  it("resend: in every state but connected, and never in 5.0", () => {
    const endpoint = new Endpoint(build);
    const { core, client } = endpoint;
    endpoint.connect();
    expect(core.resend(client)).toBe(MISUSE_STATE);
    endpoint.open();
    expect(core.resend(client)).toBe(MISUSE_STATE);
    endpoint.serve({ cmd: "connack", returnCode: 0, sessionPresent: false });
    expect(core.resend(client)).toBe(status.OK);
    endpoint.writeSize = 0;
    endpoint.disconnect();
    expect(core.resend(client)).toBe(MISUSE_STATE);
    const five = new Endpoint5(build).online();
    expect(five.core.resend(five.client)).toBe(MISUSE_STATE);
  });
});

describe.each(builds)("a command and what follows from it, $name", build => {
  it("supersede takes the whole topic, whichever of its bytes differs", () => {
    const endpoint = new Endpoint(build);
    const { core, client } = endpoint;
    const topic = "far/away/buoy";
    endpoint.publish(topic, "", 1);
    const superseded = (name: string) => {
      endpoint.build.write(core.publish(client, name.length, 0, 0), Buffer.from(name));
      return core.supersede(client);
    };
    for (let at = 0; at < topic.length; at++) {
      const other = `${topic.slice(0, at)}X${topic.slice(at + 1)}`;
      expect([other, superseded(other)]).toEqual([other, status.NOTHING]);
    }
    for (const other of [topic.slice(0, -1), `${topic}s`, `${topic}.old`]) {
      expect([other, superseded(other)]).toEqual([other, status.NOTHING]);
    }
    expect(superseded(topic)).toBe(1);
  });

  it("disconnect gives DISCONNECT as long to leave as the server has to answer, from now on", () => {
    const endpoint = new Endpoint(build, { responseTimeoutMs: 5000 }).online();
    endpoint.advance(100_000);
    endpoint.writeSize = 0;
    expect(endpoint.disconnect()).toBe(status.OK);
    expect(endpoint.core.nextTimeout(endpoint.client, endpoint.nowMs)).toBe(5000);
    endpoint.advance(4999);
    expect(endpoint.takeEvents()).toEqual([]);
    endpoint.advance(1);
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.ENDED_TIMEOUT }]);
  });

  it.each([false, true])("connect in MQTT 3.1 means by its flags what it means in 3.1.1, clean session: %s", clean => {
    const endpoint = new Endpoint(build);
    endpoint.connect({ ...OLD, clean });
    endpoint.open();
    endpoint.takeEvents();
    endpoint.serve({ cmd: "connack", returnCode: 0, sessionPresent: true });
    const expected = clean ? { type: "close", reason: status.UNEXPECTED_SESSION } : { type: "connected" };
    expect(endpoint.takeEvents()).toMatchObject([expected]);
  });

  it("closed: a host that asks for no event between two attempts is told of the second", () => {
    const endpoint = new Endpoint(build, { isManual: true });
    const { core, client } = endpoint;
    endpoint.connect();
    expect(endpoint.nextEvent()).toBe(true);
    core.closed(client, 0);
    core.timedOut(client, 120_000);
    expect(endpoint.nextEvent()).toBe(true);
    expect(endpoint.takeEvents()).toEqual([{ type: "open" }, { type: "open" }]);
  });

  it("subscribe and unsubscribe ask for no more than the receive region can be answered with, in 5.0 a code each", () => {
    // An answer of 32 bytes has a header of 2, an identifier, properties of 1 that are none, and 27 codes.
    const option = { subscribe: [0], unsubscribe: [] };
    for (const [name, type, done] of [
      ["subscribe", 0x90, "subscribed"],
      ["unsubscribe", 0xb0, "unsubscribed"],
    ] as const) {
      const endpoint = new Endpoint5(build, { receive: 32 }).online();
      const list = (count: number) => Array.from({ length: count }, () => [...field("a"), ...option[name]]).flat();
      expect([name, endpoint[name](list(28))]).toEqual([name, MISUSE_TOO_LARGE]);
      expect([name, endpoint[name](list(27))]).toEqual([name, 1]);
      const codes = Array<number>(27).fill(0);
      endpoint.serve(type, 0, 1, 0, ...codes);
      expect(endpoint.takeEvents()).toEqual([{ type: done, id: 1, properties: [], codes }]);
    }
    // UNSUBACK of 3.1.1 has none, section 3.11.
    const endpoint = new Endpoint(build, { receive: 32 }).online();
    expect(endpoint.unsubscribe(...Array<string>(100).fill("a"))).toBe(1);
    endpoint.serve({ cmd: "unsuback", messageId: 1, granted: [] });
    expect(endpoint.takeEvents()).toEqual([{ type: "unsubscribed", id: 1 }]);
  });
});
