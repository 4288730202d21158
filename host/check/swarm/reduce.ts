/**
 * A failing plan made smaller while it still fails: first without each of its faults, then with fewer sensors and less time. What
 * is left are the faults that matter, and a run that a person can read.
 */
import type { NewBroker, Plan } from "./plan.ts";
import { type Outcome, runPlan } from "./swarm.ts";

/** The smallest failing plan that leaving out and halving lead to, and what it breaks. */
export function reduce(failing: Outcome, newBroker?: NewBroker): Outcome {
  let smallest = failing;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of candidates(smallest.plan)) {
      const outcome = runPlan(candidate, newBroker);
      if (outcome.broken.length === 0) continue;
      smallest = outcome;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

/** Plans a step smaller, those that leave most out first. */
function candidates(plan: Plan): Plan[] {
  const smaller: Plan[] = plan.faults.map((_fault, index) => ({
    ...plan,
    faults: plan.faults.filter((_other, other) => other !== index),
  }));
  if (plan.sensorCount > 1) smaller.push({ ...plan, sensorCount: 1 }, { ...plan, sensorCount: plan.sensorCount - 1 });
  if (plan.minutes > 1) smaller.push({ ...plan, minutes: Math.ceil(plan.minutes / 2) });
  if (plan.window > 1) smaller.push({ ...plan, window: 1 });
  return smaller;
}

/** A test that fails as long as the plan does, ready to be put beside the others. */
export function regressionTest({ plan, broken }: Outcome): string {
  const data = JSON.stringify(plan, null, 2).split("\n").join("\n  ");
  return `// ${broken[0]}
test("seed ${plan.seed}, reduced to ${plan.faults.map(({ kind }) => kind).join(", ") || "no fault"}", () => {
  const plan: Plan = ${data};
  expect(runPlan(plan).broken).toEqual([]);
});
`;
}
