/** A server that accepts and is of no use: ever longer waits, in virtual time, and an end where one was asked for. */
import { once } from "node:events";
import net from "node:net";
import { describe, expect, it } from "vitest";
import { Driver } from "../../host/client/driver.ts";
import type { DriverHandler } from "../../host/client/driver-handler.ts";
import { type ClientOptions, settle } from "../../host/client/options.ts";
import { onEnd } from "../broker/real.ts";
import { open } from "./open.ts";

const CONNACK = [0x20, 0x02, 0x00, 0x00];
/** A packet of type 0, which is reserved. */
const RUBBISH = [0x00, 0x00];

/** A server that answers each CONNECT with the same bytes `delayMs` later, and a clock that stops wherever somebody waits. */
class Rude implements DriverHandler {
  readonly driver: Driver;
  readonly openedAtMs: number[] = [];
  #nowMs = 0;
  #tasks: { atMs: number; run: () => void }[] = [];
  #isOpen = false;
  readonly #answer: readonly number[];
  readonly #delayMs: number;
  readonly #onWrite: ((bytes: Uint8Array) => number[]) | undefined;

  constructor(
    answer: readonly number[],
    options: { delayMs?: number; onWrite?: (bytes: Uint8Array) => number[]; client?: ClientOptions } = {},
  ) {
    this.#answer = answer;
    this.#delayMs = options.delayMs ?? 0;
    this.#onWrite = options.onWrite;
    this.driver = new Driver(settle({ seed: 7, backoffMaxMs: 64_000, ...options.client }), this);
    this.driver.connect(this.#nowMs);
  }

  /** Runs for so long, or until `count` connections were opened. */
  run(ms: number, count = Number.POSITIVE_INFINITY): void {
    while (this.#nowMs < ms && this.openedAtMs.length < count) {
      this.#tasks.sort((a, b) => a.atMs - b.atMs);
      const dueMs = this.#nowMs + (this.driver.nextTimeout(this.#nowMs) ?? ms);
      const task = this.#tasks[0];
      if (task !== undefined && task.atMs <= dueMs) {
        this.#tasks.shift();
        this.#nowMs = task.atMs;
        task.run();
      } else {
        this.#nowMs = dueMs;
        this.driver.timedOut(this.#nowMs);
      }
    }
  }

  open(): void {
    this.#later(0, () => {
      this.openedAtMs.push(this.#nowMs);
      this.#isOpen = true;
      this.driver.opened(this.#nowMs);
      this.#receive(0, CONNACK.slice(0, this.#answer.length > 0 ? 4 : 0));
      this.#receive(this.#delayMs, this.#answer.slice(4));
    });
  }

  close(): void {
    this.#later(0, () => {
      this.#isOpen = false;
      this.driver.closed(this.#nowMs);
    });
  }

  write(bytes: Uint8Array): number {
    const answer = this.#onWrite?.(Uint8Array.from(bytes)) ?? [];
    if (answer.length > 0) this.#receive(0, answer);
    return bytes.length;
  }

  connected(): void {}
  message(): void {}
  oversize(): void {}
  save(): void {}

  #receive(delayMs: number, bytes: readonly number[]): void {
    const connectionCount = this.openedAtMs.length;
    this.#later(delayMs, () => {
      if (bytes.length === 0 || !this.#isOpen || connectionCount !== this.openedAtMs.length) return;
      this.driver.received(Uint8Array.from(bytes), this.#nowMs);
    });
  }

  #later(ms: number, run: () => void): void {
    this.#tasks.push({ atMs: this.#nowMs + ms, run });
  }
}

/** The time between one connection and the next. */
function gaps({ openedAtMs }: Rude): number[] {
  return openedAtMs.slice(1).map((atMs, index) => atMs - openedAtMs[index]);
}

describe("the wait before the next attempt", () => {
  it.each([
    ["rubbish", RUBBISH],
    ["a second CONNACK", CONNACK],
  ])("doubles where the server accepts and then sends %s", (_what, bytes) => {
    const rude = new Rude([...CONNACK, ...bytes]);
    rude.run(3_600_000, 9);
    const waits = gaps(rude);
    expect(waits).toHaveLength(8);
    // The second half of each wait is drawn: 1, 2, 4, ... 64 s at most.
    for (const [index, ms] of waits.entries()) {
      const mostMs = Math.min(1_000 * 2 ** index, 64_000);
      expect(ms).toBeGreaterThanOrEqual(mostMs / 2);
      expect(ms).toBeLessThanOrEqual(mostMs);
    }
    expect(rude.driver.violationCount).toBe(8);
  });

  it("begins anew after a connection that lasted", () => {
    const rude = new Rude([...CONNACK, ...RUBBISH], { delayMs: 10_000 });
    rude.run(3_600_000, 5);
    for (const ms of gaps(rude)) expect(ms).toBeLessThanOrEqual(11_000);
  });

  it("begins anew after a connection over which something was acknowledged", () => {
    const acknowledge = (bytes: Uint8Array) => {
      if (bytes[0] >> 4 !== 3) return [];
      const idIndex = 4 + bytes[3];
      return [0x40, 0x02, bytes[idIndex], bytes[idIndex + 1], ...RUBBISH];
    };
    const rude = new Rude(CONNACK, { onWrite: acknowledge, client: { window: 1 } });
    const results: string[] = [];
    for (let count = 0; count < 4; count++) {
      rude.driver.publish("t", Buffer.from("x"), 1, false, {
        done: () => results.push("done"),
        failed: error => results.push(error.code),
      });
    }
    rude.run(60_000, 5);
    expect(results).toEqual(["done", "done", "done", "done"]);
    expect(gaps(rude)).toHaveLength(4);
    for (const ms of gaps(rude)) expect(ms).toBeLessThanOrEqual(1_000);
    expect(rude.driver.violationCount).toBe(1);
  });

  it("follows the time-out where a server accepts and then is silent, for as long as it is", () => {
    const silent = new Rude(CONNACK);
    const outcome: string[] = [];
    silent.driver.publish("t", Buffer.from("x"), 1, false, {
      done: () => outcome.push("done"),
      failed: error => outcome.push(error.code),
    });
    silent.run(700_000);
    expect(outcome).toEqual([]);
    for (const ms of gaps(silent)) {
      expect(ms).toBeGreaterThanOrEqual(60_500);
      expect(ms).toBeLessThanOrEqual(61_000);
    }
    expect(silent.driver.violationCount).toBe(0);
  });
});

describe("violationsMax", () => {
  it("ends the client with what the server did, and names the server", async () => {
    let count = 0;
    const server = net.createServer(socket => {
      count++;
      socket.on("error", () => {});
      socket.once("data", () => socket.write(Buffer.from([...CONNACK, ...RUBBISH])));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onEnd(() => server.close());
    const { port } = server.address() as net.AddressInfo;
    const client = await open(port, { violationsMax: 3 });
    const published = client.publish("t", "x", { qos: 1 });
    await expect(published).rejects.toMatchObject({
      code: "UNEXPECTED_TYPE",
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
    expect(count).toBe(3);
  });
});
