// The records of a history: what they count, how they grow, and that every part of an event is in the hash.
import { describe, expect, test } from "vitest";
import { Bitmap } from "../../host/simulation/bitmap.ts";
import { EventLog } from "../../host/simulation/event-log.ts";
import { History, rowOf } from "../../host/simulation/index.ts";
import { Ring } from "../../host/simulation/ring.ts";

describe("a history", () => {
  test("measures from a reading to its first delivery, whatever overtakes and comes again", () => {
    const history = new History(1);
    for (const atUs of [0, 1000, 2000, 3000]) history.invoked(0, atUs);
    history.delivered(0, 1, 51_000, true);
    history.delivered(0, 1, 90_000, true);
    history.delivered(0, 3, 73_000, true);
    history.delivered(0, 2, 99_000, true);
    expect(history.delays.count).toBe(2);
    expect([history.delays.percentileUs(0.5), history.delays.maximumUs, history.delays.meanUs]).toEqual([
      50_000, 70_000, 60_000,
    ]);
    expect([history.deliveredCount, history.repeats.count, history.disorders.count]).toEqual([3, 1, 1]);
    expect(history.disorders.kept).toEqual([{ sensor: 0, sequence: 2, atUs: 99_000 }]);
  });

  test("counts an acknowledgement once, and sensors apart", () => {
    const history = new History(2);
    history.invoked(0, 0);
    history.invoked(1, 0);
    history.acknowledged(1, 0, 5);
    history.acknowledged(1, 0, 6);
    history.disconnected(1, 7);
    history.refused(0, 8);
    expect(history.acknowledgedCount).toBe(1);
    expect(history.sensors.map(sensor => sensor.acknowledged.count)).toEqual([0, 1]);
    expect(history.sensors.map(sensor => sensor.disconnectedCount)).toEqual([0, 1]);
    expect(history.refusedCount).toBe(1);
  });
});

test("a row counts as unknown what was neither delivered nor acknowledged, and at QoS 0 calls it lost", () => {
  const history = new History(1);
  for (let sequence = 0; sequence < 4; sequence += 1) history.invoked(0, 0);
  history.refused(0, 0);
  history.delivered(0, 0, 1000, true);
  history.acknowledged(0, 0, 1000);
  history.delivered(0, 1, 2000, true);
  history.acknowledged(0, 2, 3000);
  const rest = {
    finding: { count: 0, violations: [] },
    pendingCount: 0,
    hash: "",
    eventCount: 0,
    radio: { up: { airtimeUs: 0, airBytes: 0 }, down: { airtimeUs: 0, airBytes: 0 } },
    elapsedUs: 0,
  };
  const traffic = {
    mqtt: { upBytes: 0, downBytes: 0 },
    ip: { upBytes: 0, downBytes: 0, upPackets: 0, downPackets: 0 },
  };
  const counts = { retransmissionCount: 0, reconnectCount: 0 };
  const row = (qos: 0 | 1) => rowOf({ version: "3.1.1", qos, history, ...rest, ...traffic, ...counts });
  // Message 2 was acknowledged and never came, message 3 is unknown, and one reading was refused.
  expect(row(1)).toMatchObject({ published: 5, delivered: 2, lost: 2, unknown: 1 });
  expect(row(0)).toMatchObject({ published: 5, delivered: 2, lost: 3, unknown: 0 });
});

describe("the hash of an event log", () => {
  const hashOf = (...events: [number, number, number, number][]) => {
    const log = new EventLog();
    for (const event of events) log.add(...event);
    return log.digest();
  };

  test("differs with every part of an event, with their order and with their number", () => {
    const hashes = [
      hashOf([1, 2, 3, 4]),
      hashOf([2, 2, 3, 4]),
      hashOf([1, 3, 3, 4]),
      hashOf([1, 2, 4, 4]),
      hashOf([1, 2, 3, 5]),
      hashOf([1, 2, 3, 4 + 2 ** 32]),
      hashOf([1, 2, 3, 4], [1, 2, 3, 5]),
      hashOf([1, 2, 3, 5], [1, 2, 3, 4]),
      hashOf(),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test("is SHA-256 over sixteen bytes an event, least significant byte first", () => {
    // Kind 5 of sensor 2, message 0x01020304, at 2^32 + 9 us: 15000000 04030201 09000000 01000000.
    expect(hashOf([5, 2, 0x01020304, 2 ** 32 + 9])).toBe(
      "0a8030011239fbfea16205bfdd6f860521f5559faef617c351135c29c31073f9",
    );
  });

  test("does not depend on when it is asked for, nor on the buffer's end", () => {
    const events = Array.from({ length: 9000 }, (_, index): [number, number, number, number] => [1, 0, index, index]);
    const log = new EventLog();
    for (const event of events) {
      log.add(...event);
      if (event[2] % 1000 === 0) log.digest();
    }
    expect(log.digest()).toBe(hashOf(...events));
    expect(log.count).toBe(9000);
  });
});

test("a bitmap holds what was added, over the ends of its pieces", () => {
  const bitmap = new Bitmap();
  const indexes = [0, 7, 8, 8191, 8192, 50_000];
  expect(indexes.map(index => bitmap.add(index))).toEqual(indexes.map(() => true));
  expect(indexes.map(index => bitmap.add(index))).toEqual(indexes.map(() => false));
  expect(bitmap.count).toBe(6);
  const held = Array.from({ length: 60_000 }, (_, index) => index).filter(index => bitmap.has(index));
  expect(held).toEqual(indexes);
});

test("a ring keeps what is not forgotten, however it turns and grows", () => {
  const ring = new Ring();
  let start = 0;
  for (let index = 0; index < 1000; index += 1) {
    ring.push(index * 3);
    if (index % 3 !== 0) {
      start += 1;
      ring.forgetBelow(start);
    }
    expect(ring.at(start)).toBe(start * 3);
    expect(ring.at(index)).toBe(index * 3);
    expect(ring.at(start - 1)).toBe(-1);
    expect(ring.at(index + 1)).toBe(-1);
  }
});
