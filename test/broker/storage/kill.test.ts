/** SIGKILL at any moment, under load: nothing that was acknowledged is lost, and nothing of QoS 2 comes twice. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { printed, startPerigee } from "../../cli/program.ts";
import { EFFORT } from "../../effort.ts";
import { onEnd, type Running } from "../real.ts";
import { Publisher, Subscriber } from "./load.ts";

const KILL_COUNT = EFFORT === 1 ? 5 : 100;

/** A generator that a seed starts (xorshift). */
function randomOf(seed: number): (count: number) => number {
  let state = seed;
  return count => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % count;
  };
}

async function killed({ process, finished }: Running): Promise<void> {
  process.kill("SIGKILL");
  await finished;
}

describe("a broker that is killed", () => {
  it(`${KILL_COUNT} times under load keeps its promises`, { timeout: 120_000 + 15_000 * KILL_COUNT }, async () => {
    const seed = Number(process.env.PERIGEE_SEED ?? Date.now() & 0x7fff_ffff) || 1;
    const random = randomOf(seed);
    console.log(`seed ${seed}`);
    const folder = mkdtempSync(join(tmpdir(), "perigee-"));
    const path = join(folder, "s");
    const conf = join(folder, "conf");
    const store = `persistence true\npersistence_location ${folder}\n`;
    writeFileSync(
      conf,
      `listener 0 ${path}\nallow_anonymous true\nmax_queued_messages 0\nmax_queued_bytes 0\n${store}`,
    );
    const boot = async () => {
      const running = startPerigee(["broker", "-c", conf]);
      await printed(running, /running on/);
      return running;
    };
    const subscriber = new Subscriber("subscriber");
    const publishers = [1, 1, 2, 2].map((qos, index) => new Publisher(`p${index}q${qos}`, qos as 1 | 2));
    onEnd(() => [subscriber, ...publishers].map(peer => peer.close()));

    let broker = await boot();
    await subscriber.connect(path);
    await subscriber.subscribe();
    for (let round = 0; round < KILL_COUNT; round++) {
      // Some rounds the subscriber is away, and messages queue.
      if (round > 0 && random(3) > 0) await subscriber.connect(path);
      let leftCount = 1 + random(400);
      const isEnough = new Promise<void>(resolve => {
        for (const publisher of publishers) publisher.onAcknowledged = () => leftCount-- === 0 && resolve();
      });
      await Promise.all(publishers.map(publisher => publisher.connect(path)));
      await isEnough;
      await killed(broker);
      for (const peer of [subscriber, ...publishers]) peer.close();
      broker = await boot();
    }

    await subscriber.connect(path);
    const isDone = () => publishers.every(({ isIdle }) => isIdle);
    const idle = new Promise<void>(resolve => {
      for (const publisher of publishers) {
        publisher.isStopped = true;
        publisher.onAcknowledged = () => isDone() && resolve();
      }
    });
    await Promise.all(publishers.map(publisher => publisher.connect(path)));
    if (!isDone()) await idle;
    const wanted = publishers.flatMap(({ clientId, acknowledged }) =>
      [...acknowledged].map(one => `${clientId}:${one}`),
    );
    const isComplete = () => wanted.every(text => subscriber.counts.has(text));
    await new Promise<void>((resolve, reject) => {
      const look = () => isComplete() && resolve();
      subscriber.onMessage = look;
      look();
      setTimeout(
        () => reject(new Error(`lost: ${wanted.filter(text => !subscriber.counts.has(text))}`)),
        60_000,
      ).unref();
    });
    const twice = [...subscriber.counts].filter(([text, count]) => count > 1 && text.includes("q2:"));
    expect(twice, `seed ${seed}`).toEqual([]);
    expect(wanted.length).toBeGreaterThan(KILL_COUNT);
    await killed(broker);
  });
});
