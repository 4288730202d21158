/**
 * `perigee check history`: a cast of clients on a server of yours, and what they saw judged; or a history that you have recorded.
 */
import { SingleBar } from "cli-progress";
import { Command } from "commander";
import { rehearse } from "../check/cast/index.ts";
import {
  type Broken,
  checkHistory,
  HistoryError,
  type HistoryEvent,
  nobodyStays,
  readHistory,
} from "../check/history/index.ts";
import { PerigeeError } from "../client/index.ts";
import { SimulationError } from "../simulation/index.ts";
import { InputError, UsageError } from "./exit-codes.ts";
import { hostAndPort, wholeNumber } from "./flag-values.ts";
import type { Out } from "./out.ts";
import { fileReason, RECORDING_SIZE_MAX, readText } from "./read-file.ts";
import { checkOutputs, writeText } from "./write-file.ts";

export const EXIT_BROKEN = 1;
export const EXIT_USAGE = 2;
export const EXIT_UNREACHABLE = 3;

/** What a command line or a file can be at fault with. */
const USAGE_ERRORS = [UsageError, InputError, HistoryError, SimulationError] as const;

const NOBODY_STAYS =
  "not judged: whether anything was lost, since no subscriber is connected any more in the last line: what is missing may wait for it";

/** Broken promises that are spelled out. */
const SPELLED_COUNT = 20;

const EXAMPLES = `
Your broker: a cast of clients, real ones over TCP, does what clients do. Sensors publish at every quality of service, retain, will, expire,
fall silent and come back; listeners come and go; a group shares; visitors ask for what is retained; somebody takes another's name. What
they saw is judged by itself: at least once, at most once, order, retained, wills (exactly when due, and never otherwise), session and
message expiry, shared subscriptions, flow control, keep-alive. Nothing of it stays on the broker.
Your client: let it write what it does and sees, an event a line (README), and have the file judged. What is missing may still wait for
whom is gone: loss is judged of subscribers that are connected in the last line.

Examples:
  perigee check history --connect localhost:1883
  perigee check history --connect localhost:1883 --seconds 120 --seed 7 --record history.jsonl
  perigee check history history.jsonl --slack 5

Exit status: 0 every promise kept, ${EXIT_BROKEN} one was broken, ${EXIT_USAGE} bad command line or file, ${EXIT_UNREACHABLE} no broker there, or it lets nobody in.`;

/** Flags that only one of the two has a use for. */
const PLAY_FLAGS = ["seconds", "seed", "mqtt", "username", "pw", "record"] as const;
const FILE_FLAGS = ["slack"] as const;

interface HistoryFlags {
  connect?: string;
  seconds?: string;
  seed?: string;
  mqtt?: string;
  username?: string;
  pw?: string;
  record?: string;
  slack?: string;
}

/** The sub-command, for `perigee check` to add. */
export function historyCommand(out: Out = process.stdout, err: Out = process.stderr): Command {
  return new Command("history")
    .description("have clients use your broker, or read what yours did, and check every promise")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", EXAMPLES)
    .argument("[file]", "a recorded history, an event a line as JSON")
    .option("--connect <host:port>", "the broker for the cast")
    .option("--seconds <count>", "how long they play, 20 to 3600 (default: 40)")
    .option("--seed <number>", "which cast (default: 1)")
    .option("--mqtt <versions>", "what they speak: 3.1.1, 5, or both (default: 3.1.1,5)")
    .option("-u, --username <name>", "as whom all of them connect")
    .option("-P, --pw <password>", "and with which password")
    .option("--record <file>", "write the history there")
    .option("--slack <seconds>", "of a file: how long what was sent may have been on its way (default: 60)")
    .action(async (file: string | undefined, flags: HistoryFlags) => {
      process.exitCode = await runHistory(file, flags, out, err);
    });
}

