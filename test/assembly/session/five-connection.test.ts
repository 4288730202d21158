/**
 * A connection of MQTT 5.0: CONNECT and CONNACK with properties, sessions, DISCONNECT both ways, authentication, the way back to 3.1.1.
 */
import { describe, expect, it } from "vitest";
import * as state from "../../../assembly/session/transitions.ts";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { Endpoint5, props, text } from "./endpoint5.ts";

const builds = await coreBuilds();
const CLEAN_START = 2;
const WILL = 4;
const METHOD = [0x15, ...field("SCRAM")];

describe.each(builds)("CONNECT of 5.0, $name", build => {
  const connecting = (options = {}): Endpoint5 => {
    const endpoint = new Endpoint5(build);
    expect(endpoint.connect(options)).toBe(0);
    endpoint.open();
    return endpoint;
  };

  it("is level 5, with properties before the payload and before the will", () => {
    const properties = [0x11, 0, 0, 0x0e, 0x10, 0x21, 0, 8, 0x22, 0, 4, 0x27, 0, 0, 1, 0, 0x17, 1, 0x19, 1];
    const will = [...props(0x18, 0, 0, 0, 30, 0x01, 1), ...field("gone"), ...field("x")];
    const endpoint = connecting({
      keepAlive: 60,
      flags: CLEAN_START | WILL | 0x40,
      properties,
      rest: [...will, ...field("pw")],
    });
    const body = [...field("MQTT"), 5, 0x46, 0, 60, ...props(...properties), ...field("c"), ...will, ...field("pw")];
    expect(endpoint.takeBytes()).toEqual([0x10, body.length, ...body]);
  });

  it("may leave the identifier to the server in any session, and have a password alone", () => {
    expect(new Endpoint5(build).connect({ clientId: "", flags: 0x40, rest: field("pw") })).toBe(0);
  });

  it.each([
    ["a property that has no place there", { properties: [0x23, 0, 1] }, status.MISUSE_PROPERTIES],
    ["a receive maximum of 0", { properties: [0x21, 0, 0] }, status.MISUSE_PROPERTIES],
    ["authentication data without a method", { properties: [0x16, 0, 0] }, status.MISUSE_PROPERTIES],
    ["a will without properties", { flags: WILL, rest: [...field("w"), ...field("x")] }, status.MISUSE_CONNECT],
    [
      "a will with a property that has no place there",
      { flags: WILL, rest: [...props(0x23, 0, 1), ...field("w"), ...field("x")] },
      status.MISUSE_CONNECT,
    ],
    ["a byte too many", { rest: [0] }, status.MISUSE_CONNECT],
  ])("is not taken with %s", (_, options, expected) => {
    const endpoint = new Endpoint5(build);
    expect(endpoint.connect(options)).toBe(expected);
    expect(endpoint.connect()).toBe(0);
  });

  it("hands on what CONNACK says", () => {
    const endpoint = connecting();
    endpoint.serve(0x20, 0, 0, ...props(0x1a, ...field("re/"), 0x26, ...field("k"), ...field("v")));
    expect(endpoint.takeNews()).toEqual([
      { type: "connected", code: 0, properties: [0x1a, ...field("re/"), 0x26, ...field("k"), ...field("v")] },
    ]);
  });

  it("asks for the session that outlives it at every reconnect, with the identifier that the server gave", () => {
    const endpoint = connecting({ clientId: "", flags: CLEAN_START, properties: [0x11, 0, 0, 0, 60], rest: [] });
    endpoint.takeBytes();
    endpoint.serve(0x20, 0, 0, ...props(0x12, ...field("given")));
    endpoint.core.closed(endpoint.client, endpoint.nowMs);
    endpoint.advance(1000);
    endpoint.open();
    const body = [...field("MQTT"), 5, 0, 0, 0, ...props(0x11, 0, 0, 0, 60), ...field("given")];
    expect(endpoint.takeBytes()).toEqual([0x10, body.length, ...body]);
  });

  it("grows by the identifier where its length takes another byte, and not where its region has no room", () => {
    const list = [0x26, ...field("k"), ...field("v".repeat(80))];
    for (const [size, isKept] of [
      [20, true],
      [40, true],
      [200, false],
    ] as const) {
      const endpoint = new Endpoint5(build, { connect: 160, receive: 512 });
      endpoint.connect({ clientId: "", properties: list, flags: 0x80, rest: field("user") });
      endpoint.open();
      const before = endpoint.takeBytes();
      const given = "g".repeat(size);
      endpoint.serve(0x20, 0, 0, ...props(0x12, ...field(given)));
      endpoint.core.closed(endpoint.client, endpoint.nowMs);
      endpoint.advance(1000);
      endpoint.open();
      const body = [...field("MQTT"), 5, 0x80, 0, 0, ...props(...list), ...field(given), ...field("user")];
      const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
      expect(endpoint.takeBytes()).toEqual(isKept ? [0x10, ...length, ...body] : before);
    }
  });

  it("begins anew each time where the session ends with the connection", () => {
    const endpoint = new Endpoint5(build).online({ flags: CLEAN_START });
    endpoint.core.closed(endpoint.client, endpoint.nowMs);
    endpoint.advance(1000);
    endpoint.open();
    expect(endpoint.takeBytes()[9]).toBe(CLEAN_START);
  });

  it("keeps alive as the server says [MQTT-3.2.2-21], for one connection", () => {
    const endpoint = new Endpoint5(build).online({ keepAlive: 60 }, [0x13, 0, 10]);
    expect(endpoint.core.nextTimeout(endpoint.client, endpoint.nowMs)).toBe(10_000);
    endpoint.reconnect();
    expect(endpoint.core.nextTimeout(endpoint.client, endpoint.nowMs)).toBe(60_000);
  });

  it("sends what it had sent as new where the server has no session [MQTT-3.2.2-5], with DUP where it has", () => {
    const endpoint = new Endpoint5(build).online();
    endpoint.publish("a", "x", 1);
    endpoint.takeBytes();
    endpoint.reconnect([], true);
    expect(endpoint.takeBytes()[0]).toBe(0x3a);
    endpoint.reconnect([], false);
    expect(endpoint.takeBytes()[0]).toBe(0x32);
  });

  it("sends nothing twice on one connection [MQTT-4.4.0-1]", () => {
    const endpoint = new Endpoint5(build).online();
    endpoint.publish("a", "x", 1);
    expect(endpoint.core.resend(endpoint.client)).toBe(status.MISUSE_STATE);
  });
});

