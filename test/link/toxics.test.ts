// toxiproxy's toxics on a simulated connection, half-open paths, shut doors, and slots.
import { describe, expect, it } from "vitest";
import { readToxiproxy, writeToxiproxy } from "../../host/link/formats/toxiproxy.ts";
import {
  Link,
  LinkError,
  type LinkSpec,
  parseSeed,
  TcpConnection,
  type TcpHandler,
  validateLink,
} from "../../host/link/index.ts";
import { VirtualTime } from "../../host/simulation/virtual-time.ts";
import { Receiver } from "./receiver.ts";

interface Seen {
  /** Time in ms, size. */
  up: [number, number][];
  down: [number, number][];
  closed: string[];
}

/** A client that sends `chunks` of bytes once connected; a server that sends each back; both end after `endMs`. */
function exchange(link: Partial<LinkSpec>, chunks: number[], endMs = 1000): Seen {
  const time = new VirtualTime();
  const spec = validateLink({ up: {}, down: {}, ...link });
  const { client, server } = new TcpConnection(time, new Link(time, spec, parseSeed(7), "toxics"), { noDelay: true });
  const seen: Seen = { up: [], down: [], closed: [] };
  const note = (name: string): Pick<TcpHandler, "closed"> => ({
    closed: reason => seen.closed.push(`${name} ${reason} ${Math.round(time.nowUs / 1000)}`),
  });
  client.handler = {
    opened() {
      for (const size of chunks) client.write(new Uint8Array(size).fill(1));
    },
    received: (_bytes, _offset, size) => seen.down.push([time.nowUs / 1000, size]),
    ...note("client"),
  };
  server.handler = {
    opened() {},
    received(bytes, offset, size) {
      expect(bytes.subarray(offset, offset + size).every(byte => byte === 1)).toBe(true);
      seen.up.push([time.nowUs / 1000, size]);
      server.write(bytes, offset, size);
    },
    ...note("server"),
  };
  client.connect();
  time.at(endMs * 1000, { due: () => client.close() }, 0);
  time.runToEnd(1_000_000);
  return seen;
}

const toxic = (type: string, attributes: Record<string, number>, stream = "upstream") => ({
  toxics: [{ name: "it", type, stream, toxicity: 1, attributes }] as LinkSpec["toxics"],
});

const ENDED = ["client finished 1000", "server finished 1000"];

describe("a toxic", () => {
  it("latency holds a chunk back, in one direction", () => {
    const seen = exchange(toxic("latency", { latency: 250 }), [10]);
    expect(seen.up).toEqual([[250, 10]]);
    expect(seen.down).toEqual([[250, 10]]);
    expect(exchange(toxic("latency", { latency: 250 }, "downstream"), [10]).up).toEqual([[0, 10]]);
    const [[late]] = exchange(toxic("latency", { latency: 250, jitter: 100 }), [10]).up;
    expect(late).toBeGreaterThanOrEqual(150);
    expect(late).toBeLessThan(350);
    expect(late).not.toBe(250);
  });

  it("bandwidth lets so many bytes a millisecond through, and closes the window before the rest", () => {
    expect(exchange(toxic("bandwidth", { rate: 2 }), [1000, 500]).up).toEqual([
      [500, 1000],
      [750, 500],
    ]);
    expect(exchange(toxic("bandwidth", { rate: 0 }), [1000]).up).toEqual([]);
  });

  it("slow_close holds the end back", () => {
    expect(exchange(toxic("slow_close", { delay: 300 }), [10]).closed).toEqual([
      "client finished 1300",
      "server finished 1300",
    ]);
  });

  it("timeout swallows everything, and then closes", () => {
    const seen = exchange(toxic("timeout", { timeout: 400 }), [10]);
    expect(seen.up).toEqual([]);
    expect(seen.closed).toContain("server finished 400");
    expect(exchange(toxic("timeout", { timeout: 0 }), [10]).up).toEqual([]);
  });

  it("reset_peer resets after the first bytes", () => {
    const seen = exchange(toxic("reset_peer", { timeout: 200 }), [10]);
    expect(seen.up).toEqual([]);
    expect(seen.closed.sort()).toEqual(["client reset 200", "server reset 200"]);
  });

  it("slicer cuts into pieces with pauses", () => {
    const seen = exchange(toxic("slicer", { average_size: 40, delay: 1000 }), [100]);
    expect(seen.up).toEqual([
      [0, 40],
      [1, 40],
      [2, 20],
    ]);
    const pieces = exchange(toxic("slicer", { average_size: 40, size_variation: 20, delay: 10 }), [4000]).up;
    expect(pieces.reduce((sum, [, size]) => sum + size, 0)).toBe(4000);
    expect(new Set(pieces.map(([, size]) => size)).size).toBeGreaterThan(5);
  });

  it("limit_data closes after so many bytes", () => {
    const seen = exchange(toxic("limit_data", { bytes: 15 }), [10, 10]);
    expect(seen.up.map(([, size]) => size)).toEqual([10, 5]);
    expect(seen.closed).toContain("server finished 0");
  });

  it("acts on its share of the connections", () => {
    const half: LinkSpec = {
      up: {},
      down: {},
      toxics: [
        { name: "it", type: "latency", stream: "upstream", toxicity: 0.5, attributes: { latency: 100, jitter: 0 } },
      ],
    };
    const time = new VirtualTime();
    const link = new Link(time, half, parseSeed(3), "share");
    let late = 0;
    for (let index = 0; index < 400; index += 1) {
      const { client, server } = new TcpConnection(time, link, { noDelay: true });
      const startUs = time.nowUs;
      client.handler = { opened: () => client.write(new Uint8Array(1)), received() {}, closed() {} };
      server.handler = { opened() {}, received: () => (late += time.nowUs - startUs === 100_000 ? 1 : 0), closed() {} };
      client.connect();
      time.runUntil(time.nowUs + 1_000_000);
    }
    expect(Math.abs(late - 200)).toBeLessThan(50);
  });

  it("can be exchanged while the connection lives: what the old one held goes on at once", () => {
    const time = new VirtualTime();
    const spec = validateLink(toxic("latency", { latency: 60_000 }));
    const connection = new TcpConnection(time, new Link(time, spec, parseSeed(1), "x"), { noDelay: true });
    const seen: number[] = [];
    connection.client.handler = {
      opened: () => connection.client.write(new Uint8Array(9)),
      received() {},
      closed() {},
    };
    connection.server.handler = { opened() {}, received: () => seen.push(time.nowUs / 1000), closed() {} };
    connection.client.connect();
    time.at(5_000_000, { due: () => connection.replaceToxics([]) }, 0);
    time.at(6_000_000, { due: () => connection.client.write(new Uint8Array(9)) }, 0);
    time.runUntil(100_000_000);
    expect(seen).toEqual([5000, 6000]);
  });
});

