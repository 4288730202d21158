// A link in real time between real sockets: every byte comes, ends and resets go through, and the same seed is the same history as in virtual time.
import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Link, LinkError, type LinkSpec, type Scheduler, TcpConnection } from "../../host/link/index.ts";
import { readAddress } from "../../host/proxy/address.ts";
import { RealTime } from "../../host/proxy/real-time.ts";
import { Recorder, Replayer } from "../../host/proxy/recording.ts";
import { VirtualTime } from "../../host/simulation/virtual-time.ts";
import { drained, World } from "./world.ts";

const both = (direction: LinkSpec["up"]): LinkSpec => ({ up: direction, down: direction });
const LOSSY = both({ delay: { base: 2, jitter: 1 }, loss: { model: "random", p: 0.02 } });

let world: World | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

/** Bytes that differ everywhere. */
function patterned(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let index = 0; index < size; index += 1) bytes[index] = (index * 31 + (index >> 8)) & 0xff;
  return bytes;
}

describe("a proxy with a link", () => {
  it("loses no byte on a lossy link, both ways at once, and an end is an end", async () => {
    world = await World.open(socket => socket.pipe(socket));
    const proxy = world.make(LOSSY);
    await proxy.enable();
    const bytes = patterned(60_000);
    const clients = await Promise.all([1, 2, 3].map(() => (world as World).dial(proxy)));
    const answers = await Promise.all(
      clients.map(client => {
        client.end(bytes);
        return drained(client);
      }),
    );
    for (const answer of answers) expect(answer.equals(bytes)).toBe(true);
    expect(proxy.statistics.acceptedCount).toBe(3);
    expect(proxy.statistics.lostPackets).toBeGreaterThan(0);
    expect(proxy.statistics.retransmissions).toBeGreaterThan(0);
    expect(proxy.statistics.upBytes).toBeGreaterThan(3 * bytes.length);
  });

  it("stops a client whose server does not read, and lets go when it does", async () => {
    world = await World.open(socket => socket.pause());
    const proxy = world.make(both({}));
    await proxy.enable();
    const client = await world.dial(proxy);
    const bytes = patterned(12_000_000);
    client.end(bytes);
    while (world.served.length === 0) await new Promise(resolve => setImmediate(resolve));
    expect(client.writableLength).toBeGreaterThan(0);
    const received = await drained(world.served[0]);
    expect(received.equals(bytes)).toBe(true);
  });

  it("resets the server's side when the client resets, and the other way round", async () => {
    world = await World.open(socket => socket.on("data", bytes => bytes[0] === 1 && socket.resetAndDestroy()));
    const proxy = world.make(LOSSY);
    await proxy.enable();
    const first = await world.dial(proxy);
    first.write(Buffer.of(1));
    const [error] = await once(first, "error");
    expect(error.code).toBe("ECONNRESET");
    const second = await world.dial(proxy);
    second.write(Buffer.of(2));
    while (world.served.length < 2) await new Promise(resolve => setImmediate(resolve));
    const reset = once(world.served[1], "error");
    second.resetAndDestroy();
    expect((await reset)[0].code).toBe("ECONNRESET");
  });

  it("resets a client whose server refuses, and says why", async () => {
    world = await World.open(() => {});
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port } = closed.address() as { port: number };
    closed.close();
    await once(closed, "close");
    const proxy = world.make(both({}), { target: { host: "127.0.0.1", port } });
    await proxy.enable();
    const client = await world.dial(proxy);
    const [error] = await once(client, "error");
    expect(error.code).toBe("ECONNRESET");
    expect(world.log.join("\n")).toMatch(/cannot connect to 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  });

  it("refuses an address that is taken", async () => {
    world = await World.open(() => {});
    const proxy = world.make(both({}), { listen: { host: "127.0.0.1", port: world.serverPort } });
    await expect(proxy.enable()).rejects.toThrow("EADDRINUSE");
    expect(proxy.enabled).toBe(false);
  });
});

