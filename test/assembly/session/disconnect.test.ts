/**
 * The end of a connection, in every state, by either side: MQTT 3.1.1 section 3.14.
 */
import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import * as state from "../../../assembly/session/transitions.ts";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { Endpoint } from "./endpoint.ts";

const builds = await coreBuilds();

const ended = (reason: number) => [{ type: "close", reason }];

/** A client in every state there is. */
const STATES: readonly [name: string, expected: number, reach: (endpoint: Endpoint) => void][] = [
  ["idle", state.IDLE, () => {}],
  [
    "waiting",
    state.WAITING,
    endpoint => {
      endpoint.connect();
      endpoint.close();
    },
  ],
  ["opening", state.OPENING, endpoint => endpoint.connect()],
  [
    "connecting",
    state.CONNECTING,
    endpoint => {
      endpoint.connect();
      endpoint.open();
    },
  ],
  ["connected", state.CONNECTED, endpoint => endpoint.online()],
  [
    "disconnecting",
    state.DISCONNECTING,
    endpoint => {
      endpoint.online().writeSize = 0;
      endpoint.disconnect();
    },
  ],
  ["closing", state.CLOSING, endpoint => endpoint.online().receive(Uint8Array.of(0, 0))],
  ["ending", state.ENDING, endpoint => endpoint.online().disconnect()],
];