/** Does as flags ask; answers the exit status. */
export async function runHistory(file: string | undefined, flags: HistoryFlags, out: Out, err: Out): Promise<number> {
  try {
    if ((file === undefined) === (flags.connect === undefined)) {
      throw new UsageError("one of a file and --connect says whose history it is");
    }
    const idle = (file === undefined ? FILE_FLAGS : PLAY_FLAGS).find(name => flags[name] !== undefined);
    if (idle !== undefined) {
      throw new UsageError(
        `--${idle} goes with ${file === undefined ? "a file" : "--connect"} and would change nothing`,
      );
    }
    const { history, broken } = file === undefined ? await play(flags, err) : judge(file, flags);
    tell(history, broken, out);
    if (nobodyStays(history)) out.write(`${NOBODY_STAYS}\n`);
    return broken.length === 0 ? 0 : EXIT_BROKEN;
  } catch (error) {
    const isUsage = USAGE_ERRORS.some(kind => error instanceof kind);
    if (!(isUsage || error instanceof PerigeeError)) throw error;
    err.write(`Error: ${(error as Error).message}\n`);
    return isUsage ? EXIT_USAGE : EXIT_UNREACHABLE;
  }
}

function judge(file: string, flags: HistoryFlags): { history: readonly HistoryEvent[]; broken: Broken[] } {
  const slackS = wholeNumber("--slack", flags.slack ?? "60", 0, 86_400);
  let text: string;
  try {
    text = readText(file, RECORDING_SIZE_MAX);
  } catch (error) {
    throw new InputError(`${file}: ${fileReason(error)}`);
  }
  try {
    const history = readHistory(text);
    return { history, broken: checkHistory(history, slackS * 1000) };
  } catch (error) {
    if (error instanceof HistoryError) throw new HistoryError(`${file}, ${error.message}`);
    throw error;
  }
}

async function play(flags: HistoryFlags, err: Out) {
  const place = hostAndPort("--connect", flags.connect ?? "");
  const mqtt = flags.mqtt ?? "3.1.1,5";
  const versions = mqtt.split(",").map(text => {
    if (text === "5" || text === "5.0") return 5 as const;
    if (text === "3.1.1") return 4 as const;
    throw new UsageError(`--mqtt: 3.1.1, 5, or both with a comma, not "${mqtt}"`);
  });
  const bar =
    err.isTTY === true
      ? new SingleBar({ format: "[{bar}] {percentage} %", barsize: 40, hideCursor: true, clearOnComplete: true })
      : null;
  const rehearsal = {
    ...place,
    seconds: wholeNumber("--seconds", flags.seconds ?? "40", 20, 3600),
    seed: wholeNumber("--seed", flags.seed ?? "1", 1, 2 ** 31 - 1),
    versions,
    username: flags.username,
    password: flags.pw,
    progress: (share: number) => bar?.update(share),
  };
  checkOutputs([["--record", flags.record]], []);
  bar?.start(1, 0);
  try {
    const rehearsed = await rehearse(rehearsal);
    const lines = rehearsed.history.map(event => `${JSON.stringify(event)}\n`);
    if (flags.record !== undefined) writeText("--record", flags.record, lines.join(""));
    if (rehearsed.leftBehind !== undefined) {
      err.write(`Warning: what the cast has left on the broker could not be taken back: ${rehearsed.leftBehind}\n`);
    }
    return rehearsed;
  } finally {
    bar?.stop();
  }
}

function tell(history: readonly HistoryEvent[], broken: readonly Broken[], out: Out): void {
  for (const { promise, text } of broken.slice(0, SPELLED_COUNT)) out.write(`${promise}: ${text}\n`);
  if (broken.length > SPELLED_COUNT) out.write(`and ${broken.length - SPELLED_COUNT} more\n`);
  const count = (kind: HistoryEvent["kind"]) => history.filter(event => event.kind === kind).length;
  const counts = `${count("connected")} connections, ${count("publish")} messages published and ${count("received")} received`;
  out.write(`${broken.length === 0 ? "every promise kept" : `${broken.length} promises broken`}: ${counts}\n`);
}
