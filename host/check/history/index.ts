/** What others use of the histories and their checkers. */
export { checkHistory, nobodyStays } from "./check.ts";
export type * from "./event.ts";
export { NEVER_S } from "./event.ts";
export { HistoryError, readHistory } from "./read.ts";
