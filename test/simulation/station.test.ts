// The station with a client through the air whose TCP takes little at a time: nothing is lost, nothing is turned round, and a goodbye is heard.
import { expect, test } from "vitest";
import { Broker } from "../../host/broker/index.ts";
import { LINUX, Link, parseTc, TcpConnection, type TcpEndpoint } from "../../host/link/index.ts";
import { VirtualTime } from "../../host/simulation/index.ts";
import { Station } from "../../host/simulation/station.ts";

const CONNECT = [0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 1, 0x78];
const SUBSCRIBE = [0x82, 6, 0, 1, 0, 1, 0x23, 0];
const PUBLISH_SIZE = 3 + 3 + 200;

/** A PUBLISH to "a" of QoS 0 with 200 bytes, of which the first is its number. */
function publish(number: number): number[] {
  return [0x30, 0xcb, 1, 0, 1, 0x61, number, ...new Array(199).fill(0x2e)];
}

/** A connection whose server end takes 500 bytes at most, and all that the client gets. */
function connectTo(broker: Broker, clientId = 0x78, time = new VirtualTime(), station = new Station(time, broker)) {
  const link = new Link(time, parseTc("delay 50ms loss random 5% rate 100kbit"), 1n);
  const { client, server } = new TcpConnection(time, link, { server: { ...LINUX, sendBufferBytes: 500 } });
  const got: number[] = [];
  const ends: string[] = [];
  client.handler = {
    opened: () => client.write(Uint8Array.from([...CONNECT.slice(0, -1), clientId, ...SUBSCRIBE])),
    received: (bytes, offset, size) => got.push(...bytes.subarray(offset, offset + size)),
    closed: reason => ends.push(reason),
  };
  station.accept(server);
  client.connect();
  time.runUntil(time.nowUs + 60e6);
  return { time, station, client, got, ends };
}

function writeAll(client: TcpEndpoint, packets: number[][]): void {
  expect(client.write(Uint8Array.from(packets.flat()))).toBe(packets.flat().length);
}

test("what TCP has no room for waits, in order, and messages that the broker then drops are dropped whole", () => {
  const broker = new Broker({ sysIntervalMs: 0 });
  const { time, station, client, got } = connectTo(broker);
  expect(got.splice(0)).toEqual([0x20, 2, 0, 0, 0x90, 3, 0, 1, 0]);
  // Its own messages come back to it, faster than its TCP lets them go.
  writeAll(
    client,
    Array.from({ length: 60 }, (_, number) => publish(number)),
  );
  time.runUntil(600e6);
  expect(got.length % PUBLISH_SIZE).toBe(0);
  const numbers = Array.from({ length: got.length / PUBLISH_SIZE }, (_, index) => got[index * PUBLISH_SIZE + 6]);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers.length).toBe(60 - broker.counters.publishMessagesDropped);
  expect(broker.counters.publishMessagesDropped).toBeGreaterThan(0);
  expect(station.sentBytes).toBe(9 + numbers.length * PUBLISH_SIZE);
  // It has come through the jam: the next message goes at once.
  writeAll(client, [publish(99)]);
  time.runUntil(660e6);
  expect(got.slice(-PUBLISH_SIZE)).toEqual(publish(99));
});

test("what waits for one client is not touched by what another is sent", () => {
  const broker = new Broker({ sysIntervalMs: 0 });
  const first = connectTo(broker);
  const second = connectTo(broker, 0x79, first.time, first.station);
  for (let number = 0; number < 40; number += 1) {
    writeAll(number % 2 === 0 ? first.client : second.client, [publish(number)]);
    first.time.runUntil(first.time.nowUs + 7000);
  }
  first.time.runUntil(900e6);
  for (const { got } of [first, second]) {
    const packets = got.slice(9);
    expect(packets.length).toBeGreaterThan(5 * PUBLISH_SIZE);
    for (let at = 0; at < packets.length; at += PUBLISH_SIZE) {
      expect(packets.slice(at, at + PUBLISH_SIZE)).toEqual(publish(packets[at + 6]));
    }
  }
});

test("acknowledgements that wait for room keep their identifiers", () => {
  const broker = new Broker({ sysIntervalMs: 0 });
  const { time, client, got } = connectTo(broker);
  const ids = Array.from({ length: 10 }, (_, index) => index + 1);
  const asked = ids.map(id => [0x32, 5, 0, 1, 0x61, 0, id]);
  // In a jam that does not end before the last of them.
  for (const each of asked) {
    writeAll(client, [publish(1), publish(2), publish(3), publish(4)]);
    time.runUntil(time.nowUs + 60_000);
    writeAll(client, [each]);
    time.runUntil(time.nowUs + 10_000);
  }
  time.runUntil(600e6);
  const acknowledged: number[] = [];
  for (let at = 9; at < got.length; at += got[at] === 0x30 && got[at + 1] === 0xcb ? PUBLISH_SIZE : 2 + got[at + 1]) {
    if (got[at] === 0x40) acknowledged.push(got[at + 3]);
  }
  expect(acknowledged).toEqual(ids);
});

test("a client that closes its connection without a word is forgotten at once", () => {
  const broker = new Broker({ sysIntervalMs: 0 });
  const { time, client, ends } = connectTo(broker);
  expect(broker.connectionCount).toBe(1);
  client.close();
  time.runUntil(time.nowUs + 10e6);
  expect(broker.connectionCount).toBe(0);
  expect(ends).toEqual(["finished"]);
});

test("a client that breaks a rule gets what was on its way, then the end", () => {
  const broker = new Broker({ sysIntervalMs: 0 });
  const { time, client, got, ends } = connectTo(broker);
  writeAll(client, [...Array.from({ length: 4 }, (_, number) => publish(number)), [0xf0, 0]]);
  time.runUntil(600e6);
  expect(got.slice(9)).toEqual([0, 1, 2, 3].slice(0, (got.length - 9) / PUBLISH_SIZE).flatMap(publish));
  expect(got.length).toBeGreaterThan(9);
  expect(ends).toEqual(["finished"]);
  expect(broker.connectionCount).toBe(0);
});

test("a client that vanishes is given up when its keep-alive has run out one and a half times", () => {
  const broker = new Broker({ sysIntervalMs: 0 });
  const time = new VirtualTime();
  const station = new Station(time, broker);
  const { client, server } = new TcpConnection(time, new Link(time, parseTc("delay 50ms"), 1n));
  const withKeepAlive = Uint8Array.from(CONNECT);
  withKeepAlive[11] = 10;
  client.handler = { opened: () => client.write(withKeepAlive), received() {}, closed() {} };
  station.accept(server);
  client.connect();
  time.runUntil(1e6);
  client.vanish();
  time.runUntil(15e6);
  expect(broker.connectionCount).toBe(1);
  time.runUntil(15.2e6);
  expect(broker.connectionCount).toBe(0);
});
