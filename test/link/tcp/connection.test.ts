/**
 * What an application sees of a simulated connection: every byte once and in order, or an end with a reason, in the time that the stack would take.
 */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Link,
  type LinkSpec,
  TcpConnection,
  type TcpEndpoint,
  type TcpHandler,
  type TcpOptions,
} from "../../../host/link/index.ts";
import { VirtualTime } from "../../../host/simulation/virtual-time.ts";

/** An application that keeps what it hears. */
class Application implements TcpHandler {
  readonly bytes: number[] = [];
  readonly events: string[] = [];
  private readonly time: VirtualTime;
  private readonly endpoint: TcpEndpoint;
  private pending: Uint8Array = new Uint8Array(0);

  constructor(time: VirtualTime, endpoint: TcpEndpoint) {
    this.time = time;
    this.endpoint = endpoint;
    endpoint.handler = this;
  }

  /** Writes all of `bytes`, the rest when there is room. */
  write(bytes: Uint8Array): void {
    const all = new Uint8Array(this.pending.length + bytes.length);
    all.set(this.pending);
    all.set(bytes, this.pending.length);
    this.pending = all.subarray(this.endpoint.write(all));
  }

  opened(): void {
    this.note("opened");
  }

  received(bytes: Uint8Array, offset: number, size: number): void {
    for (let at = offset; at < offset + size; at += 1) this.bytes.push(bytes[at]);
  }

  writable(): void {
    const rest = this.pending;
    this.pending = rest.subarray(this.endpoint.write(rest));
  }

  ended(): void {
    this.note("ended");
    this.endpoint.close();
  }

  closed(reason: string): void {
    this.note(reason);
  }

  private note(event: string): void {
    this.events.push(`${event} ${this.time.nowUs / 1e6}`);
  }
}

interface Pair {
  time: VirtualTime;
  link: Link;
  connection: TcpConnection;
  client: Application;
  server: Application;
}

function pair(spec: Partial<LinkSpec>, seed = 1n, options: TcpOptions = {}): Pair {
  const time = new VirtualTime();
  const link = new Link(time, { up: {}, down: {}, ...spec }, seed);
  const connection = new TcpConnection(time, link, options);
  const client = new Application(time, connection.client);
  const server = new Application(time, connection.server);
  return { time, link, connection, client, server };
}

const bytesOf = (size: number, salt: number) =>
  Uint8Array.from({ length: size }, (_, index) => (index * 31 + salt + (index >> 8)) & 0xff);
const GEO = { delay: { base: 270 } };

/** Calls `action` at `timeUs`. */
function at(time: VirtualTime, timeUs: number, action: () => void): void {
  time.at(timeUs, { due: action }, 0);
}

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
