/**
 * What a seed draws: a fleet, and which faults there are at all, and how strong. A plan is data, so that it can be printed, reduced and
 * put into a test as it stands.
 *
 * That a seed has few kinds of faults and not all of them at once is on purpose: a fault that is always there hides what another one
 * alone would show.
 */
import { Broker, type BrokerOptions, type Connection, type Sink } from "../../broker/index.ts";
import { type LinkSpec, RandomStream, TCP_PROFILES, validateLink } from "../../link/index.ts";
import { type Qos, type RunOptions, SyntheticReadings } from "../../simulation/index.ts";
import { type Crash, drawCast, type Play, type Role } from "../cast/index.ts";

const MINUTE_US = 60e6;

/** One kind of fault, with what it needs to be had again. */
export type Fault =
  | { readonly kind: "delay" | "rate" | "loss" | "duplicate" | "corrupt" | "reorder" | "outage"; readonly link: object }
  /** The broker hangs up behind every so many packets of a connection. */
  | { readonly kind: "hang-up"; readonly period: number };

/** Instead of a fleet of sensors alone: clients of every kind, and a server that crashes. */
export interface CastPlan {
  readonly roles: readonly Role[];
  readonly durationS: number;
  readonly writeMs: number;
  readonly crashes: readonly Crash[];
}

export interface Plan {
  readonly seed: number;
  readonly cast?: CastPlan;
  readonly qos: Qos;
  readonly sensorCount: number;
  readonly minutes: number;
  readonly intervalSeconds: number;
  readonly payloadSize: number;
  readonly tcp: string;
  readonly keepAliveSeconds: number;
  readonly window: number;
  readonly outboxBytes: number;
  readonly faults: readonly Fault[];
}

/** How a broker is made for a plan; a test brings one that breaks a promise. */
export type NewBroker = (options: BrokerOptions) => Broker;

/** What `seed` draws, a whole number above 0. */
export function draw(seed: number): Plan {
  const random = new RandomStream(BigInt(seed), "swarm");
  const pick = <Value>(values: readonly Value[]): Value => values[random.below(values.length)];
  const share = (most: number) => (1 + random.below(1000)) / (1000 / most);
  const all: Fault[] = [
    { kind: "delay", link: { delay: { base: pick([20, 300, 900]), jitter: pick([0, 1, 20]) } } },
    { kind: "rate", link: { rate: { bps: pick([2400, 64_000, 1_000_000]) } } },
    {
      kind: "loss",
      link: {
        loss: pick([
          { model: "random", p: share(0.2) },
          { model: "gemodel", p: share(0.05), r: 0.1 + share(0.5) },
          { model: "gemodel", unit: "time", meanGood: "60s", meanBad: "2s", lossGood: 0, lossBad: 0.6 },
        ]),
      },
    },
    { kind: "duplicate", link: { duplicate: { p: share(0.05) } } },
    { kind: "corrupt", link: { corrupt: { p: share(0.05) } } },
    { kind: "reorder", link: { reorder: { p: share(0.05) } } },
    {
      kind: "outage",
      link: {
        outage: pick([
          { model: "on-off", meanOn: "4min", meanOff: "45s" },
          { model: "periodic", on: "3min", off: "100s" },
          { model: "windows", windows: [{ start: "2min", end: "8min" }] },
        ]),
      },
    },
    { kind: "hang-up", period: 3 + random.below(30) },
  ];
  const plan: Plan = {
    seed,
    qos: pick([0, 1, 2] as const),
    sensorCount: 1 + random.below(3),
    minutes: 4 + random.below(12),
    intervalSeconds: pick([1, 5, 15]),
    payloadSize: 8 + random.below(150),
    tcp: pick(Object.keys(TCP_PROFILES)),
    keepAliveSeconds: pick([0, 20, 60]),
    window: pick([1, 3, 8, 20]),
    outboxBytes: pick([512, 2048, 8192]),
    faults: all.filter(() => random.below(3) === 0),
  };
  if (random.below(3) === 0) return plan;
  const durationS = 20 + random.below(50);
  const crashes = Array.from({ length: pick([0, 0, 1, 2]) }, (_, index) => ({
    atS: 5 + index * 30 + random.below(durationS - 10),
    forS: 1 + random.below(8),
    isTorn: pick([true, false]),
  }));
  return { ...plan, cast: { roles: drawCast(random, durationS), durationS, writeMs: pick([0, 4, 25]), crashes } };
}

/** The cast of a plan as a play. Throws a LinkError where its links are none. */
export function playOf(plan: Plan, cast: CastPlan, newBroker: NewBroker = options => new Broker(options)): Play {
  const period = periodOf(plan);
  const minutes = cast.durationS / 60;
  return {
    ...cast,
    seed: BigInt(plan.seed),
    link: linkOf(plan),
    tcp: plan.tcp,
    newBroker: options => (period === undefined ? newBroker(options) : hangingUp(newBroker(options), period, minutes)),
  };
}

function periodOf({ faults }: Plan): number | undefined {
  return faults.find(fault => fault.kind === "hang-up")?.period;
}

function linkOf({ faults }: Plan): LinkSpec {
  return validateLink(
    Object.assign({ delay: { base: 1 } }, ...faults.map(fault => ("link" in fault ? fault.link : {}))),
  );
}

/** The plan as options of a run. Throws a LinkError where its links are none. */
export function optionsOf(plan: Plan, newBroker: NewBroker = options => new Broker(options)): RunOptions {
  const seed = BigInt(plan.seed);
  const period = periodOf(plan);
  return {
    link: linkOf(plan),
    sensorCount: plan.sensorCount,
    durationUs: plan.minutes * MINUTE_US,
    seed,
    readings: new SyntheticReadings(plan.intervalSeconds * 1e6, plan.payloadSize, seed),
    topicOf: sensor => `sensors/${sensor}`,
    tcp: TCP_PROFILES[plan.tcp],
    keepAliveSeconds: plan.keepAliveSeconds,
    window: plan.window,
    outboxBytes: plan.outboxBytes,
    newBroker: options =>
      period === undefined ? newBroker(options) : hangingUp(newBroker(options), period, plan.minutes),
  };
}

/** Makes `broker` hang up behind every `period` calls of a connection, while the fleet publishes. */
function hangingUp(broker: Broker, period: number, minutes: number): Broker {
  const sinks = new Map<Connection, Sink>();
  const counts = new Map<Connection, number>();
  const { connect, receive, closed } = broker;
  broker.connect = (nowMs, sink, ...rest) => {
    const connection = connect.call(broker, nowMs, sink, ...rest);
    sinks.set(connection, sink);
    return connection;
  };
  broker.receive = (connection, bytes, nowMs) => {
    receive.call(broker, connection, bytes, nowMs);
    const count = (counts.get(connection) ?? 0) + 1;
    counts.set(connection, count);
    // The subscriber is the observer: it is the first, and it is let be.
    if (connection === sinks.keys().next().value || count % period !== 0 || nowMs * 1000 > minutes * MINUTE_US) return;
    closed.call(broker, connection, nowMs);
    sinks.get(connection)?.close("hung up");
  };
  return broker;
}
