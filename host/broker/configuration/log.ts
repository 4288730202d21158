/**
 * Where log lines go and which: log_dest, log_type, log_timestamp, log_timestamp_format, connection_messages.
 */
import { appendFileSync } from "node:fs";
import { isOfConnection } from "../log.ts";
import type { LogLevel } from "../options.ts";
import type { Settings } from "./parse.ts";
import { type LogFormat, openStructuredLog } from "./structured-log.ts";
import { formatTime } from "./timestamp.ts";
import type { LogDestination } from "./values.ts";

const DEFAULT_LEVELS: readonly LogLevel[] = ["error", "warning", "notice", "information"];
const ALL_LEVELS: readonly LogLevel[] = [...DEFAULT_LEVELS, "debug", "subscribe", "unsubscribe"];

export class Log {
  #levels = new Set<LogLevel>(DEFAULT_LEVELS);
  #destinations: readonly LogDestination[] = [{ kind: "stderr" }];
  #hasTime = true;
  #timeFormat: string | undefined;
  #hasConnections = true;
  readonly #isVerbose: boolean;
  #faultyPath: string | undefined;
  /** Instead of mosquitto's form on stderr. */
  #structured: ((level: LogLevel, line: string) => void) | undefined;

  /** `isVerbose`: every level, to stderr, whatever the file says. */
  constructor(isVerbose: boolean) {
    this.#isVerbose = isVerbose;
    if (isVerbose) this.#levels = new Set(ALL_LEVELS);
  }

  /** How lines on stderr look; files and stdout keep mosquitto's form. */
  async use(format: LogFormat): Promise<void> {
    this.#structured = format === "mosquitto" ? undefined : await openStructuredLog(format);
  }

  /** A line a packet is wanted. */
  get hasDebug(): boolean {
    return this.#levels.has("debug");
  }

  /** Takes the keys; returns a line for each destination that is not offered. */
  configure({ general }: Settings): string[] {
    const types = general.all<LogLevel | "none" | "all">("log_type");
    const named = types.length === 0 ? DEFAULT_LEVELS : types.includes("all") ? ALL_LEVELS : types;
    this.#levels = new Set(this.#isVerbose ? ALL_LEVELS : (named as readonly LogLevel[]));
    const given = general.all<LogDestination>("log_dest");
    const offered = given.filter(({ kind }) => !["syslog", "topic", "dlt"].includes(kind));
    const isDefault = this.#isVerbose || given.length === 0;
    // Where nothing is left the log goes where a service manager finds it: nobody has asked for silence.
    this.#destinations = isDefault || offered.length === 0 ? [{ kind: "stderr" }] : offered;
    this.#hasTime = general.get<boolean>("log_timestamp") ?? true;
    this.#timeFormat = general.get<string>("log_timestamp_format");
    this.#hasConnections = general.get<boolean>("connection_messages") ?? true;
    const instead = offered.length === 0 ? ", the log goes to stderr" : "";
    return given
      .filter(one => !offered.includes(one))
      .map(({ kind }) => `log_dest ${kind} is ignored: it is not offered here${instead}`);
  }

  /** mosquitto's form: seconds since 1970, then the line. */
  readonly write = (level: LogLevel, line: string): void => {
    if (!this.#levels.has(level) || (!this.#hasConnections && isOfConnection(line))) return;
    const mark = level === "error" || level === "warning" ? `${level}: ` : "";
    const text = `${this.#time()}${mark}${line}\n`;
    for (const destination of this.#destinations) {
      if (destination.kind === "stderr" && this.#structured) this.#structured(level, line);
      else if (destination.kind === "stderr") process.stderr.write(text);
      else if (destination.kind === "stdout") process.stdout.write(text);
      else if (destination.kind === "file") this.#append(destination.path, text);
    }
  };

  #time(): string {
    if (!this.#hasTime) return "";
    const now = new Date();
    return this.#timeFormat === undefined
      ? `${Math.floor(now.getTime() / 1000)}: `
      : `${formatTime(this.#timeFormat, now)}: `;
  }

  /** Opened for each line, so that a file that was moved away begins anew. */
  #append(path: string, text: string): void {
    try {
      appendFileSync(path, text);
      this.#faultyPath = undefined;
    } catch (error) {
      // Said once, not with every line.
      if (this.#faultyPath !== path)
        process.stderr.write(`error: the log ${path} cannot be written: ${(error as Error).message}\n`);
      this.#faultyPath = path;
      process.stderr.write(text);
    }
  }
}
