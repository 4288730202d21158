/** What others use of the swarm. */
export { draw, type Fault, type NewBroker, optionsOf, type Plan } from "./plan.ts";
export { reduce, regressionTest } from "./reduce.ts";
export { MARKS, type Mark, type Outcome, runPlan, runSeeds, type Summary } from "./swarm.ts";
