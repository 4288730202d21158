/**
 * The broker is killed with SIGKILL and started again under `perigee pub -q 2 -l -c`.
 *
 * mosquitto acknowledges first and writes to its disk later, so a kill in the middle loses what it had acknowledged, and
 * no client can help that. What a client owes is shown twice: end to end, where the broker was told to write before it is
 * killed; and in the middle of the stream, by the broker's own log.
 */
import { describe, expect, it } from "vitest";
import type { Running } from "../broker/real.ts";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { printed, startPerigee, startPerigeeOpen } from "./program.ts";

async function durable(): Promise<Mosquitto> {
  const mosquitto = new Mosquitto();
  mosquitto.settings.push("allow_anonymous true", "persistence true", `persistence_location ${mosquitto.directory}/`);
  await mosquitto.start();
  return mosquitto;
}

/** `line 0` and so on, as stdin takes them. */
function lines(start: number, end: number): string[] {
  return Array.from({ length: end - start }, (_, index) => `line ${start + index}`);
}

function type({ process: child }: Running, texts: string[]): void {
  child.stdin?.write(texts.map(text => `${text}\n`).join(""));
}

/** Identifiers in the lines of the log that match, in order. */
function ids(log: readonly string[], pattern: RegExp): number[] {
  return log.flatMap(line => {
    const match = pattern.exec(line);
    return match ? [Number(match[1])] : [];
  });
}

describe.runIf(havePeers("mosquitto"))("a broker that is killed", () => {
  it("and had written what it knew: every line arrives once, in order", async () => {
    const mosquitto = await durable();
    const at = ["-h", "127.0.0.1", "-p", `${mosquitto.port}`, "-t", "t", "-q", "2", "-c", "-d"];
    const reader = startPerigee(["sub", ...at, "-i", "reader", "-C", "150"]);
    await printed(reader, /Subscribed/);
    const writer = startPerigeeOpen(["pub", ...at, "-i", "writer", "-l"]);
    type(writer, lines(0, 50));
    await Promise.all([
      printed(writer, /received PUBCOMP \(Mid: 50,/),
      printed(reader, /sending PUBCOMP \(m50\)/),
      mosquitto.until(/Received PUBCOMP from reader/, 50),
    ]);
    await mosquitto.save();
    const lost = printed(writer, /Warning: .*; connecting again/);
    await mosquitto.kill();
    await lost;
    type(writer, lines(50, 100));
    const resumed = printed(reader, /line 99\n/);
    await mosquitto.start();
    await resumed;
    type(writer, lines(100, 150));
    writer.process.stdin?.end();
    const [wrote, read] = await Promise.all([writer.finished, reader.finished]);
    expect([wrote.code, read.code]).toEqual([0, 0]);
    expect(read.stdout.split("\n").filter(line => line.startsWith("line "))).toEqual(lines(0, 150));
  });

  it("in the middle: what it had not acknowledged is sent again, and what it had is not", async () => {
    const mosquitto = await durable();
    const count = 2_000;
    const window = 20;
    const at = ["-h", "127.0.0.1", "-p", `${mosquitto.port}`, "-t", "t", "-q", "2", "-c"];
    const writer = startPerigeeOpen(["pub", ...at, "-i", "writer", "-l", "-M", `${window}`]);
    type(writer, lines(0, count));
    await mosquitto.until(/Sending PUBREC to writer/, 500);
    await mosquitto.kill();
    const before = [...mosquitto.lines];
    await mosquitto.start();
    writer.process.stdin?.end();
    expect(await writer.finished).toMatchObject({ code: 0 });
    await mosquitto.until(/Received DISCONNECT from writer/);

    // Identifiers are given in the order of the lines: here they are the lines' numbers, from 1.
    const acknowledged = ids(before, /Sending PUBREC to writer \(m(\d+)/);
    const sentAgain = ids(mosquitto.lines, /Received PUBLISH from writer \(d\d, q2, r0, m(\d+)/);
    expect(acknowledged.length).toBeLessThan(count);
    // Acknowledgements that were on their way when the broker died.
    const unheard = acknowledged.filter(id => sentAgain.includes(id));
    expect(unheard.length).toBeLessThanOrEqual(window);
    expect(unheard).toEqual(acknowledged.slice(acknowledged.length - unheard.length));
    expect([...acknowledged.slice(0, acknowledged.length - unheard.length), ...sentAgain]).toEqual(
      Array.from({ length: count }, (_, index) => index + 1),
    );
  });
});
