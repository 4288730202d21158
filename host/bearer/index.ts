/** Bearers of messages: what the command line and the tests use of this folder. */
export type { Mode } from "./client.ts";
export { bearerResult, bearerTable, bearerVerdict } from "./report.ts";
export { type BearerOptions, type BearerRow, type BearerRun, runBearer } from "./run.ts";
export { type BearerSpec, bearerSpec } from "./spec.ts";
