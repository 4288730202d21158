/**
 * Seeds run one after another: each is checked, and each leaves marks. A mark is a state that must be reached now and then; a swarm
 * in which one of them never is proves less than it seems, and fails.
 */
import { createHash } from "node:crypto";
import { rowOf, run } from "../../simulation/index.ts";
import { CAST_MARKS, type CastMark, marksOf, perform } from "../cast/index.ts";
import type { HistoryEvent } from "../history/index.ts";
import { type CastPlan, draw, type NewBroker, optionsOf, type Plan, playOf } from "./plan.ts";

/** What a run is asked for afterwards; every one of them must be answered with yes by some seed. */
export type Mark =
  | "reconnected"
  | "retransmitted"
  | "lost at QoS 0"
  | "delivered at QoS 2 over a reconnect"
  | "outbox full"
  | "no fault at all"
  | "four faults or more"
  | "hung up on"
  | "out for longer than the keep-alive"
  | CastMark;

export const MARKS: readonly Mark[] = [
  "reconnected",
  "retransmitted",
  "lost at QoS 0",
  "delivered at QoS 2 over a reconnect",
  "outbox full",
  "no fault at all",
  "four faults or more",
  "hung up on",
  "out for longer than the keep-alive",
  ...CAST_MARKS,
];

/** What one plan has shown. */
export interface Outcome {
  readonly plan: Plan;
  /** Broken promises in words; empty where all are kept. */
  readonly broken: readonly string[];
  /** Of its event log. */
  readonly hash: string;
  readonly marks: ReadonlySet<Mark>;
  /** Of a cast: what its clients did and saw. */
  readonly history?: readonly HistoryEvent[];
}

/** Runs one plan. */
export function runPlan(plan: Plan, newBroker?: NewBroker): Outcome {
  if (plan.cast !== undefined) return runCast(plan, plan.cast, newBroker);
  const result = run(optionsOf(plan, newBroker), plan.qos);
  const row = rowOf(result);
  const { finding, history, pendingCount } = result;
  const broken = finding.violations.map(({ promise, text }) => `${promise}: ${text}`);
  if (finding.count > 0 && broken.length === 0) broken.push(`${finding.count} promises were broken`);
  if (pendingCount > 0)
    broken.push(`liveness: ${pendingCount} messages still pending an hour after the link had healed`);
  if (plan.qos > 0 && row.lost !== history.refusedCount) {
    broken.push(`accounting: ${row.lost} lost, and ${history.refusedCount} refused by a full outbox`);
  }
  const kinds = new Set(plan.faults.map(({ kind }) => kind));
  const marks = new Set<Mark>();
  const mark = (name: Mark, isReached: boolean) => isReached && marks.add(name);
  mark("reconnected", row.reconnects > 0);
  mark("retransmitted", row.retransmissions > 0);
  mark("lost at QoS 0", plan.qos === 0 && row.lost > history.refusedCount);
  mark("came twice at QoS 1", plan.qos === 1 && row.duplicates > 0);
  mark("delivered at QoS 2 over a reconnect", plan.qos === 2 && row.delivered > 0 && row.reconnects > 0);
  mark("outbox full", history.refusedCount > 0);
  mark("no fault at all", kinds.size === 0);
  mark("four faults or more", kinds.size >= 4);
  mark("hung up on", kinds.has("hang-up") && row.reconnects > 0);
  mark("out for longer than the keep-alive", kinds.has("outage") && plan.keepAliveSeconds > 0 && row.reconnects > 0);
  return { plan, broken, hash: result.hash, marks };
}

function runCast(plan: Plan, cast: CastPlan, newBroker?: NewBroker): Outcome {
  const performance = perform(playOf(plan, cast, newBroker));
  const hash = createHash("sha256");
  for (const event of performance.history) hash.update(JSON.stringify(event));
  return {
    plan,
    broken: performance.broken.map(({ promise, text }) => `${promise}: ${text}`),
    hash: hash.digest("hex"),
    marks: marksOf(performance),
    history: performance.history,
  };
}

export interface Summary {
  readonly seedCount: number;
  /** The first seed that broke a promise. */
  readonly failure: Outcome | null;
  /** Marks that no seed has reached. */
  readonly missing: readonly Mark[];
  /** Over the event logs of all seeds. */
  readonly hash: string;
}

/** Runs `count` seeds from `first` on, until one breaks a promise; `progress` is told how many are through. */
export function runSeeds(
  first: number,
  count: number,
  progress?: (done: number) => void,
  newBroker?: NewBroker,
): Summary {
  const hash = createHash("sha256");
  const reached = new Set<Mark>();
  for (let index = 0; index < count; index += 1) {
    const outcome = runPlan(draw(first + index), newBroker);
    hash.update(outcome.hash);
    for (const mark of outcome.marks) reached.add(mark);
    if (outcome.broken.length > 0) {
      return { seedCount: index + 1, failure: outcome, missing: [], hash: hash.digest("hex") };
    }
    progress?.(index + 1);
  }
  const missing = MARKS.filter(mark => !reached.has(mark));
  return { seedCount: count, failure: null, missing, hash: hash.digest("hex") };
}
