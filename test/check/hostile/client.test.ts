/**
 * Every wrong packet as the answer to every packet of the client, in virtual time: the client closes where it must, says why, and on its
 * next connection brings everything to its end, QoS 2 exactly once.
 */
import { describe, expect, it } from "vitest";
import type { Broker } from "../../../host/broker/index.ts";
import {
  HostileConnection,
  honestBroker,
  type Level,
  type Plan,
  POINTS,
  type Point,
  plans,
} from "../../../host/check/hostile/index.ts";
import { Driver } from "../../../host/client/driver.ts";
import type { DriverHandler } from "../../../host/client/driver-handler.ts";
import type { Message } from "../../../host/client/message.ts";
import { settle } from "../../../host/client/options.ts";

/** Longer than a keep-alive, a time-out and every back-off of the client together. */
const BOUND_MS = 600_000;

/** What the clients of one test share: a broker, a clock, and what is to happen at this time. */
class Scene {
  readonly broker: Broker = honestBroker();
  readonly tasks: (() => void)[] = [];
  readonly victims: Victim[] = [];
  nowMs = 0;

  client(clientId: string, plan: Plan | null, level: Level = 4): Victim {
    const victim = new Victim(this, clientId, plan, level);
    this.victims.push(victim);
    victim.driver.connect(this.nowMs);
    this.run();
    return victim;
  }

  run(): void {
    for (let task = this.tasks.shift(); task !== undefined; task = this.tasks.shift()) task();
  }

  /** Lets time pass for everybody. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      const waits = this.victims.map(({ driver }) => driver.nextTimeout(this.nowMs) ?? Number.POSITIVE_INFINITY);
      const next = Math.min(endMs, this.broker.nextTimeout(), this.nowMs + Math.min(...waits));
      this.nowMs = Math.max(this.nowMs, next);
      this.broker.advance(this.nowMs);
      for (const { driver } of this.victims) driver.timedOut(this.nowMs);
      this.run();
    }
  }
}

/** A client and its transports, of which the first meets the fault. */
class Victim implements DriverHandler {
  readonly driver: Driver;
  readonly payloads: string[] = [];
  readonly outcomes: string[] = [];
  readonly reasons: string[] = [];
  isStruck = false;
  /** Connections that the client has closed. */
  closeCount = 0;
  readonly #scene: Scene;
  readonly #plan: Plan | null;
  #connection: HostileConnection | null = null;

  constructor(scene: Scene, clientId: string, plan: Plan | null, protocolVersion: Level) {
    this.#scene = scene;
    this.#plan = plan;
    const options = {
      protocolVersion,
      clientId,
      clean: false,
      keepAliveSeconds: 30,
      receiveSize: 256,
      outboxSize: 1024,
      seed: 7,
    };
    this.driver = new Driver(settle(options), this);
  }

  request(kind: "subscribe" | "unsubscribe", list: number[]): void {
    this.driver.request(kind, Buffer.from(list), {
      done: () => this.outcomes.push(kind),
      failed: error => this.outcomes.push(error.code),
    });
    this.driver.proceed(this.#scene.nowMs);
    this.#scene.run();
  }

  publish(topic: string, text: string, qos: 0 | 1 | 2): void {
    this.driver.publish(topic, Buffer.from(text), qos, false, {
      done: () => this.outcomes.push(text),
      failed: error => this.outcomes.push(error.code),
    });
    this.driver.proceed(this.#scene.nowMs);
    this.#scene.run();
  }

  open(): void {
    const plan = this.isStruck ? null : this.#plan;
    this.#scene.tasks.push(() => {
      const connection: HostileConnection = new HostileConnection(
        this.#scene.broker,
        plan,
        {
          send: bytes => {
            // Only lent.
            const copy = Uint8Array.from(bytes);
            this.#later(connection, () => this.driver.received(copy, this.#scene.nowMs));
          },
          close: () => this.#later(connection, () => this.#end(connection)),
        },
        this.#scene.nowMs,
      );
      this.#connection = connection;
      this.driver.opened(this.#scene.nowMs);
    });
  }

  close(): void {
    const connection = this.#connection;
    if (connection !== null) this.closeCount += 1;
    this.reasons.push(this.driver.reason?.code ?? "none");
    this.#scene.tasks.push(() => this.#end(connection));
  }

  write(bytes: Uint8Array): number {
    const copy = Uint8Array.from(bytes);
    this.#later(this.#connection, () => {
      this.#connection?.received(copy, this.#scene.nowMs);
      this.isStruck ||= this.#connection?.isStruck === true;
    });
    return copy.length;
  }

  connected(): void {}

  oversize(): void {}

  save(): void {}

  message(message: Message): void {
    this.payloads.push(message.payload.toString());
  }

  #later(connection: HostileConnection | null, task: () => void): void {
    this.#scene.tasks.push(() => this.#connection === connection && task());
  }

  #end(connection: HostileConnection | null): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    connection?.closed(this.#scene.nowMs);
    this.driver.closed(this.#scene.nowMs);
  }
}

/** All that a client does in its life, with a fault on the way; and who hears it, and whom it hears. */
function live(plan: Plan, level: Level): { victim: Victim; other: Victim } {
  const scene = new Scene();
  const list = (topic: string, ...rest: number[]) => [0, topic.length, ...Buffer.from(topic), ...rest];
  const other = scene.client("other", null);
  other.request("subscribe", list("up", 2));
  const victim = scene.client("victim", plan, level);
  victim.request("subscribe", list("down", 2));
  scene.advance(10_000);
  for (const qos of [0, 1, 2] as const) {
    victim.publish("up", `up${qos}`, qos);
    if (qos > 0) other.publish("down", `down${qos}`, qos);
    scene.advance(10_000);
  }
  scene.advance(100_000);
  victim.request("unsubscribe", list("never"));
  scene.advance(BOUND_MS);
  return { victim, other };
}

const ALL = plans(Object.keys(POINTS) as Point[]);

const LEVELS: readonly Level[] = [4, 5];

describe.each(LEVELS.flatMap(level => (Object.keys(POINTS) as Point[]).map(point => [point, level] as const)))(
  "a wrong answer to %s, level %i",
  (point, level) => {
    const here = ALL.filter(plan => plan.point === point);

    it.each(here.map(plan => [plan.wrong.name, plan] as const))("%s", (_name, plan) => {
      const { victim, other } = live(plan, level);
      expect(victim.isStruck).toBe(true);
      if (plan.wrong.mustClose) {
        expect(victim.closeCount).toBe(1);
        expect(victim.reasons[0]).toMatch(/^(MALFORMED|UNEXPECTED)_/);
      } else {
        expect(victim.reasons).toEqual([]);
      }
      // Then a healthy broker: everything is at its end, and nothing was lost or doubled on the way.
      expect(victim.driver.isConnected).toBe(true);
      expect(victim.driver.isBusy).toBe(false);
      expect([...victim.outcomes].sort()).toEqual(["subscribe", "unsubscribe", "up0", "up1", "up2"]);
      expect(other.payloads.filter(text => text === "up2")).toEqual(["up2"]);
      expect(other.payloads).toContain("up1");
      expect(victim.payloads.filter(text => text === "down2")).toEqual(["down2"]);
      expect(victim.payloads).toContain("down1");
    });
  },
);