describe.each(builds)("a refusal of 5.0, $name", build => {
  const refused = (...connack: number[]): Endpoint5 => {
    const endpoint = new Endpoint5(build);
    endpoint.connect();
    endpoint.open();
    endpoint.takeBytes();
    endpoint.serve(0x20, 0, ...connack);
    return endpoint;
  };

  it.each([0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c, 0x90, 0x95, 0x99, 0x9a, 0x9b, 0x9c, 0x9d])(
    "%d ends it for good",
    code => {
      const endpoint = refused(code, ...props(0x1f, ...field("no")));
      expect(endpoint.takeNews()).toEqual([{ type: "close", reason: status.ENDED_REFUSED }]);
      expect(endpoint.core.refusal(endpoint.client)).toBe(code);
      const at = endpoint.core.propertiesAddress(endpoint.client);
      expect([...endpoint.core.bytes.subarray(at, at + endpoint.core.propertiesSize(endpoint.client))]).toEqual([
        0x1f,
        ...field("no"),
      ]);
      expect(endpoint.takeBytes()).toEqual([]);
      endpoint.core.closed(endpoint.client, endpoint.nowMs);
      expect(endpoint.state).toBe(state.IDLE);
    },
  );

  it.each([0x80, 0x81, 0x82, 0x83, 0x88, 0x89, 0x97, 0x9f])("%d is asked again after a while", code => {
    const endpoint = refused(code, 0);
    endpoint.core.closed(endpoint.client, endpoint.nowMs);
    expect(endpoint.state).toBe(state.WAITING);
  });

  it.each([
    ["of 3.1.1, by a server that knows nothing else", [1], 1],
    ["of 5.0", [0x84, 0], 0x84],
  ])("of the version is answered with 3.1.1: a refusal %s", (_, connack, code) => {
    const endpoint = refused(...connack);
    expect(endpoint.core.refusal(endpoint.client)).toBe(code);
    const { core, client } = endpoint;
    core.closed(client, endpoint.nowMs);
    expect(core.speak(client, 4)).toBe(0);
    expect(endpoint.compose(core.connect(client, 3, CLEAN_START, 0), field("c"))).toBe(0);
    endpoint.open();
    expect(endpoint.takeBytes()).toEqual([0x10, 13, ...field("MQTT"), 4, 2, 0, 0, ...field("c")]);
    endpoint.serve(0x20, 0, 0);
    expect(endpoint.takeNews().at(-1)?.type).toBe("connected");
    expect(endpoint.compose(core.publish(client, 1, 0, 0), text("a"))).toBe(0);
    expect(endpoint.takeBytes()).toEqual([0x30, 3, ...field("a")]);
  });

  it("cannot be answered so while packets of 5.0 wait, nor while a connection is wanted", () => {
    const endpoint = new Endpoint5(build);
    endpoint.publish("a", "x", 1);
    expect(endpoint.core.speak(endpoint.client, 4)).toBe(status.MISUSE_STATE);
    expect(endpoint.core.speak(endpoint.client, 5)).toBe(0);
    expect([3, 6, -1].map(level => endpoint.core.speak(endpoint.client, level))).toEqual(
      Array(3).fill(status.MISUSE_RANGE),
    );
    // The flag of MQTT 3.1 is reserved [MQTT-3.1.2-3].
    expect(endpoint.core.connect(endpoint.client, 3, 0x03, 60)).toBe(status.MISUSE_RANGE);
    endpoint.connect();
    expect(endpoint.core.speak(endpoint.client, 5)).toBe(status.MISUSE_STATE);
  });
});

