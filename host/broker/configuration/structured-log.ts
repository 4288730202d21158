/**
 * The log for programs and for terminals: a JSON object a line (pino), or the same in colour (pino-pretty). The levels are
 * mosquitto's log_type; `rule` is the statement or the limit that a line names, so that a search finds who breaks what.
 */
import type { LogLevel } from "../options.ts";

export const LOG_FORMATS = ["mosquitto", "json", "pretty"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** By weight, as pino counts. */
const LEVELS: Record<LogLevel, number> = {
  debug: 20,
  unsubscribe: 24,
  subscribe: 25,
  information: 30,
  notice: 35,
  warning: 40,
  error: 50,
};
const COLORS: Record<LogLevel, string> = {
  debug: "gray",
  unsubscribe: "gray",
  subscribe: "gray",
  information: "blue",
  notice: "green",
  warning: "yellow",
  error: "red",
};

const STDERR = 2;

/** Writes lines to standard error. The libraries are loaded by those alone who want them. */
export async function openStructuredLog(format: "json" | "pretty"): Promise<(level: LogLevel, line: string) => void> {
  const { pino } = await import("pino");
  const options = {
    customLevels: LEVELS,
    useOnlyCustomLevels: true,
    level: "debug",
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // Written at once: the last lines before an end are those that matter.
  const stream = format === "json" ? pino.destination({ dest: STDERR, sync: true }) : await prettyStream();
  const logger = pino(options, stream);
  return (level, line) => {
    const rule = /\[([^\]]+)\] /.exec(line)?.[1];
    if (rule === undefined) logger[level](line);
    else logger[level]({ rule }, line);
  };
}

async function prettyStream() {
  const { default: pretty } = await import("pino-pretty");
  return pretty({
    destination: STDERR,
    sync: true,
    colorize: process.stderr.isTTY === true,
    customColors: COLORS,
    customLevels: LEVELS,
    useOnlyCustomProps: false,
    translateTime: "SYS:HH:MM:ss.l",
    // The line has it already.
    ignore: "rule",
  });
}
