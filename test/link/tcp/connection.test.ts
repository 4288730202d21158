/**
 * What an application sees of a simulated connection: every byte once and in order, or an end with a reason, in the time that the stack would take.
 */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { at, bytesOf, GEO, pair } from "./pair.ts";

describe("a connection", () => {
  it("brings every byte once and in order, or gives up, over any link and between any stacks", () => {
    const chance = fc.double({ min: 0, max: 0.45, noNaN: true });
    const direction = fc.record({
      delay: fc.record({ base: fc.nat(400), jitter: fc.nat(80) }),
      loss: fc.oneof(
        chance.map(p => ({ model: "random" as const, p })),
        chance.map(lossRate => ({ model: "gilbert" as const, lossRate, meanBurst: 3 })),
      ),
      rate: fc.record({ bps: fc.integer({ min: 20_000, max: 10_000_000 }) }),
      limit: fc.record({ packets: fc.integer({ min: 3, max: 50 }) }),
      duplicate: fc.record({ p: chance }),
      corrupt: fc.record({ p: fc.double({ min: 0, max: 0.1, noNaN: true }) }),
      reorder: fc.record({ p: chance }),
    });
    const stack = fc.constantFrom("linux", "lwip", "rfc6298");
    const sizes = fc.array(fc.integer({ min: 1, max: 6000 }), { maxLength: 12 });
    fc.assert(
      fc.property(
        direction,
        direction,
        stack,
        stack,
        sizes,
        sizes,
        fc.boolean(),
        fc.bigInt(0n, 2n ** 64n - 1n),
        (up, down, a, b, sent, answered, noDelay, seed) => {
          const { time, connection, client, server } = pair({ up, down }, seed, { client: a, server: b, noDelay });
          const expected = { up: [] as number[], down: [] as number[] };
          sent.forEach((size, index) => {
            at(time, index * 700_000, () => {
              const bytes = bytesOf(size, index);
              expected.up.push(...bytes);
              client.write(bytes);
            });
          });
          answered.forEach((size, index) => {
            at(time, 5_000_000 + index * 300_000, () => {
              const bytes = bytesOf(size, index + 100);
              expected.down.push(...bytes);
              server.write(bytes);
            });
          });
          connection.client.connect();
          at(time, 1e12, () => {
            connection.client.close();
            connection.server.close();
          });
          expect(time.runToEnd(2_000_000), "the run must end").toBe(true);
          const ends = [client, server].map(side => side.events.at(-1)?.split(" ")[0]);
          expect(client.bytes).toEqual(expected.down.slice(0, client.bytes.length));
          expect(server.bytes).toEqual(expected.up.slice(0, server.bytes.length));
          if (ends[0] === "finished" && ends[1] === "finished") {
            expect(server.bytes.length).toBe(expected.up.length);
            expect(client.bytes.length).toBe(expected.down.length);
          } else {
            expect(ends.some(end => ["timed-out", "unreachable", "reset", "refused"].includes(end ?? ""))).toBe(true);
          }
        },
      ),
      { numRuns: 100, seed: 20_261_121 },
    );
  });

  it("is the same to the event for the same seed, and another for another", () => {
    const fingerprint = (seed: bigint) => {
      const lossy = { ...GEO, loss: { model: "random" as const, p: 0.2 }, delay: { base: 200, jitter: 50 } };
      const { time, connection, client, server, link } = pair({ up: lossy, down: lossy }, seed);
      for (let index = 0; index < 50; index += 1) at(time, index * 900_000, () => client.write(bytesOf(200, index)));
      connection.client.connect();
      time.runToEnd(100_000);
      const hash = createHash("sha256");
      hash.update(
        JSON.stringify([
          client.events,
          server.events,
          server.bytes,
          link.up.statistics,
          link.down.statistics,
          time.nowUs,
        ]),
      );
      return hash.digest("hex");
    };
    expect(fingerprint(1n)).toBe(fingerprint(1n));
    expect(fingerprint(2n)).not.toBe(fingerprint(1n));
  });

  it("fills the link when there is much to send", () => {
    // 1 MB at 1 Mbit/s: 8 s of payload and 4.5 % of headers, once slow start over 540 ms is through.
    const rate = { bps: 1e6 };
    const { time, connection, client, server } = pair({ up: { ...GEO, rate }, down: { ...GEO, rate } });
    const sent = bytesOf(1_000_000, 3);
    client.write(sent);
    connection.client.connect();
    at(time, 60e6, () => connection.client.close());
    let wholeUs = 0;
    while (server.bytes.length < sent.length && time.step()) wholeUs = time.nowUs;
    expect(Buffer.from(server.bytes).equals(Buffer.from(sent))).toBe(true);
    // The receive window of 64 KiB over 540 ms is 0.97 Mbit/s.
    expect(wholeUs / 1e6).toBeGreaterThan(8.3);
    expect(wholeUs / 1e6).toBeLessThan(11.5);
    expect(connection.client.statistics.retransmissionCount).toBe(0);
  });

  it("repairs one lost segment of a burst by selective acknowledgement, without a time-out", () => {
    // Packets up: SYN, ACK, then data; the fifth is lost in the middle of a burst of eight.
    const { time, connection, client, server } = pair({
      up: { ...GEO, loss: { model: "list", drop: [5] } },
      down: GEO,
    });
    client.write(bytesOf(8 * 1448, 1));
    connection.client.connect();
    time.runUntil(0.54e6 + 0.27e6 + 0.54e6 + 0.1e6);
    expect(server.bytes).toHaveLength(8 * 1448);
    expect(connection.client.statistics.retransmissionCount).toBe(1);
  });
});

describe("connecting", () => {
  it("takes a round trip, and Linux repeats a lost SYN after a second", () => {
    const { time, connection, client, server } = pair({
      up: { ...GEO, loss: { model: "list", drop: [1] } },
      down: GEO,
    });
    connection.client.connect();
    time.runUntil(5e6);
    const [openedS] = client.events.map(event => Number(event.split(" ")[1]));
    expect(openedS).toBeGreaterThan(1.54);
    expect(openedS).toBeLessThan(1.58);
    expect(server.events).toHaveLength(1);
  });

  it.each([
    // Five seconds linearly and then doubling: 1+1+1+1+1+2+4+8+16+32+64 s (tcp_syn_linear_timeouts 4, tcp_syn_retries 6).
    ["linux", 131, 11],
    // Thirteen times 1.5 s without back-off.
    ["lwip", 19.5, 13],
    // 1+2+4+...+60+60 s.
    ["rfc6298", 183, 8],
  ])("to nobody, %s gives up", (stack, seconds, packets) => {
    const { time, connection, client } = pair({ up: { loss: { model: "random", p: 1 } }, down: {} }, 1n, {
      client: stack,
    });
    connection.client.connect();
    time.runToEnd(1000);
    expect(client.events).toHaveLength(1);
    const [event, timeS] = client.events[0].split(" ");
    expect(event).toBe("unreachable");
    expect(Math.abs(Number(timeS) - seconds)).toBeLessThan(0.06 * seconds);
    expect(connection.client.statistics.packetCount).toBe(packets);
  });

  it("to a closed port is refused after a round trip", () => {
    const { time, connection, client } = pair({ up: GEO, down: GEO });
    connection.server.handler = null;
    connection.server.close();
    connection.client.connect();
    time.runToEnd(100);
    expect(client.events).toEqual(["refused 0.54"]);
  });

  it("with a stack that does not exist names the nearest", () => {
    expect(() => pair({}, 1n, { client: "lwpi" })).toThrow('TCP profile "lwpi" does not exist; did you mean "lwip"?');
  });
});