describe.each(builds)("disconnecting, $name", build => {
  const reached = (index: number): Endpoint => {
    const endpoint = new Endpoint(build);
    STATES[index][2](endpoint);
    expect(endpoint.state).toBe(STATES[index][1]);
    endpoint.takeEvents();
    endpoint.take();
    return endpoint;
  };

  it.each(STATES.map(([name], index) => [name, index] as const))("while %s", (_, index) => {
    const endpoint = reached(index);
    const before = endpoint.state;
    const answer = endpoint.disconnect();
    const canEnd = [state.WAITING, state.OPENING, state.CONNECTING, state.CONNECTED, state.CLOSING].includes(before);
    expect(answer).toBe(canEnd ? status.OK : status.MISUSE_STATE);
    const isClosing = [state.OPENING, state.CONNECTING, state.CONNECTED].includes(before);
    expect(endpoint.takeEvents()).toEqual(isClosing ? ended(status.ENDED_DISCONNECT) : []);
    expect(endpoint.takeLines()).toEqual(before === state.CONNECTED ? ["disconnect"] : []);
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    endpoint.close();
    // It is over whatever it was, and begins again only where it is asked to.
    expect(endpoint.state).toBe(state.IDLE);
    endpoint.takeEvents();
    endpoint.advance(10_000_000);
    expect(endpoint.takeEvents()).toEqual([]);
    expect(endpoint.connect()).toBe(0);
    expect(endpoint.takeEvents()).toEqual([{ type: "open" }]);
  });

  it.each(STATES.map(([name], index) => [name, index] as const))("a transport that closes while %s", (_, index) => {
    const endpoint = reached(index);
    const before = endpoint.state;
    const reason = endpoint.core.reason(endpoint.client);
    const hasTransport = before >= state.OPENING;
    expect(endpoint.close()).toBe(hasTransport ? status.OK : status.MISUSE_STATE);
    const isOver = before === state.IDLE || before === state.DISCONNECTING || before === state.ENDING;
    expect(endpoint.state).toBe(isOver ? state.IDLE : state.WAITING);
    const expected = !hasTransport || before >= state.CLOSING ? reason : status.ENDED_TRANSPORT;
    expect(endpoint.core.reason(endpoint.client)).toBe(expected);
    expect(endpoint.close()).toBe(status.MISUSE_STATE);
  });

  it.each(STATES.map(([name], index) => [name, index] as const))(
    "every other call while %s answers as it is documented",
    (_, index) => {
      const { core, client } = reached(index);
      const before = core.state(client);
      if (before !== state.OPENING) expect(core.opened(client, 0)).toBe(status.MISUSE_STATE);
      expect(core.received(client, 0, 0)).toBe(before < state.CONNECTING ? status.MISUSE_STATE : status.OK);
      expect(core.resend(client)).toBe(before === state.CONNECTED ? status.OK : status.MISUSE_STATE);
      expect(core.drop(client)).toBe(status.NOTHING);
      expect(core.supersede(client)).toBe(status.MISUSE_STATE);
      expect(core.commit(client)).toBe(status.MISUSE_STATE);
      expect(core.restored(client)).toBe(before === state.IDLE ? status.OK : status.MISUSE_STATE);
      expect(core.transmitted(client, 0, 0)).toBe(status.OK);
      const offered = core.transmit(client);
      expect(core.transmitted(client, 1000, 0)).toBe(status.MISUSE_RANGE);
      expect(core.transmitted(client, 0, 0)).toBe(status.OK);
      expect(core.transmit(client)).toBe(offered);
      expect(core.composedEnd(client)).toBe(0);
      expect(core.nextEvent(client, 0)).toBe(0);
      const isTimed = [state.WAITING, state.CONNECTING, state.DISCONNECTING].includes(before);
      expect(core.nextTimeout(client, 0) < 0x7fff_ffff).toBe(isTimed);
      expect(core.state(client)).toBe(before);
      if (before < state.CONNECTING) expect(core.transmit(client)).toBe(0);
    },
  );

  it("sends nothing behind DISCONNECT [MQTT-3.14.4-2]", () => {
    const endpoint = new Endpoint(build).online();
    const { core, client } = endpoint;
    const bytes = generate({
      cmd: "publish",
      topic: "a",
      payload: "",
      qos: 1,
      messageId: 9,
      dup: false,
      retain: false,
    });
    endpoint.build.write(core.receiveAddress(client), bytes);
    core.received(client, bytes.length, 0);
    endpoint.nextEvent();
    // The host is in the middle of a message when it wants to go.
    expect(core.disconnect(client, 0)).toBe(status.OK);
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["puback 9", "disconnect"]);
  });

  it("lets a packet that has left in part leave whole", () => {
    const endpoint = new Endpoint(build).online();
    endpoint.writeSize = 0;
    endpoint.publish("topic", "payload", 1);
    endpoint.publish("topic", "later", 1);
    endpoint.writeSize = 5;
    endpoint.transmit();
    endpoint.writeSize = 0;
    endpoint.disconnect();
    endpoint.writeSize = 1;
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["publish 1 topic=payload", "disconnect"]);
    expect(endpoint.takeEvents()).toEqual(ended(status.ENDED_DISCONNECT));
    endpoint.close();
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.online({}, true);
    expect(endpoint.takeLines()).toEqual(["publish 1 dup topic=payload", "publish 2 topic=later"]);
  });

  it("leaves behind a CONNECT that a hasty server has accepted before it had left", () => {
    const endpoint = new Endpoint(build);
    endpoint.connect();
    endpoint.writeSize = 0;
    endpoint.open();
    endpoint.writeSize = 5;
    endpoint.transmit();
    endpoint.writeSize = 0;
    endpoint.serve({ cmd: "connack", returnCode: 0, sessionPresent: false });
    endpoint.disconnect();
    endpoint.takeEvents();
    endpoint.writeSize = 1;
    while (endpoint.transmit()) expect(endpoint.nextEvent()).toBe(endpoint.state === state.ENDING);
    expect(endpoint.takeLines()).toEqual(["connect", "disconnect"]);
  });

  it("hears nothing any more", () => {
    const endpoint = new Endpoint(build).online();
    endpoint.writeSize = 0;
    endpoint.disconnect();
    endpoint.offer(
      generate({ cmd: "publish", topic: "a", payload: "", qos: 1, messageId: 9, dup: false, retain: false }),
    );
    endpoint.offer(Uint8Array.of(0, 0, 0, 0));
    // However much a server still says, there is room for it.
    expect(endpoint.offer(Buffer.alloc(1000))).toBe(0);
    expect(endpoint.takeEvents()).toEqual([]);
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["disconnect"]);
  });

  it("that is asked for twice is told to close once", () => {
    const endpoint = new Endpoint(build).online();
    endpoint.receive(Uint8Array.of(0, 0));
    expect(endpoint.takeEvents()).toHaveLength(1);
    endpoint.disconnect();
    endpoint.disconnect();
    endpoint.receive(Uint8Array.of(0, 0));
    expect(endpoint.takeEvents()).toEqual([]);
  });

  it("a host that opens before it is told to is not told to close", () => {
    const endpoint = new Endpoint(build);
    const { core, client } = endpoint;
    const payload = [0, 1, 0x61];
    endpoint.compose(core.connect(client, payload.length, 2, 0), payload);
    expect(core.opened(client, 0)).toBe(status.OK);
    endpoint.run();
    expect(endpoint.takeEvents().filter(({ type }) => type === "close")).toEqual([]);
    expect(endpoint.state).toBe(state.CONNECTING);
  });
});
