// A translator that forgets: what each end hears of it, and when.
import { describe, expect, it } from "vitest";
import { Link, type NatSpec, TcpConnection } from "../../../host/link/index.ts";
import { VirtualTime } from "../../../host/simulation/virtual-time.ts";

const S = 1_000_000;

/** A connection over 100 ms each way, open since 0.2 s, of which both ends note what they hear. */
function connect(nat?: NatSpec) {
  const time = new VirtualTime();
  const link = new Link(time, { up: { delay: { base: 100 } }, down: { delay: { base: 100 } }, nat }, 1n);
  const connection = new TcpConnection(time, link, { noDelay: true });
  const heard: string[] = [];
  for (const end of ["client", "server"] as const) {
    const note = (what: string) => heard.push(`${end} ${what} ${time.nowUs / S}`);
    connection[end].handler = {
      opened: () => note("opened"),
      received: (_bytes, _offset, size) => note(`received ${size} at`),
      closed: reason => note(reason),
    };
  }
  connection.client.connect();
  time.runUntil(1 * S);
  heard.length = 0;
  return { time, link, heard, ...connection };
}

const BYTES = new Uint8Array(10);

describe("an address translator", () => {
  it("lets pass what is never silent for longer than its timeout, either way", () => {
    const { time, heard, client, server } = connect({ timeout: "60s", onExpiry: "rst" });
    for (let turn = 1; turn <= 4; turn += 1) {
      time.runUntil(turn * 59 * S);
      (turn % 2 === 0 ? client : server).write(BYTES);
    }
    time.runUntil(300 * S);
    expect(heard).toEqual([
      ...["client received 10 at 59.1", "server received 10 at 118.1"],
      ...["client received 10 at 177.1", "server received 10 at 236.1"],
    ]);
  });

  it("with a reset tells whoever speaks first after that", () => {
    const up = connect({ timeout: "60s", onExpiry: "rst" });
    up.time.runUntil(100 * S);
    up.client.write(BYTES);
    up.time.runUntil(101 * S);
    expect(up.heard).toEqual(["client reset 100.2"]);
    const down = connect({ timeout: "60s", onExpiry: "rst" });
    down.time.runUntil(100 * S);
    const sent = down.link.down.statistics.packetCount;
    down.server.write(BYTES);
    down.time.runUntil(101 * S);
    expect(down.heard).toEqual(["server reset 100"]);
    // What the translator keeps back has cost no airtime.
    expect(down.link.down.statistics.packetCount).toBe(sent);
  });

  it("without a word leaves the connection half open until TCP gives up", () => {
    const { time, heard, client, server } = connect({ timeout: "60s", onExpiry: "silent" });
    time.runUntil(100 * S);
    client.write(BYTES);
    server.write(BYTES);
    time.runUntil(1000 * S);
    expect(heard).toEqual([]);
    expect([client.open, server.open]).toEqual([true, true]);
    time.runUntil(1200 * S);
    expect(heard.map(line => line.split(" ").slice(0, 2).join(" ")).sort()).toEqual([
      "client timed-out",
      "server timed-out",
    ]);
  });

  it("is not there unless it is asked for, and every connection has a mapping of its own", () => {
    const { time, heard, client } = connect();
    time.runUntil(10_000 * S);
    client.write(BYTES);
    time.runUntil(10_001 * S);
    expect(heard).toEqual(["server received 10 at 10000.1"]);
    const again = connect({ timeout: "60s", onExpiry: "silent" });
    again.time.runUntil(500 * S);
    const second = new TcpConnection(again.time, again.link, { noDelay: true });
    second.client.connect();
    again.time.runUntil(501 * S);
    expect(second.client.open).toBe(true);
  });
});
