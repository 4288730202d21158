/**
 * A failing plan made smaller while it still fails: first without each of its faults, then with fewer clients and less time. What
 * is left are the faults that matter, and a run that a person can read.
 */
import type { Role } from "../cast/index.ts";
import type { CastPlan, NewBroker, Plan } from "./plan.ts";
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
  const smaller: Plan[] = without(plan.faults).map(faults => ({ ...plan, faults }));
  if (plan.cast !== undefined) return [...smaller, ...smallerCasts(plan.cast).map(cast => ({ ...plan, cast }))];
  if (plan.sensorCount > 1) smaller.push({ ...plan, sensorCount: 1 }, { ...plan, sensorCount: plan.sensorCount - 1 });
  if (plan.minutes > 1) smaller.push({ ...plan, minutes: Math.ceil(plan.minutes / 2) });
  if (plan.window > 1) smaller.push({ ...plan, window: 1 });
  return smaller;
}

/** A cast with a client, a crash, a stream or an absence less, or with a shorter play. */
function smallerCasts(cast: CastPlan): CastPlan[] {
  const { roles, crashes, durationS } = cast;
  // The witness is the first, and it is what the checkers see by.
  const fewer = without(roles)
    .slice(1)
    .map(left => ({ ...cast, roles: left }));
  const simpler = roles.flatMap((role, index) => {
    const instead = (change: Partial<Role>) => ({ ...cast, roles: roles.with(index, { ...role, ...change }) });
    return [
      ...without(role.streams).map(streams => instead({ streams })),
      ...without(role.filters).map(filters => instead({ filters })),
      ...without(role.acts)
        .slice(1)
        .map(acts => instead({ acts })),
      ...(role.will === undefined ? [] : [instead({ will: undefined })]),
    ];
  });
  const shorter = durationS > 10 ? [{ ...cast, durationS: Math.ceil(durationS / 2) }] : [];
  return [...fewer, ...without(crashes).map(left => ({ ...cast, crashes: left })), ...shorter, ...simpler];
}

/** The list without each of its items in turn. */
function without<Item>(items: readonly Item[]): Item[][] {
  return items.map((_item, index) => items.filter((_other, other) => other !== index));
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
