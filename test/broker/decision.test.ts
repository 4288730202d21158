/** A CONNECT that waits for its host to decide, and clients whom their transport names (3.1.4). */
import { describe, expect, it } from "vitest";
import { encodePacket, type Packet } from "../../host/broker/codec/packet.ts";
import {
  type BrokerOptions,
  type Connection,
  Entrance,
  fault,
  type Sink,
  type Verdict,
} from "../../host/broker/index.ts";
import type { AuthenticationMethod } from "../../host/broker/options.ts";
import { connectPacket, transport, World } from "./endpoint.ts";

const PING: Packet = { type: "PINGREQ" };

describe("a decision that comes later", () => {
  function waiting(options: BrokerOptions = {}) {
    const asked: Connection[] = [];
    const world = new World({
      authenticate: ({ connection }) => {
        asked.push(connection);
        return "later";
      },
      allowAnonymous: false,
      ...options,
    });
    return { world, decide: (verdict: Verdict) => world.broker.decide(asked.shift() as Connection, verdict, 0) };
  }

  it("holds the transport, keeps what comes in pieces, and handles it in order", () => {
    const { world, decide } = waiting();
    const { connection, send, take } = transport(world);
    send(connectPacket("c"), PING);
    send({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter: "t", qos: 0 }] });
    world.broker.receive(connection, Uint8Array.of(0xc0), 0);
    world.broker.receive(connection, Uint8Array.of(0), 0);
    expect(take()).toEqual(["hold true"]);
    decide(0);
    expect(take()).toEqual(["hold false", "send 20 02 00 00 d0 00 90 03 00 01 00 d0 00"]);
    // Once only.
    world.broker.decide(connection, 5, 0);
    send(PING);
    expect(take()).toEqual(["send d0 00"]);
  });

  it("that is no ends the connection and lets nobody go on", () => {
    const { world, decide } = waiting();
    const { send, take } = transport(world);
    send(connectPacket("c"), PING);
    take();
    decide(4);
    expect(take()).toEqual(["send 20 02 00 04", "close [MQTT-3.1.4-3] bad user name or password: ''"]);
  });

  it("has nothing behind a CONNECT that came late", () => {
    const { world, decide } = waiting();
    world.broker.at("received CONNECT", fault.delay(10));
    const { send, take } = transport(world);
    send(connectPacket("c"));
    world.advance(10);
    expect(take()).toEqual(["hold true"]);
    decide(0);
    send(PING);
    expect(take()).toEqual(["hold false", "send 20 02 00 00", "send d0 00"]);
  });

  it("comes to nothing when the client has gone", () => {
    const { world, decide } = waiting();
    const { connection, send, take } = transport(world);
    send(connectPacket("c"));
    world.broker.closed(connection, 0);
    take();
    decide(0);
    expect(take()).toEqual([]);
    expect(world.broker.sessionCount).toBe(0);
    expect(world.broker.counters.messagesSent).toBe(0);
  });

  it("finds the broker full by then", () => {
    const { world, decide } = waiting({ maxConnections: 1 });
    const transports = [transport(world), transport(world)];
    for (const [index, { send }] of transports.entries()) send(connectPacket(`c${index}`));
    for (const { take } of transports) take();
    for (const _ of transports) decide(0);
    expect(transports.map(({ take }) => take())).toEqual([
      ["hold false", "send 20 02 00 00"],
      ["send 20 02 00 03", "close [limit] 1 clients are connected"],
    ]);
  });

  it("needs no sink that can be held", () => {
    const { world, decide } = waiting();
    const { send, take } = transport(world, { hold: undefined });
    send(connectPacket("c"), PING);
    decide(0);
    expect(take()).toEqual(["send 20 02 00 00 d0 00"]);
  });
});

describe("who the transport says that the peer is", () => {
  it.each<[string | undefined, number]>([
    ["ann", 0],
    [undefined, 4],
  ])("%s: %i, whatever CONNECT says", (username, returnCode) => {
    const world = new World({ users: new Map([["bob", "b"]]) });
    const { connection, send, take } = transport(world, { identity: { username }, peer: "10.0.0.1:5" });
    send(connectPacket("c", { username: "bob", password: Buffer.from("b") }));
    expect(take()[0]).toBe(`send 20 02 00 0${returnCode}`);
    expect(connection.peer).toBe("10.0.0.1:5");
    if (username !== undefined) {
      expect(world.log).toEqual(["notice: New client connected from 10.0.0.1:5 as c (p2, c1, k60, u'ann')."]);
    }
  });

  it("is who a method of authentication hears of, without the password of somebody else", () => {
    const asked: unknown[] = [];
    const method: AuthenticationMethod = ({ username, password }) => {
      asked.push([username, password]);
      return { next: () => ({ status: "success" }) };
    };
    const world = new World({ authenticationMethods: new Map([["m", method]]) });
    const sink: Sink = { send: () => {}, close: () => {}, identity: { username: "ann" } };
    const connection = world.broker.connect(0, sink);
    const properties = { authenticationMethod: "m" };
    const connect = connectPacket("c", { level: 5, properties, username: "bob", password: Buffer.from("b") });
    world.broker.receive(connection, encodePacket(connect, 5), 0);
    expect(asked).toEqual([["ann", undefined]]);
  });

  it("may be its client identifier", () => {
    const world = new World();
    const entrance = new Entrance({ isUsernameClientId: true });
    const sink: Sink = { send: () => {}, close: () => {}, identity: { username: "ann" } };
    const connection = world.broker.connect(0, sink, entrance);
    world.broker.receive(connection, encodePacket(connectPacket("other"), 4), 0);
    expect(connection.name).toBe("ann");
  });
});
