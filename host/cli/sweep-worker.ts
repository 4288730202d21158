/** A thread of `perigee sweep`: the pool gives it cases, and it answers each with its row. */
import { simulate } from "../simulation/index.ts";
import { type Outcome, planOfCase, type Task } from "./sweep-plan.ts";

export default function outcomeOf({ index, case: each, ground }: Task): Outcome {
  try {
    const { options, qos } = planOfCase(each, ground);
    const { result, runs } = simulate(options, [qos]);
    const { finding, pendingCount } = runs[0];
    if (finding.count > 0) return { index, error: `a promise was broken: ${finding.violations[0]?.text}` };
    if (pendingCount > 0)
      return { index, error: `${pendingCount} messages still pending an hour after the link had healed` };
    return { index, row: result.rows[0], hash: result.hash };
  } catch (error) {
    return { index, error: (error as Error).message };
  }
}