describe("a connection", () => {
  it("that is half open hears nothing more, and gives up by itself", () => {
    const seen = exchange({ halfOpen: { after: "500ms" } }, [10]);
    expect(seen.up).toEqual([[0, 10]]);
    // The end after a second is never answered.
    expect(seen.closed.join()).toMatch(/^client timed-out 9\d{5}$/);
  });

  it("is refused where the link is not enabled", () => {
    expect(exchange({ enabled: false }, [10]).closed).toEqual(["client refused 0"]);
  });

  it("without any of it is as before", () => {
    expect(exchange({}, [10]).closed.sort()).toEqual(ENDED);
  });
});

describe("toxiproxy's JSON", () => {
  const PROXY = {
    name: "mqtt",
    listen: "127.0.0.1:1884",
    upstream: "127.0.0.1:1883",
    enabled: false,
    toxics: [
      { name: "slow", type: "latency", stream: "upstream", toxicity: 0.5, attributes: { latency: 10, jitter: 1 } },
    ],
  };

  it("is read, and written as it was", () => {
    const { link, listen, upstream } = readToxiproxy(PROXY, "proxy");
    expect([listen, upstream]).toEqual([PROXY.listen, PROXY.upstream]);
    expect(JSON.parse(writeToxiproxy(link, PROXY.listen, PROXY.upstream).text)).toEqual(PROXY);
  });

  it.each([
    [{ toxics: [{ type: "latancy" }] }, 'did you mean "latency"'],
    [{ toxics: [{ type: "latency", attributes: { latncy: 1 } }] }, 'did you mean "latency"'],
    [
      { toxics: [{ type: "latency", attributes: { latency: -1 } }] },
      "proxy.toxics[0].attributes.latency: a number of at least 0",
    ],
    [{ toxics: [{ type: "latency" }, { type: "latency" }] }, 'there is a toxic "latency_downstream" already'],
    [{ toxics: [{ type: "slicer", attributes: { size_variation: 1 } }] }, "not above average_size"],
    [{ toxics: [{ type: "latency", toxicity: 2 }] }, "a probability is 0 to 1"],
    [{ toxics: [{ type: "latency", stream: "up" }] }, "stream"],
    [{ listen: 7 }, "proxy.listen: an address is HOST:PORT"],
    [{ enabled: "yes" }, "proxy.enabled: true or false"],
  ])("%j is refused", (input, message) => {
    expect(() => readToxiproxy(input, "proxy")).toThrow(LinkError);
    expect(() => readToxiproxy(input, "proxy")).toThrow(message);
  });
});

describe("slots", () => {
  it("let so many packets go together, and the others wait for the next", () => {
    const receiver = new Receiver({ slot: { min: 10, packets: 2 } });
    for (let index = 0; index < 5; index += 1) receiver.direction.send(receiver.packet(index, 100));
    receiver.time.runToEnd(1000);
    const times = receiver.arrivals.map(({ timeUs }) => timeUs);
    expect(times[1]).toBe(times[0]);
    expect(times.map(time => time - times[0])).toEqual([0, 0, 10_000, 10_000, 20_000]);
  });

  it("by bytes, and between the least and the most apart", () => {
    const receiver = new Receiver({ slot: { min: 10, max: 20, bytes: 100 } });
    for (let index = 0; index < 200; index += 1) receiver.direction.send(receiver.packet(index, 100));
    receiver.time.runToEnd(10_000);
    const gaps = receiver.arrivals.slice(1).map(({ timeUs }, index) => timeUs - receiver.arrivals[index].timeUs);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(20_000);
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(8000);
  });
});