describe.each(builds)("DISCONNECT of 5.0, $name", build => {
  it.each([
    ["reserved flags", [0x41, 2, 0, 1], 0x81, status.MALFORMED_FLAGS],
    [
      "a property twice",
      [0xd0, 0, 0x30, 11, 0, 1, 0x61, 6, 0x23, 0, 1, 0x23, 0, 1, 0x78],
      0x82,
      status.UNEXPECTED_PROPERTY,
    ],
    ["an alias over the maximum [MQTT-3.1.2-27]", [0x30, 7, 0, 1, 0x61, 3, 0x23, 0, 1], 0x94, status.ALIAS_INVALID],
    ["a packet over the region", [0x40, 0xff, 0x7f], 0x95, status.UNEXPECTED_SIZE],
    ["a second CONNACK", [0x20, 3, 0, 0, 0], 0x82, status.UNEXPECTED_CONNACK],
  ])("says what was wrong with %s", (_, bytes, code, reason) => {
    const endpoint = new Endpoint5(build).online();
    endpoint.receive(bytes);
    expect(endpoint.takeNews()).toEqual([{ type: "close", reason }]);
    expect(endpoint.takeBytes()).toEqual([0xe0, 1, code]);
    endpoint.core.closed(endpoint.client, endpoint.nowMs);
    expect(endpoint.state).toBe(state.WAITING);
  });

  it("says that more came at once than the Receive Maximum [MQTT-3.3.4-9]", () => {
    const endpoint = new Endpoint5(build).online({ properties: [0x21, 0, 2] });
    for (const id of [1, 2]) endpoint.serve(0x34, ...field("a"), 0, id, 0);
    endpoint.serve(0x62, 0, 1);
    endpoint.serve(0x34, ...field("a"), 0, 3, 0);
    endpoint.serve(0x32, ...field("a"), 0, 4, 0);
    const news = endpoint.takeNews();
    expect(news.filter(({ type }) => type === "message")).toHaveLength(3);
    expect(news.at(-1)).toEqual({ type: "close", reason: status.RECEIVE_MAXIMUM_EXCEEDED });
    expect(endpoint.takeBytes().slice(-3)).toEqual([0xe0, 1, 0x93]);
  });

  it("counts no message of QoS 1 that is acknowledged", () => {
    const endpoint = new Endpoint5(build).online({ properties: [0x21, 0, 1] });
    for (const id of [1, 2, 3]) endpoint.serve(0x32, ...field("a"), 0, id, 0);
    expect(endpoint.takeNews().map(({ type }) => type)).toEqual(["message", "message", "message"]);
  });

  it.each([
    [0x00, true],
    [0x81, true],
    [0x8b, true],
    [0x8d, true],
    [0x93, true],
    [0x97, true],
    [0xa0, true],
    [0x87, false],
    [0x8e, false],
    [0x98, false],
    [0x9c, false],
    [0x9d, false],
  ])("from a server, with code %d, is followed by a reconnect: %s", (code, isPassing) => {
    const endpoint = new Endpoint5(build).online();
    const list = code === 0x9c ? [0x1c, ...field("other:1883")] : [];
    endpoint.serve(0xe0, code, ...props(...list));
    expect(endpoint.takeNews()).toEqual([{ type: "close", reason: status.ENDED_SERVER }]);
    expect([endpoint.core.refusal(endpoint.client), endpoint.core.propertiesSize(endpoint.client)]).toEqual([
      code,
      list.length,
    ]);
    expect(endpoint.takeBytes()).toEqual([]);
    endpoint.core.closed(endpoint.client, endpoint.nowMs);
    expect(endpoint.state).toBe(isPassing ? state.WAITING : state.IDLE);
  });

  it("from the host has a reason and properties, and leaves when it disconnects", () => {
    const endpoint = new Endpoint5(build).online({ properties: [0x11, 0, 0, 0, 60] });
    const list = [0x11, 0, 0, 0, 0, 0x1f, ...field("bye")];
    expect(endpoint.aside(14, 4, list)).toBe(0);
    expect(endpoint.takeBytes()).toEqual([]);
    expect(endpoint.disconnect()).toBe(0);
    const body = [4, ...props(...list)];
    expect(endpoint.takeBytes()).toEqual([0xe0, body.length, ...body]);
    expect(endpoint.state).toBe(state.ENDING);
  });

  it("without either is the one of 3.1.1", () => {
    const endpoint = new Endpoint5(build).online();
    endpoint.disconnect();
    expect(endpoint.takeBytes()).toEqual([0xe0, 0]);
  });

  it.each([
    ["a code that only a server has [MQTT-3.14.2-1]", 0x10, [], status.MISUSE_RANGE],
    ["a server reference", 0, [0x1c, ...field("s")], status.MISUSE_PROPERTIES],
    ["a session that was to end with the connection", 0, [0x11, 0, 0, 0, 9], status.MISUSE_PROPERTIES],
  ])("is not taken with %s", (_, code, list, expected) => {
    const endpoint = new Endpoint5(build).online();
    expect(endpoint.aside(14, code, list)).toBe(expected);
    endpoint.disconnect();
    expect(endpoint.takeBytes()).toEqual([0xe0, 0]);
  });

  it("takes the room behind CONNECT, and no more", () => {
    const endpoint = new Endpoint5(build, { connect: 32 }).online();
    expect(endpoint.core.compose(endpoint.client, 14, 20)).toBe(status.MISUSE_TOO_LARGE);
    expect(endpoint.core.compose(endpoint.client, 13, 2)).toBe(status.MISUSE_RANGE);
    expect(endpoint.core.compose(endpoint.client, 14, 1)).toBe(status.MISUSE_RANGE);
    expect(endpoint.aside(14, 0x80)).toBe(0);
    expect(endpoint.core.compose(endpoint.client, 15, 2)).toBe(status.FULL);
  });
});

