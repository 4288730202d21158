// The receiver's window: it grows with bulk, closes when the application takes nothing, is looked at while it is closed, and opens again.
import { describe, expect, it } from "vitest";
import { Link, parseSeed, TCP_PROFILES, TcpConnection, type TcpHandler } from "../../../host/link/index.ts";
import { LINUX_KEEP_ALIVE } from "../../../host/link/tcp/keep-alive.ts";
import { VirtualTime } from "../../../host/simulation/virtual-time.ts";
import { transfer } from "../bulk-peers.ts";

const ONE_WAY = { delay: { base: 100 } };

function world(profile: string, outage?: { start: string; end: string }) {
  const time = new VirtualTime();
  const windows = outage === undefined ? {} : { outage: { model: "windows" as const, windows: [outage] } };
  const link = new Link(time, { up: ONE_WAY, down: ONE_WAY, ...windows }, parseSeed(1), "window");
  const { client, server } = new TcpConnection(time, link, { client: profile, server: profile });
  const closed: string[] = [];
  const handler = (name: string, rest: Partial<TcpHandler> = {}): TcpHandler => ({
    opened() {},
    received() {},
    closed: reason => closed.push(`${name} ${reason}`),
    ...rest,
  });
  return { time, link, client, server, closed, handler };
}

function later(time: VirtualTime, us: number, action: () => void): void {
  time.at(us, { due: action }, 0);
}

describe("the receiver's window", () => {
  it("of Linux grows with bulk, and is no limit; lwIP's stays at four segments", () => {
    // Slow start from ten segments: 14.5, 29, 58, 116 kB, and the rest in the fifth round trip; the last half round trip is the way there.
    expect(transfer(300_000, { up: ONE_WAY, down: ONE_WAY }, 1).ms).toBe(900);
    const lwip = transfer(30_000, { up: ONE_WAY, down: ONE_WAY }, 1, { client: "lwip", server: "lwip" });
    // 5760 bytes a round trip at most.
    expect(lwip.ms).toBeGreaterThanOrEqual(Math.floor(30_000 / 5760) * 200);
  });

  it.each(Object.keys(TCP_PROFILES))(
    "of %s closes on a reader that takes nothing, and opens without losing a byte",
    name => {
      const { time, client, server, handler, closed } = world(name);
      const bytes = new Uint8Array(10_000_000);
      let [sent, waiting, most, received] = [0, 0, 0, 0];
      let reading = false;
      const pump = () => {
        sent += client.write(bytes, sent);
        if (sent === bytes.length) client.close();
      };
      client.handler = handler("client", { opened: pump, writable: pump });
      server.handler = handler("server", {
        received(_bytes, _offset, size) {
          received += size;
          if (reading) return;
          waiting += size;
          server.waitingBytes = waiting;
          most = Math.max(most, waiting);
        },
      });
      client.connect();
      let packetsWhenStill = 0;
      later(time, 300e6, () => {
        packetsWhenStill = client.statistics.packetCount;
        expect(client.open).toBe(name !== "linux" ? client.open : true);
      });
      later(time, 900e6, () => {
        expect(client.statistics.packetCount - packetsWhenStill).toBeGreaterThan(0);
        expect(client.statistics.packetCount - packetsWhenStill).toBeLessThan(20);
        expect(waiting).toBe(most);
        reading = true;
        server.waitingBytes = 0;
      });
      time.runToEnd(50_000_000);
      // What came before the application said that it takes nothing was offered again.
      expect(most).toBeLessThanOrEqual(TCP_PROFILES[name].largestReceiveWindowBytes + 1460);
      expect(received).toBe(bytes.length);
      expect(closed.sort()).toEqual(["client finished", "server finished"]);
    },
  );

  it("opens again although the segment that said so was lost", () => {
    const { time, client, server, handler, closed } = world("rfc6298", { start: "29s", end: "31s" });
    const bytes = new Uint8Array(100_000);
    let [sent, waiting, received] = [0, 0, 0];
    const pump = () => {
      sent += client.write(bytes, sent);
      if (sent === bytes.length) client.close();
    };
    client.handler = handler("client", { opened: pump, writable: pump });
    server.handler = handler("server", {
      received(_bytes, _offset, size) {
        received += size;
        if (time.nowUs < 30e6) waiting += size;
        server.waitingBytes = waiting;
      },
    });
    client.connect();
    later(time, 30e6, () => {
      waiting = 0;
      server.waitingBytes = 0;
    });
    time.runToEnd(1_000_000);
    expect(received).toBe(bytes.length);
    expect(closed.sort()).toEqual(["client finished", "server finished"]);
  });
});

describe("keep-alive", () => {
  it("is answered for as long as somebody is there", () => {
    const { time, client, server, handler, closed } = world("linux");
    client.handler = handler("client");
    server.handler = handler("server");
    server.askWhenIdle(LINUX_KEEP_ALIVE);
    client.connect();
    later(time, 20 * 3600e6, () => client.close());
    time.runToEnd(1_000_000);
    // Two hours after the last word each: nine probes in twenty hours, each answered; the rest is handshake and end.
    expect(server.statistics.packetCount).toBe(1 + 9 + 1);
    expect(closed.sort()).toEqual(["client finished", "server finished"]);
  });

  it("ends a half-open connection after nine questions", () => {
    const { time, client, server, handler, closed } = world("linux");
    client.handler = handler("client");
    server.handler = handler("server", { closed: reason => closed.push(`${reason} ${time.nowUs / 1e6}`) });
    server.askWhenIdle(LINUX_KEEP_ALIVE);
    client.connect();
    later(time, 1e6, () => client.vanish());
    time.runToEnd(1_000_000);
    expect(closed).toEqual([`timed-out ${0.3 + 7200 + 9 * 75}`]);
  });
});
