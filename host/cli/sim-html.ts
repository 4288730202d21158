/** The report of a simulation as a file: `perigee sim --html`. */
import { shortTime } from "../report/quantities.ts";
import { simulationReport } from "../report/simulation-report.ts";
import { reportText } from "../report/write.ts";
import type { Observed } from "../simulation/index.ts";
import { PAGE, VERSION } from "./report-page.ts";
import { DEFAULT_INTERVAL, DEFAULT_PAYLOAD, type Plan, type SimFlags } from "./sim-plan.ts";

/** The file's text. */
export function htmlOf(observed: Observed, plan: Plan, flags: SimFlags, command: string): string {
  const { options, figures, summary, replayed } = plan;
  const facts: [string, string][] = [
    ["sensors", flags.sensors],
    ["duration", shortTime(options.durationUs / 1000)],
    replayed === undefined ? ["a reading every", flags.interval ?? DEFAULT_INTERVAL] : ["replayed", replayed],
    ["payload", replayed === undefined ? `${flags.payload ?? DEFAULT_PAYLOAD} bytes` : "as recorded"],
    ["topic", options.topicOf(0)],
    ["TCP of the sensors", flags.tcp],
    ["keep-alive", `${options.keepAliveSeconds} s`],
    ["window", `${flags.window} messages`],
    ["outbox", `${flags.outbox} bytes`],
  ];
  return reportText(simulationReport(observed, options, { version: VERSION, command, summary, figures, facts }), PAGE);
}
