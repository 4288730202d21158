/**
 * Opening a connection: CONNECT with all its options, CONNACK in all its forms. MQTT 3.1.1 sections 3.1 and 3.2.
 */
import { generate, type Packet as PeerPacket } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import * as state from "../../../assembly/session/transitions.ts";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { VECTORS } from "../wire/vectors.ts";
import { type Connect, Endpoint } from "./endpoint.ts";

const builds = await coreBuilds();

describe.each(builds)("CONNECT, $name", build => {
  it.each(VECTORS.filter(({ packet }) => packet.cmd === "connect"))("sends $what", ({ packet, bytes }) => {
    const endpoint = new Endpoint(build);
    expect(endpoint.connect(packet as Connect)).toBe(0);
    expect(endpoint.takeEvents()).toEqual([{ type: "open" }]);
    endpoint.open();
    expect([...endpoint.takeBytes()]).toEqual(bytes);
    expect(endpoint.state).toBe(state.CONNECTING);
  });

  it.each([
    ["a client identifier that is not UTF-8 [MQTT-3.1.3-4]", 0x02, [...[0, 1, 0xff]], status.MISUSE_CLIENT_ID],
    ["a client identifier with U+0000 [MQTT-1.5.3-2]", 0x02, [...[0, 1, 0x00]], status.MISUSE_CLIENT_ID],
    ["an empty client identifier and no clean session [MQTT-3.1.3-7]", 0x00, [0, 0], status.MISUSE_CLIENT_ID],
    ["no client identifier [MQTT-3.1.3-3]", 0x02, [], status.MISUSE_CLIENT_ID],
    ["a client identifier cut short", 0x02, [0, 2, 0x61], status.MISUSE_CLIENT_ID],
    ["will QoS without a will [MQTT-3.1.2-13]", 0x0a, field("c"), status.MISUSE_WILL],
    ["will retain without a will [MQTT-3.1.2-15]", 0x22, field("c"), status.MISUSE_WILL],
    ["will QoS 3 [MQTT-3.1.2-14]", 0x1e, [...field("c"), ...field("w"), ...field("x")], status.MISUSE_WILL],
    ["a password without a user name [MQTT-3.1.2-22]", 0x42, [...field("c"), ...field("p")], status.MISUSE_USER],
    ["a will without a topic", 0x06, field("c"), status.MISUSE_CONNECT],
    ["a will with a wildcard topic", 0x06, [...field("c"), ...field("w/#"), ...field("x")], status.MISUSE_CONNECT],
    ["a will with an empty topic", 0x06, [...field("c"), 0, 0, ...field("x")], status.MISUSE_CONNECT],
    ["a will topic that is not UTF-8 [MQTT-3.1.3-10]", 0x06, [...field("c"), 0, 1, 0xff, 0, 0], status.MISUSE_CONNECT],
    ["a will without a message [MQTT-3.1.2-9]", 0x06, [...field("c"), ...field("w")], status.MISUSE_CONNECT],
    ["no user name where one is announced", 0x82, field("c"), status.MISUSE_CONNECT],
    ["a user name that is not UTF-8 [MQTT-3.1.3-11]", 0x82, [...field("c"), 0, 1, 0x80], status.MISUSE_CONNECT],
    ["no password where one is announced", 0xc2, [...field("c"), ...field("u")], status.MISUSE_CONNECT],
    ["half a size of a password", 0xc2, [...field("c"), ...field("u"), 0], status.MISUSE_CONNECT],
    ["a field too many", 0x02, [...field("c"), ...field("u")], status.MISUSE_CONNECT],
    ["a byte too many", 0x02, [...field("c"), 0], status.MISUSE_CONNECT],
  ])("refuses %s", (_, flags, payload, expected) => {
    const endpoint = new Endpoint(build);
    const at = endpoint.core.connect(endpoint.client, payload.length, flags, 60);
    expect(at).toBeGreaterThan(0);
    expect(endpoint.compose(at, payload)).toBe(expected);
    expect(endpoint.state).toBe(state.IDLE);
    // Nothing has changed: a right one goes through.
    expect(endpoint.connect()).toBe(0);
  });

  it("refuses numbers out of their range", () => {
    const { core, client } = new Endpoint(build, { connect: 32 });
    for (const [size, flags, keepAlive, expected] of [
      [-1, 2, 60, status.MISUSE_RANGE],
      [3, -1, 60, status.MISUSE_RANGE],
      [3, 0x102, 60, status.MISUSE_RANGE],
      [3, 2, -1, status.MISUSE_RANGE],
      [3, 2, 65536, status.MISUSE_RANGE],
      [21, 2, 60, status.MISUSE_TOO_LARGE],
      [0x7fff_ffff, 2, 60, status.MISUSE_RANGE],
    ]) {
      expect([size, flags, keepAlive, core.connect(client, size, flags, keepAlive)]).toEqual([
        size,
        flags,
        keepAlive,
        expected,
      ]);
    }
    expect(core.commit(client)).toBe(status.MISUSE_STATE);
    expect(core.connect(client, 20, 2, 65535)).toBeGreaterThan(0);
  });

  it("refuses the reserved flag [MQTT-3.1.2-3]", () => {
    const { core, client } = new Endpoint(build);
    expect(core.speak(client, 5)).toBe(0);
    expect(core.connect(client, 4, 0x03, 60)).toBe(status.MISUSE_RANGE);
    // Without 5.0 it says MQTT 3.1, and does not leave.
    const endpoint = new Endpoint(build);
    expect(endpoint.compose(endpoint.core.connect(endpoint.client, 3, 0x03, 60), field("c"))).toBe(0);
    endpoint.open();
    expect([...endpoint.takeBytes()].slice(8, 12)).toEqual([0x64, 0x70, 3, 0x02]);
    endpoint.serve({ cmd: "connack", returnCode: 0, sessionPresent: false });
    expect(endpoint.core.nextTimeout(endpoint.client, endpoint.nowMs)).toBe(60_000);
  });

  it("may be had once only, until it is over", () => {
    const endpoint = new Endpoint(build);
    endpoint.connect();
    expect(endpoint.connect()).toBe(status.MISUSE_STATE);
    endpoint.accept();
    expect(endpoint.connect()).toBe(status.MISUSE_STATE);
    endpoint.disconnect();
    expect(endpoint.connect()).toBe(status.MISUSE_STATE);
    endpoint.close();
    expect(endpoint.connect()).toBe(0);
  });

  it("is sent again as it was at every reconnect", () => {
    const endpoint = new Endpoint(build);
    const options = { clientId: "buoy", keepalive: 30, username: "u", password: Buffer.from("p") };
    endpoint.connect(options);
    endpoint.open();
    const first = endpoint.takeBytes();
    endpoint.publish("a", "b", 1);
    endpoint.subscribe(["#", 2]);
    for (let turn = 0; turn < 3; turn++) {
      endpoint.close();
      endpoint.advance(endpoint.core.nextTimeout(endpoint.client, endpoint.nowMs));
      endpoint.open();
      expect(endpoint.takeBytes()).toEqual(first);
    }
  });
});