/** 20 connections of which each sends a byte every 10 ms for half a second; when each byte arrived, by connection. */
function scenario(scheduler: Scheduler): number[][] {
  const arrivals: number[][] = [];
  for (let index = 0; index < 20; index += 1) {
    const mine: number[] = [];
    arrivals.push(mine);
    const link = new Link(scheduler, LOSSY, 11n, `link/${index}`);
    const { client, server } = new TcpConnection(scheduler, link, { noDelay: true });
    client.handler = { opened() {}, received() {}, closed() {} };
    server.handler = { opened() {}, received: (_b, _o, size) => mine.push(scheduler.nowUs, size), closed() {} };
    scheduler.at(1000 * index, { due: () => client.connect() }, 0);
    for (let step = 0; step < 50; step += 1) {
      scheduler.at(100_000 + step * 10_000 + index, { due: () => client.write(new Uint8Array(1)) }, 0);
    }
  }
  return arrivals;
}

describe("real time", () => {
  it("is the same history as virtual time, to the microsecond, however late the machine is", async () => {
    const virtual = new VirtualTime();
    const expected = scenario(virtual);
    virtual.runToEnd(1_000_000);
    const startMs = performance.now();
    const clock = new RealTime();
    const actual = scenario(clock);
    const whole = () => actual.every((mine, index) => mine.length === expected[index].length);
    while (!whole()) await new Promise(resolve => setImmediate(resolve));
    clock.stop();
    expect(actual).toEqual(expected);
    // And it took as long as it says, at least.
    expect(performance.now() - startMs).toBeGreaterThan(Math.max(...expected.flat()) / 1000 - 1);
  });

  it("comes to an end when it is told to", () => {
    const clock = new RealTime();
    clock.at(10, { due: () => expect.unreachable("the clock was stopped") }, 0);
    clock.stop();
    clock.enter(() => expect.unreachable("the clock was stopped"));
    expect(clock.nowUs).toBe(0);
  });
});

describe("a recording", () => {
  /** The fates of 200 packets up over a link that records them, and the recording. */
  function recorded(spec: LinkSpec, replayer?: Replayer): { fates: (number | null)[]; text: string } {
    const time = new VirtualTime();
    const link = new Link(time, spec, 3n, "recorded");
    let text = "";
    new Recorder(line => (text += line), "x").watch(link, 1);
    replayer?.script(link, 1);
    const fates: (number | null)[] = [];
    for (let index = 0; index < 200; index += 1) {
      time.at(
        index * 10_000,
        {
          due: () =>
            link.up.send({
              sizeBytes: 100,
              airBytes: 100,
              arrived: () => (fates[index] = time.nowUs - index * 10_000),
              dropped: () => (fates[index] = null),
              duplicated() {},
            }),
        },
        0,
      );
    }
    time.runToEnd(10_000);
    return { fates, text };
  }

  it("done again gives every packet what it got", () => {
    const original = recorded(LOSSY);
    expect(original.fates.filter(fate => fate === null).length).toBeGreaterThan(0);
    expect(new Set(original.fates).size).toBeGreaterThan(50);
    const again = recorded(both({}), new Replayer(original.text, "rec"));
    expect(again.fates).toEqual(original.fates);
    expect(again.text).toBe(original.text);
  });

  it.each([
    ["", "the recording has no packet"],
    ["{}", "no recording of a link"],
    ["nonsense", "line 1 is no JSON object"],
    ['{"kind":"perigee-link-recording","version":1}\n{"connection":0}', "line 2 is no packet"],
    [
      '{"kind":"perigee-link-recording","version":1}\n{"connection":1,"direction":"up","tookUs":-1}',
      "line 2 is no packet",
    ],
  ])("%j is refused", (text, message) => {
    expect(() => new Replayer(text, "rec")).toThrow(LinkError);
    expect(() => new Replayer(text, "rec")).toThrow(message);
  });
});

describe("an address", () => {
  it.each([
    ["127.0.0.1:1883", { host: "127.0.0.1", port: 1883 }],
    ["broker.example:1883", { host: "broker.example", port: 1883 }],
    ["1884", { host: "127.0.0.1", port: 1884 }],
    [":1884", { host: "127.0.0.1", port: 1884 }],
    ["[::1]:1884", { host: "::1", port: 1884 }],
  ])("%s", (text, address) => {
    expect(readAddress(text, "--to")).toEqual(address);
  });

  it.each(["", "broker", "a:b", "1:2:3", "x:65536", "::1"])("%j is refused", text => {
    expect(() => readAddress(text, "--to")).toThrow(`--to: an address is HOST:PORT, not "${text}"`);
  });
});
