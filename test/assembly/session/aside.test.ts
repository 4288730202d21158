/**
 * AUTH and DISCONNECT as a host of MQTT 5.0 composes them: in which states, of which sizes, with which codes and properties.
 * Sections 3.14 and 3.15.
 */
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { Endpoint } from "./endpoint.ts";
import { Endpoint5, props } from "./endpoint5.ts";

const builds = await coreBuilds();
const AUTH = 15;
const DISCONNECT = 14;
const METHOD = [0x15, ...field("m")];

describe.each(builds)("AUTH and DISCONNECT of the host, $name,", build => {
  const online = (properties: number[] = []): Endpoint5 => new Endpoint5(build).online({ properties });

  it("are for a connection that is there or on its way, of 5.0", () => {
    const old = new Endpoint(build).online();
    expect(old.core.compose(old.client, DISCONNECT, 2)).toBe(status.MISUSE_STATE);
    const endpoint = new Endpoint5(build);
    const { core, client } = endpoint;
    const answers: boolean[] = [];
    const ask = () => answers.push(core.compose(client, DISCONNECT, 2) === status.MISUSE_STATE);
    ask(); // new, with nothing written where CONNECT will stand
    endpoint.online().disconnect();
    core.closed(client, endpoint.nowMs);
    endpoint.takeEvents();
    ask(); // idle
    endpoint.connect();
    ask(); // opening
    endpoint.open();
    ask(); // connecting
    endpoint.serve(0x20, 0, 0, 0);
    ask(); // connected
    endpoint.writeSize = 0;
    endpoint.disconnect();
    ask(); // disconnecting
    endpoint.writeSize = 100;
    endpoint.run();
    ask(); // ending
    expect(answers).toEqual([true, true, true, false, false, true, true]);
  });

  it("are for none that has failed", () => {
    const endpoint = online();
    const { core, client } = endpoint;
    endpoint.receive([0x41, 2, 0, 1]);
    expect(core.compose(client, DISCONNECT, 2)).toBe(status.MISUSE_STATE); // closing
    core.closed(client, endpoint.nowMs);
    expect(core.compose(client, DISCONNECT, 2)).toBe(status.MISUSE_STATE); // waiting
  });

  it("DISCONNECT waits for the host to disconnect, also before CONNACK", () => {
    for (const isConnected of [false, true]) {
      const endpoint = new Endpoint5(build);
      endpoint.connect();
      endpoint.open();
      if (isConnected) endpoint.serve(0x20, 0, 0, 0);
      endpoint.takeBytes();
      expect(endpoint.aside(DISCONNECT, 4)).toBe(0);
      expect([isConnected, endpoint.takeBytes()]).toEqual([isConnected, []]);
      endpoint.disconnect();
      expect([isConnected, endpoint.takeBytes()]).toEqual([isConnected, [0xe0, 2, 4, 0]]);
    }
  });

  it("are of one connection: what has not left goes with it", () => {
    const endpoint = online();
    endpoint.aside(DISCONNECT, 0x04);
    endpoint.reconnect();
    endpoint.disconnect();
    expect(endpoint.takeBytes()).toEqual([0xe0, 0]);
  });

  it("are of two bytes to 65,535", () => {
    const { core, client } = online();
    for (const type of [AUTH, DISCONNECT])
      for (const [size, expected] of [
        [-1, status.MISUSE_RANGE],
        [0, status.MISUSE_RANGE],
        [1, status.MISUSE_RANGE],
        [65_535, status.MISUSE_TOO_LARGE],
        [65_536, status.MISUSE_RANGE],
        [0x7fff_ffff, status.MISUSE_RANGE],
      ])
        expect([type, size, core.compose(client, type, size)]).toEqual([type, size, expected]);
    expect([13, 16, 0, -1].map(type => core.compose(client, type, 2))).toEqual(Array(4).fill(status.MISUSE_RANGE));
  });

  it("have the codes of a client [MQTT-3.14.2-1], [MQTT-3.15.2-1]", () => {
    const ofAuth = [0x18, 0x19];
    const isOfDisconnect = (code: number) => code === 0 || code === 4 || code >= 0x80;
    for (const [type, own, list, isAllowed] of [
      [AUTH, METHOD, METHOD, (code: number) => ofAuth.includes(code)],
      [DISCONNECT, [], [], isOfDisconnect],
    ] as const) {
      const begin = () => new Endpoint5(build).online({ properties: own }, own);
      let endpoint = begin();
      for (let code = 0; code <= 0xff; code += 1) {
        const answer = endpoint.aside(type, code, list);
        expect([type, code, answer]).toEqual([type, code, isAllowed(code) ? 0 : status.MISUSE_RANGE]);
        if (answer === 0) endpoint = begin();
      }
    }
  });

  it.each([
    ["AUTH with a session expiry", AUTH, METHOD, [...METHOD, 0x11, 0, 0, 0, 1], status.MISUSE_PROPERTIES],
    ["AUTH with data and a reason", AUTH, METHOD, [...METHOD, 0x16, 0, 1, 9, 0x1f, ...field("r")], 0],
    ["AUTH where CONNECT had no method", AUTH, [], METHOD, status.MISUSE_PROPERTIES],
    ["DISCONNECT with a method", DISCONNECT, METHOD, METHOD, status.MISUSE_PROPERTIES],
    ["DISCONNECT with a reason", DISCONNECT, [], [0x1f, ...field("r")], 0],
    ["an expiry of 0 where it was 0", DISCONNECT, [], [0x11, 0, 0, 0, 0], 0],
    ["an expiry of 9 where it was 0", DISCONNECT, [], [0x11, 0, 0, 0, 9], status.MISUSE_PROPERTIES],
    ["an expiry of 9 where it was 60", DISCONNECT, [0x11, 0, 0, 0, 60], [0x11, 0, 0, 0, 9], 0],
    ["an expiry of 0 where it was 60", DISCONNECT, [0x11, 0, 0, 0, 60], [0x11, 0, 0, 0, 0], 0],
    ["no expiry where it was 60", DISCONNECT, [0x11, 0, 0, 0, 60], [], 0],
    ["a property cut short", DISCONNECT, [], [0x1f, 0], status.MISUSE_PROPERTIES],
  ])("%s", (_, type, own, list, expected) => {
    const connack = own === METHOD ? METHOD : [];
    const endpoint = new Endpoint5(build).online({ properties: own }, connack);
    expect(endpoint.aside(type, type === AUTH ? 0x18 : 0, list)).toBe(expected);
  });

  it("are not taken where the properties end before the packet or behind it", () => {
    for (const rest of [[1], [0, 0], [...props(...METHOD), 0]]) {
      const { core, client } = online();
      build.write(core.compose(client, DISCONNECT, 1 + rest.length), [0, ...rest]);
      expect(core.commit(client)).toBe(status.MISUSE_PROPERTIES);
    }
  });
});