describe.each(builds)("CONNACK, $name", build => {
  const connecting = (options: Connect = {}): Endpoint => {
    const endpoint = new Endpoint(build);
    endpoint.connect(options);
    endpoint.open();
    endpoint.takeEvents();
    return endpoint;
  };

  it.each([false, true])("accepts, session present: %s", sessionPresent => {
    const endpoint = connecting();
    endpoint.serve({ cmd: "connack", returnCode: 0, sessionPresent });
    expect(endpoint.takeEvents()).toEqual([{ type: "connected", sessionPresent }]);
    expect(endpoint.state).toBe(state.CONNECTED);
  });

  it.each([1, 2, 4, 5])("with return code %d ends it for good", code => {
    const endpoint = connecting();
    endpoint.publish("a", "b", 1);
    endpoint.serve({ cmd: "connack", returnCode: code, sessionPresent: false });
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.ENDED_REFUSED }]);
    expect(endpoint.core.refusal(endpoint.client)).toBe(code);
    endpoint.close();
    expect(endpoint.state).toBe(state.IDLE);
    expect(endpoint.core.reason(endpoint.client)).toBe(status.ENDED_REFUSED);
    endpoint.advance(1_000_000);
    expect(endpoint.takeEvents()).toEqual([]);
    // What was accepted for sending waits for the next connection.
    endpoint.online();
    expect(endpoint.takeLines()).toEqual(["publish 1 a=b"]);
  });

  it("with return code 3 is asked again after a while", () => {
    const endpoint = connecting();
    endpoint.serve({ cmd: "connack", returnCode: 3, sessionPresent: false });
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.ENDED_REFUSED }]);
    expect(endpoint.core.refusal(endpoint.client)).toBe(3);
    endpoint.close();
    expect(endpoint.state).toBe(state.WAITING);
    endpoint.advance(1000);
    expect(endpoint.takeEvents()).toEqual([{ type: "open" }]);
  });

  it("that claims a session where a clean one was asked for is refused [MQTT-3.2.2-1]", () => {
    const endpoint = connecting({ clean: true });
    endpoint.serve({ cmd: "connack", returnCode: 0, sessionPresent: true });
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.UNEXPECTED_SESSION }]);
  });

  it("a second time is refused", () => {
    const endpoint = connecting();
    endpoint.serve({ cmd: "connack", returnCode: 0, sessionPresent: false });
    endpoint.takeEvents();
    endpoint.serve({ cmd: "connack", returnCode: 0, sessionPresent: false });
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.UNEXPECTED_CONNACK }]);
  });

  it.each(VECTORS.filter(({ way, packet }) => way !== "out" && packet.cmd !== "connack"))(
    "has to come before $what [MQTT-3.2.0-1]",
    ({ packet }) => {
      const endpoint = connecting();
      endpoint.serve(packet as PeerPacket);
      expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.UNEXPECTED_BEFORE_CONNACK }]);
    },
  );

  it("has to come before a message larger than the receive region, too", () => {
    const endpoint = connecting();
    endpoint.receive(
      generate({ cmd: "publish", topic: "a", payload: Buffer.alloc(1000), qos: 0, dup: false, retain: false }).subarray(
        0,
        100,
      ),
    );
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.UNEXPECTED_BEFORE_CONNACK }]);
  });

  it("has to come in time", () => {
    const endpoint = new Endpoint(build, { responseTimeoutMs: 5000 });
    endpoint.connect();
    endpoint.open();
    endpoint.takeEvents();
    endpoint.advance(4999);
    expect(endpoint.takeEvents()).toEqual([]);
    endpoint.advance(1);
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.ENDED_TIMEOUT }]);
    endpoint.close();
    expect(endpoint.state).toBe(state.WAITING);
  });
});
