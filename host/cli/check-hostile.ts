/**
 * `perigee check hostile`: a broker that breaks rules, for your client; or a client that breaks rules, for your broker.
 */
import { Command } from "commander";
import {
  attack,
  HostileError,
  type Level,
  listenHostile,
  POINTS,
  type Point,
  plans,
  type Verdict,
  verdictLine,
} from "../check/hostile/index.ts";
import { UsageError } from "./exit-codes.ts";
import { hostAndPort, wholeNumber } from "./flag-values.ts";
import type { Out } from "./out.ts";
import { type EndingSignal, exitCodeOfSignal, onEndingSignal } from "./signals.ts";

export const EXIT_BROKEN = 1;
export const EXIT_USAGE = 2;
export const EXIT_UNREACHABLE = 3;

const EXAMPLES = `
Your client: let it connect to the port again and again, by itself or in a loop. Each connection meets the next fault, one behind
each kind of packet that the client sends; the rest of the conversation is the reference broker's. A client that closes has seen it.
One that never sends that packet holds the list up until it disconnects: choose with --at what yours sends.
Your broker: every fault on a connection of its own, at the beginning and behind CONNACK; then a flood, half-open silence, packets
of 256 MiB that never come; and behind each a client that keeps the rules has to be served.

Examples:
  perigee check hostile --listen 1884 &
  while mosquitto_pub -p 1884 -t t -m x -q 1; do :; done
  perigee check hostile --listen 1884 --at SUBSCRIBE,PINGREQ
  perigee check hostile --connect localhost:1883
  perigee check hostile --connect localhost:1883 --level 5

Points: ${Object.keys(POINTS).join(", ")}

Exit status: 0 every rule kept, 130 or 143 the same as far as it came before SIGINT or SIGTERM, ${EXIT_BROKEN} a peer went on where it must close, ${EXIT_USAGE} bad command line, ${EXIT_UNREACHABLE} no listening, nobody there, or nobody let in.`;

/** Flags that only one of the two sides has a use for. */
const CONNECT_FLAGS = ["level", "username", "pw"] as const;
const LISTEN_FLAGS = ["bind", "at"] as const;

interface HostileFlags {
  listen?: string;
  connect?: string;
  bind?: string;
  at?: string;
  level?: string;
  username?: string;
  pw?: string;
  wait: string;
  quiet?: boolean;
}

/** The sub-command, for `perigee check` to add. */
export function hostileCommand(out: Out = process.stdout, err: Out = process.stderr): Command {
  return new Command("hostile")
    .description("break every rule, at every point, towards a client or a broker of yours")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", EXAMPLES)
    .option("--listen <port>", "be a hostile broker on this port")
    .option("--connect <host:port>", "be a hostile client of this broker")
    .option("--bind <address>", "address to listen at (default: 127.0.0.1)")
    .option("--at <points>", "answer these packets of the client with faults (default: CONNECT,PUBLISH)")
    .option("--level <level>", "protocol level towards a broker: 4 for MQTT 3.1.1, 5 for 5.0 (default: 4)")
    .option("-u, --username <name>", "as whom to connect to a broker")
    .option("-P, --pw <password>", "and with which password")
    .option("--wait <ms>", "how long a peer has for an answer", "3000")
    .option("--quiet", "only what is wrong, and the sum")
    .action(async (flags: HostileFlags) => {
      process.exitCode = await runHostile(flags, out, err);
    });
}

/** Does as flags ask; answers the exit status. */
export async function runHostile(flags: HostileFlags, out: Out, err: Out): Promise<number> {
  const counts = { all: 0, wrong: 0, unreached: 0 };
  let left = 0;
  let interruption: EndingSignal | undefined;
  const onVerdict = (verdict: Verdict) => {
    counts.all += 1;
    if (verdict.isFault) counts.wrong += 1;
    if (verdict.outcome === "unreached") counts.unreached += 1;
    if (flags.quiet !== true || verdict.isFault) out.write(`${verdictLine(verdict)}\n`);
  };
  try {
    const waitMs = wholeNumber("--wait", flags.wait, 1, 600_000);
    if ((flags.listen === undefined) === (flags.connect === undefined)) {
      throw new UsageError("one of --listen and --connect says on which side the hostile peer is");
    }
    const idle = (flags.connect === undefined ? CONNECT_FLAGS : LISTEN_FLAGS).find(name => flags[name] !== undefined);
    if (idle !== undefined) {
      const side = flags.connect === undefined ? "--connect" : "--listen";
      throw new UsageError(`--${idle} goes with ${side} and would change nothing`);
    }
    if (flags.connect !== undefined) {
      const { host, port } = hostAndPort("--connect", flags.connect);
      const level = wholeNumber("--level", flags.level ?? "4", 4, 5) as Level;
      const { username, pw: password } = flags;
      // [MQTT-3.1.2-22] of 3.1.1
      if (level === 4 && password !== undefined && username === undefined) {
        throw new UsageError("--pw: MQTT 3.1.1 has no password without a user name: --username too");
      }
      await attack({ host, port, level, waitMs, username, password, onVerdict });
    } else {
      const port = wholeNumber("--listen", flags.listen ?? "", 0, 65_535);
      const points = (flags.at ?? "CONNECT,PUBLISH").split(",").map(pointNamed);
      const list = plans(points);
      const host = flags.bind ?? "127.0.0.1";
      const { server, finished, stop } = await listenHostile({ host, port, plans: list, waitMs, onVerdict });
      const address = server.address();
      out.write(
        `hostile broker on port ${typeof address === "object" ? address?.port : port}: ${list.length} faults\n`,
      );
      const signal = new Promise<EndingSignal>(resolve => onEndingSignal(resolve));
      interruption = await Promise.race([finished.then(() => undefined), signal]);
      left = list.length - counts.all;
      stop();
    }
  } catch (error) {
    if (error instanceof UsageError) {
      err.write(`Error: ${error.message}\n`);
      return EXIT_USAGE;
    }
    if (!(error instanceof HostileError || (error instanceof Error && "code" in error))) throw error;
    err.write(`Error: ${error.message}\n`);
    return EXIT_UNREACHABLE;
  }
  const unreached = counts.unreached > 0 ? `, ${counts.unreached} not reached` : "";
  const early = interruption === undefined ? "" : `, ended by ${interruption} with ${left} left`;
  const sum = counts.wrong === 0 ? "every rule kept" : `${counts.wrong} wrong`;
  out.write(`${counts.all} faults${unreached}${early}: ${sum}\n`);
  if (counts.wrong > 0) return EXIT_BROKEN;
  return interruption === undefined ? 0 : exitCodeOfSignal(interruption);
}

function pointNamed(name: string): Point {
  if (Object.hasOwn(POINTS, name)) return name as Point;
  throw new UsageError(`--at: there is no "${name}"; there are ${Object.keys(POINTS).join(", ")}`);
}
