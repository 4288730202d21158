/**
 * What belongs to one connection of MQTT 5.0 and is forgotten with it: heads with aliases, what the host has composed, counts, codes.
 */
import { describe, expect, it } from "vitest";
import * as state from "../../../assembly/session/transitions.ts";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { Endpoint5, props, text } from "./endpoint5.ts";
import { fallBack } from "./fall-back.ts";

const builds = await coreBuilds();
const TOPIC = "site/7/temperature/a";
const MAXIMUM = [0x22, 0, 9];
const METHOD = [0x15, ...field("m")];

const publish = (first: number, topic: string, list: number[], payload: string): number[] => {
  const body = [...field(topic), 0, 1, ...props(...list), ...text(payload)];
  return [first, body.length, ...body];
};

/** Lets `count` bytes leave, one by one, and answers them. */
function leave(endpoint: Endpoint5, count: number): number[] {
  const { core, client } = endpoint;
  return Array.from({ length: count }, () => {
    expect(core.transmit(client)).toBeGreaterThan(0);
    const byte = core.bytes[core.transmitAddress(client)];
    expect(core.transmitted(client, 1, endpoint.nowMs)).toBe(0);
    return byte;
  });
}

describe.each(builds)("a message that was leaving by an alias, $name,", build => {
  const EXPIRY = [0x02, 0, 0, 0, 60];
  const leaving = (list: number[]): Endpoint5 => {
    const endpoint = new Endpoint5(build, { aliasesOut: 64 }).online({}, MAXIMUM);
    endpoint.writeSize = 0;
    endpoint.publish(TOPIC, "payload", 1, list);
    return endpoint;
  };

  it("leaves whole on the next connection, and as new unless it had left whole", () => {
    const whole = publish(0x32, TOPIC, [0x23, 0, 1], "payload");
    for (let gone = 0; gone <= whole.length; gone += 1) {
      const endpoint = leaving([]);
      expect(leave(endpoint, gone)).toEqual(whole.slice(0, gone));
      endpoint.writeSize = Number.POSITIVE_INFINITY;
      endpoint.reconnect(MAXIMUM);
      expect([gone, endpoint.takeBytes()]).toEqual([gone, [gone < whole.length ? 0x32 : 0x3a, ...whole.slice(1)]]);
    }
  });

  it("leaves as it was, however long that takes, and is not dropped", () => {
    const whole = publish(0x32, TOPIC, [0x23, 0, 1, ...EXPIRY], "payload");
    for (let gone = 1; gone < whole.length; gone += 1) {
      const endpoint = leaving(EXPIRY);
      const first = leave(endpoint, gone);
      endpoint.nowMs += 10_000;
      endpoint.run();
      expect(endpoint.core.drop(endpoint.client)).toBe(status.NOTHING);
      endpoint.writeSize = Number.POSITIVE_INFINITY;
      endpoint.run();
      expect([gone, ...first, ...endpoint.takeBytes()]).toEqual([gone, ...whole]);
    }
  });
});

describe.each(builds)("messages behind one that is leaving, $name,", build => {
  it("age while that does not", () => {
    const endpoint = new Endpoint5(build).online();
    const { core, client } = endpoint;
    endpoint.writeSize = 0;
    for (const payload of ["1", "2", "3"]) endpoint.publish("a", payload, 0, [0x02, 0, 0, 0, 60]);
    const first = leave(endpoint, 1);
    core.tick(client, endpoint.nowMs + 10_000);
    endpoint.nowMs += 10_000;
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    const message = (payload: string, seconds: number): number[] => {
      const body = [...field("a"), ...props(0x02, 0, 0, 0, seconds), ...text(payload)];
      return [0x30, body.length, ...body];
    };
    expect([...first, ...endpoint.takeBytes()]).toEqual([
      ...[...message("1", 60), ...message("2", 50), ...message("3", 50)],
    ]);
  });
});