describe.each(builds)("authentication, $name", build => {
  const data = (value: string) => [...METHOD, 0x16, ...field(value)];

  it("goes back and forth before CONNACK, and again on the connection", () => {
    const endpoint = new Endpoint5(build);
    endpoint.connect({ properties: data("first") });
    endpoint.open();
    endpoint.takeBytes();
    endpoint.serve(0xf0, 0x18, ...props(...data("challenge")));
    expect(endpoint.takeNews()).toEqual([{ type: "authenticate", code: 0x18, properties: data("challenge") }]);
    expect(endpoint.aside(15, 0x18, data("proof"))).toBe(0);
    const body = [0x18, ...props(...data("proof"))];
    expect(endpoint.takeBytes()).toEqual([0xf0, body.length, ...body]);
    endpoint.serve(0x20, 0, 0, ...props(...data("final")));
    expect(endpoint.takeNews()).toEqual([{ type: "connected", code: 0, properties: data("final") }]);
    // Section 4.12.1
    expect(endpoint.aside(15, 0x19, data("again"))).toBe(0);
    expect(endpoint.takeBytes()[2]).toBe(0x19);
    endpoint.publish("a", "x", 1);
    endpoint.serve(0xf0, 0, ...props(...METHOD));
    expect(endpoint.takeNews()).toEqual([{ type: "authenticate", code: 0, properties: METHOD }]);
  });

  it.each([
    ["another method [MQTT-4.12.0-5]", METHOD, [0xf0, 0x18, ...props(0x15, ...field("OTHER"))]],
    ["no method", METHOD, [0xf0]],
    ["no method, where none was asked for", [], [0xf0]],
    ["any, where none was asked for [MQTT-4.12.0-6]", [], [0xf0, 0x18, ...props(...METHOD)]],
    ["another method in CONNACK", METHOD, [0x20, 0, 0, ...props(0x15, ...field("OTHER"))]],
    ["none in CONNACK", METHOD, [0x20, 0, 0, 0]],
  ])("with %s ends with a protocol error", (_, properties, [first, ...body]) => {
    const endpoint = new Endpoint5(build);
    endpoint.connect({ properties });
    endpoint.open();
    endpoint.takeBytes();
    endpoint.serve(first, ...body);
    expect(endpoint.takeNews()).toEqual([{ type: "close", reason: status.UNEXPECTED_AUTHENTICATION }]);
    expect(endpoint.takeBytes()).toEqual([0xe0, 1, 0x82]);
  });

  it.each([
    ["another method", 0x18, [0x15, ...field("OTHER")], status.MISUSE_PROPERTIES],
    ["no method", 0x18, [], status.MISUSE_PROPERTIES],
    ["a code of the server", 0x00, METHOD, status.MISUSE_RANGE],
  ])("is not taken from the host with %s", (_, code, list, expected) => {
    const endpoint = new Endpoint5(build);
    endpoint.connect({ properties: METHOD });
    expect(endpoint.core.compose(endpoint.client, 15, 2)).toBe(status.MISUSE_STATE);
    endpoint.open();
    expect(endpoint.aside(15, code, list)).toBe(expected);
  });
});
