/**
 * What 5.0 promises through cuts of the link and of the power, with aliases both ways and a server that forgets sometimes:
 * every message of QoS 1 arrives, each with its own topic. The server is played by the test, from the bytes it is sent.
 */
import fc from "fast-check";
import { type Packet, parser } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { EFFORT } from "../../effort.ts";
import { type CoreBuild, coreBuilds } from "../builds.ts";
import { Endpoint5 } from "./endpoint5.ts";

const builds = await coreBuilds();
const OPTIONS = { isDurable: true, outbox: 200, aliasesOut: 64 };
const CONNECT = { properties: [0x11, 0, 0, 1, 0] };

type Step = readonly [name: "publish" | "answer" | "cut" | "powerCut", value: number];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant("publish" as const), fc.nat({ max: 3 })) },
  { weight: 6, arbitrary: fc.tuple(fc.constant("answer" as const), fc.nat({ max: 3 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("cut" as const), fc.nat({ max: 3 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("powerCut" as const), fc.nat({ max: 3 })) },
);

/** A client, and a server that takes note of what it is sent. */
class Exchange {
  client: Endpoint5;
  /** Payloads that the client has taken on, and what of them has come, with their topics. */
  readonly accepted = new Set<string>();
  readonly arrived = new Map<string, string>();
  #aliases = new Map<number, string>();
  #unanswered: number[] = [];
  #maximum = 2;
  #count = 0;

  constructor(build: CoreBuild) {
    this.client = new Endpoint5(build, OPTIONS).online(CONNECT, [0x22, 0, this.#maximum]);
  }

  publish(kind: number): void {
    this.#count += 1;
    const text = `${kind}:${this.#count}`;
    if (this.client.publish(`topic/${kind}`, text, 1) > 0) this.accepted.add(text);
    this.take();
  }

  /** The server acknowledges some of what has come. */
  answer(count: number): void {
    for (const id of this.#unanswered.splice(0, count + 1)) this.client.serve(0x40, id >> 8, id & 0xff);
    this.take();
  }

  cut(maximum: number): void {
    this.#begin(maximum);
    this.client.reconnect([0x22, 0, maximum], maximum !== 3);
    this.take();
  }

  powerCut(maximum: number): void {
    this.#begin(maximum);
    const { endpoint, answer } = this.client.restart();
    expect(answer).toBe(0);
    this.client = endpoint;
    this.client.online(CONNECT, [0x22, 0, maximum], true);
    this.take();
  }

  take(): void {
    const reader = parser({ protocolVersion: 5 });
    reader.on("packet", (packet: Packet) => {
      if (packet.cmd !== "publish") throw new Error(`unexpected ${packet.cmd}`);
      const alias = packet.properties?.topicAlias ?? 0;
      expect(alias).toBeLessThanOrEqual(this.#maximum);
      if (alias > 0 && packet.topic !== "") this.#aliases.set(alias, packet.topic);
      const topic = packet.topic === "" ? this.#aliases.get(alias) : packet.topic;
      this.arrived.set(packet.payload.toString(), topic ?? "nothing");
      this.#unanswered.push(packet.messageId as number);
    });
    reader.on("error", error => {
      throw error;
    });
    reader.parse(Buffer.from(this.client.takeBytes()));
  }

  /** Until all is answered. */
  finish(): void {
    for (let turn = 0; turn < 100 && this.client.core.outboxUsed(this.client.client) > 0; turn++) {
      if (this.#unanswered.length === 0) this.cut(2);
      this.answer(100);
    }
  }

  #begin(maximum: number): void {
    this.client.takeBytes();
    this.#aliases = new Map();
    this.#unanswered = [];
    this.#maximum = maximum;
  }
}

describe.each(builds)("a session of 5.0, $name", build => {
  it("keeps its promise through cuts of the link and of the power, by aliases and without", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), script => {
        const exchange = new Exchange(build);
        for (const [name, value] of script) exchange[name](value);
        exchange.finish();
        for (const text of exchange.accepted) expect([text, exchange.arrived.has(text)]).toEqual([text, true]);
        for (const [text, topic] of exchange.arrived) expect(topic).toBe(`topic/${text[0]}`);
        expect(exchange.client.core.inFlight(exchange.client.client)).toBe(0);
      }),
      { numRuns: (build.isGuarded ? 25 : 80) * EFFORT },
    );
  });
});