describe.each(builds)("what the host has composed, $name,", build => {
  it("DISCONNECT leaves behind the acknowledgements that wait [MQTT-3.14.4-1]", () => {
    const endpoint = new Endpoint5(build).online();
    const { core, client } = endpoint;
    endpoint.writeSize = 0;
    endpoint.serve(0x32, ...field("a"), 0, 9, 0);
    expect(core.transmit(client)).toBe(4);
    endpoint.serve(0x32, ...field("a"), 0, 10, 0);
    expect(endpoint.aside(14, 0x04)).toBe(0);
    endpoint.disconnect();
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    expect(endpoint.takeBytes()).toEqual([...[0x40, 2, 0, 9], ...[0x40, 2, 0, 10], ...[0xe0, 2, 4, 0]]);
  });

  it("nothing, and CONNECT is still leaving: the host has to close all the same", () => {
    const endpoint = new Endpoint5(build);
    endpoint.connect();
    endpoint.writeSize = 0;
    endpoint.open();
    leave(endpoint, 3);
    endpoint.disconnect();
    expect(endpoint.state).toBe(state.ENDING);
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    expect([endpoint.state, endpoint.takeNews()]).toEqual([
      state.ENDING,
      [{ type: "close", reason: status.ENDED_DISCONNECT }],
    ]);
    expect(endpoint.core.closed(endpoint.client, endpoint.nowMs)).toBe(0);
  });

  it.each([
    ["AUTH", 15, 0x19],
    ["DISCONNECT", 14, 0x04],
  ])("%s does not leave behind the reason of a fault", (_, type, code) => {
    const endpoint = new Endpoint5(build).online({ properties: METHOD }, METHOD);
    const { core, client } = endpoint;
    const list = [code, ...props(...(type === 15 ? METHOD : []))];
    endpoint.build.write(core.compose(client, type, list.length), list);
    expect(core.commit(client)).toBe(0);
    endpoint.receive([0x41, 2, 0, 1]);
    expect(endpoint.takeBytes()).toEqual([0xe0, 1, 0x81]);
  });

  it("does not leave once the server has refused", () => {
    const endpoint = new Endpoint5(build);
    endpoint.connect({ properties: METHOD });
    endpoint.open();
    endpoint.takeBytes();
    const { core, client } = endpoint;
    const list = [0x18, ...props(...METHOD)];
    endpoint.build.write(core.compose(client, 15, list.length), list);
    expect(core.commit(client)).toBe(0);
    endpoint.writeSize = 0;
    endpoint.serve(0x20, 0, 0x88, 0);
    expect([endpoint.state, core.transmit(client)]).toEqual([state.CLOSING, 0]);
  });

  it("does not leave on another connection", () => {
    for (const end of ["disconnect", "close"]) {
      const endpoint = new Endpoint5(build);
      endpoint.connect({ properties: METHOD });
      endpoint.open();
      const { core, client } = endpoint;
      const list = [0x18, ...props(...METHOD)];
      endpoint.build.write(core.compose(client, 15, list.length), list);
      expect(core.commit(client)).toBe(0);
      if (end === "disconnect") expect(core.disconnect(client, endpoint.nowMs)).toBe(0);
      core.closed(client, endpoint.nowMs);
      endpoint.run();
      if (end === "disconnect") endpoint.connect({ properties: METHOD });
      else endpoint.advance(1000);
      endpoint.open();
      const [first, size, ...rest] = endpoint.takeBytes();
      expect([end, first, rest.length]).toEqual([end, 0x10, size]);
    }
  });
});

