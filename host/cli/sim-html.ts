/** The report of a simulation as a file: `perigee sim --html`. */
import type { Command } from "commander";
import { shortTime } from "../report/quantities.ts";
import { simulationReport } from "../report/simulation-report.ts";
import { reportText } from "../report/write.ts";
import type { Observed } from "../simulation/index.ts";
import { DEFAULT_INTERVAL, DEFAULT_PAYLOAD, type Plan, type SimFlags } from "./sim-plan.ts";

declare const PERIGEE_VERSION: string;

/** Throws SystemError where the build has no page. */
export function htmlOf(observed: Observed, plan: Plan, flags: SimFlags, command: string): string {
  const { options, figures, summary, replayed } = plan;
  const facts: [string, string][] = [
    ["sensors", flags.sensors],
    ["duration", shortTime(options.durationUs / 1000)],
    replayed === undefined ? ["a reading every", flags.interval ?? DEFAULT_INTERVAL] : ["replayed", replayed],
    ["payload", replayed === undefined ? `${flags.payload ?? DEFAULT_PAYLOAD} bytes` : "as recorded"],
    ["topic", options.topicOf(0)],
    ["TCP of the sensors", flags.tcp],
    ["keep-alive", `${flags.keepAlive} s`],
    ["window", `${flags.window} messages`],
    ["outbox", `${flags.outbox} bytes`],
  ];
  const version = typeof PERIGEE_VERSION === "string" ? PERIGEE_VERSION : "of the sources";
  return reportText(simulationReport(observed, options, { version, command, summary, figures, facts }), PAGE);
}

/** Beside the program, or, where this is not the program, in build/. */
const PAGE = new URL(import.meta.url.endsWith(".ts") ? "../../build/report.html" : "report.html", import.meta.url);

/** The command that these flags of `command` came from, without those that are as they would be anyway. */
export function commandOf(command: Command, flags: object): string {
  const given = command.options.flatMap(option => {
    const name = option.attributeName();
    const value = (flags as Record<string, unknown>)[name];
    const isSilent = value === undefined || value === option.defaultValue || ["json", "csv", "quiet"].includes(name);
    return isSilent ? [] : [option.long ?? "", ...(value === true ? [] : [quoted(String(value))])];
  });
  return ["perigee", command.name(), ...given].join(" ");
}

/** A word of a shell. */
function quoted(text: string): string {
  return /^[\w.,:/%+=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
