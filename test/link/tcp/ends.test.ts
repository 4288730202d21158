/** How a simulated connection stalls and ends, and what a write takes. */
import { describe, expect, it } from "vitest";
import { at, bytesOf, GEO, pair } from "./pair.ts";

describe("stalls", () => {
  it.each([
    // Three round trips before the estimate has settled, but the probe comes at two and 200 ms: 1.28 s. Then the wheel.
    ["linux", 1.28, 1.33],
    // Ticks of 500 ms, three of them at least: an ESP32 waits longer than a server on the same link.
    ["lwip", 1.5, 3.01],
    ["rfc6298", 1.62, 1.63],
  ])("of %s after one lost segment", (stack, leastS, mostS) => {
    const { time, connection, client, server } = pair(
      { up: { ...GEO, loss: { model: "list", drop: [3] } }, down: GEO },
      1n,
      { client: stack },
    );
    connection.client.connect();
    let arrivedS = 0;
    server.received = () => {
      arrivedS = time.nowUs / 1e6;
    };
    at(time, 2.1e6, () => client.write(bytesOf(50, 0)));
    time.runUntil(20e6);
    const stallS = arrivedS - 2.1 - 0.27;
    expect(stallS).toBeGreaterThanOrEqual(leastS);
    expect(stallS).toBeLessThan(mostS);
  });
});

describe("an end", () => {
  it("of a peer that lost its power is noticed only by data, after a quarter of an hour", () => {
    const { time, connection, client } = pair({ up: GEO, down: GEO });
    connection.client.connect();
    at(time, 10e6, () => connection.server.vanish());
    at(time, 20e6, () => client.write(bytesOf(50, 0)));
    time.runToEnd(1000);
    const [, last] = client.events;
    expect(last.split(" ")[0]).toBe("timed-out");
    // tcp_retries2 = 15: at the first time-out 924.6 s after the first retransmission.
    expect(Number(last.split(" ")[1])).toBeGreaterThan(20 + 924.6);
    expect(Number(last.split(" ")[1])).toBeLessThan(20 + 924.6 + 130);
  });

  it("of a peer that came back without a memory is a reset", () => {
    const { time, connection, client } = pair({ up: GEO, down: GEO });
    connection.client.connect();
    at(time, 10e6, () => connection.server.vanish());
    at(time, 12e6, () => connection.server.reappear());
    at(time, 20e6, () => client.write(bytesOf(50, 0)));
    time.runToEnd(1000);
    expect(client.events).toEqual(["opened 0.54", "reset 20.54"]);
  });

  it("by abort reaches the other end as a reset, and nobody hears more", () => {
    const { time, connection, client, server } = pair({ up: GEO, down: GEO });
    connection.client.connect();
    at(time, 1e6, () => connection.client.abort());
    time.runToEnd(1000);
    expect(client.events).toEqual(["opened 0.54"]);
    expect(server.events).toEqual(["opened 0.81", "reset 1.27"]);
    expect(connection.client.write(bytesOf(5, 0))).toBe(0);
  });

  it("by close brings what was written before, from both sides", () => {
    const { time, connection, client, server } = pair({ up: GEO, down: GEO });
    connection.client.connect();
    at(time, 1e6, () => {
      client.write(bytesOf(5000, 1));
      connection.client.close();
    });
    time.runToEnd(1000);
    expect(server.bytes).toEqual([...bytesOf(5000, 1)]);
    expect(client.events.at(-1)).toMatch(/^finished/);
    expect(server.events.map(event => event.split(" ")[0])).toEqual(["opened", "ended", "finished"]);
  });
});

describe("a write", () => {
  it("takes what the stack's buffer holds, and says when there is room again", () => {
    const { time, connection, client, server } = pair({ up: GEO, down: GEO }, 1n, { client: "lwip" });
    expect(connection.client.write(new Uint8Array(10_000))).toBe(5760);
    expect(connection.client.room).toBe(0);
    client.write(bytesOf(20_000, 2));
    connection.client.connect();
    at(time, 60e6, () => connection.client.close());
    time.runToEnd(10_000);
    expect(server.bytes).toEqual([...new Uint8Array(5760), ...bytesOf(20_000, 2)]);
  });
});
