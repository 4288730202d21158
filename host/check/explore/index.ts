/** What others use of the explorer. */
export { type ActionName, isAction } from "./actions.ts";
export { type Counterexample, type Exploration, explore, type Limits } from "./explore.ts";
export { CORE_SIZE, exploreWith } from "./parallel.ts";
export { SCENARIOS, type Settings } from "./settings.ts";
export { replay } from "./trace.ts";