describe.each(builds)("a new connection of 5.0, $name,", build => {
  it("counts messages from 0 to its Receive Maximum", () => {
    const endpoint = new Endpoint5(build).online({ properties: [0x21, 0, 1] });
    for (const id of [1, 2, 3]) {
      endpoint.serve(0x34, ...field("a"), 0, id, 0);
      expect(endpoint.takeNews()).toHaveLength(1);
      endpoint.reconnect();
    }
    endpoint.serve(0x34, ...field("a"), 0, 4, 0);
    endpoint.serve(0x34, ...field("a"), 0, 5, 0);
    expect(endpoint.takeNews().map(({ type }) => type)).toEqual(["message", "close"]);
  });

  it("has no more room for messages because a server ends some that it never sent", () => {
    const endpoint = new Endpoint5(build).online({ properties: [0x21, 0, 1] });
    for (const id of [7, 8, 9]) endpoint.serve(0x62, 0, id);
    endpoint.serve(0x34, ...field("a"), 0, 4, 0);
    endpoint.serve(0x34, ...field("a"), 0, 5, 0);
    expect(endpoint.takeNews().map(({ type }) => type)).toEqual(["message", "close"]);
  });

  it("has neither the reason nor the refusal of the one before", () => {
    const endpoint = new Endpoint5(build);
    const { core, client } = endpoint;
    endpoint.connect();
    endpoint.open();
    endpoint.serve(0x20, 0, 0x88, 0);
    expect([core.reason(client), core.refusal(client)]).toEqual([status.ENDED_REFUSED, 0x88]);
    core.closed(client, endpoint.nowMs);
    endpoint.advance(1000);
    endpoint.open();
    expect([core.reason(client), core.refusal(client)]).toEqual([status.OK, 0x88]);
    endpoint.serve(0x20, 0, 0, 0);
    expect([core.reason(client), core.refusal(client)]).toEqual([status.OK, 0]);
  });

  it("that is one of 3.1.1 goes on with the identifiers, and knows nothing of the last reason code", () => {
    for (const [qos, answers, sent] of [
      [1, [[0x40, 2, 0, 4]], []],
      [
        2,
        [
          [0x50, 2, 0, 4],
          [0x70, 2, 0, 4],
        ],
        [0x62, 2, 0, 4],
      ],
    ] as const) {
      const endpoint = new Endpoint5(build).online();
      const { core, client } = endpoint;
      for (const id of [1, 2, 3]) {
        endpoint.publish("a", "", 1);
        endpoint.serve(0x40, 0, id, 0x97, 0);
      }
      expect(core.eventCode(client)).toBe(0x97);
      fallBack(endpoint);
      expect(endpoint.compose(core.publish(client, 1, 0, qos << 1), text("a"))).toBe(4);
      endpoint.takeBytes();
      endpoint.takeEvents();
      for (const answer of answers) endpoint.receive(answer);
      expect([endpoint.takeBytes(), endpoint.takeEvents().map(({ type }) => type)]).toEqual([sent, ["published"]]);
      endpoint.receive([0x32, 6, ...field("b"), 0, 5, 0x78]);
      expect(endpoint.takeEvents()).toMatchObject([{ type: "message", topic: "b" }]);
      expect(endpoint.takeBytes()).toEqual([0x40, 2, 0, 5]);
    }
  });
});

describe.each(builds)("a server of 5.0 that ends the connection, $name,", build => {
  const FAILURES = Array.from({ length: 32 }, (_, index) => 0x80 + index);
  const passing = [0, 0x80, 0x81, 0x82, 0x83, 0x88, 0x89, 0x8b, 0x8d, 0x93, 0x94, 0x96, 0x97, 0x9f, 0xa0];
  /** Sections 3.2.2.2 and 3.14.2.1. */
  const ofConnack = FAILURES.filter(
    code => code <= 0x8a || [0x8c, 0x90, 0x95, 0x97, 0x9f].includes(code) || (code >= 0x99 && code <= 0x9d),
  );
  const ofDisconnect = [0, 0xa0, 0xa1, 0xa2, ...FAILURES].filter(
    code => ![0x84, 0x85, 0x86, 0x88, 0x8a, 0x91, 0x92].includes(code),
  );

  it("is asked again after the codes that may pass, and no others", () => {
    for (const [first, codes] of [
      [0x20, ofConnack],
      [0xe0, ofDisconnect],
    ] as const)
      for (const code of codes) {
        const endpoint = new Endpoint5(build);
        endpoint.connect();
        endpoint.open();
        if (first === 0xe0) endpoint.serve(0x20, 0, 0, 0);
        endpoint.serve(first, ...(first === 0x20 ? [0, code, 0] : [code, 0]));
        expect([first, code, endpoint.core.refusal(endpoint.client)]).toEqual([first, code, code]);
        endpoint.core.closed(endpoint.client, endpoint.nowMs);
        expect([first, code, endpoint.state]).toEqual([
          first,
          code,
          passing.includes(code) ? state.WAITING : state.IDLE,
        ]);
      }
  });
});
