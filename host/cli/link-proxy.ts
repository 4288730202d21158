/**
 * `perigee link --listen ... --to ...`: a link in real time, in front of any server and for any client.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import type { Command } from "commander";
import { LinkError, parseSeed, TCP_PROFILES, tcpProfile } from "../link/index.ts";
import { readAddress } from "../proxy/address.ts";
import { Control } from "../proxy/control.ts";
import { LinkProxy, type ProxyStatistics } from "../proxy/proxy.ts";
import { RealTime } from "../proxy/real-time.ts";
import { Recorder, Replayer } from "../proxy/recording.ts";
import { HEADERS_HELP, linkOfFlags, readText } from "./link-flags.ts";
import { fileReason } from "./read-file.ts";
import { onEndingSignal } from "./signals.ts";
import { checkOutputs } from "./write-file.ts";

export const EXIT_ADDRESS = 3;
export interface ProxyFlags {
  listen?: string;
  to?: string;
  link?: string;
  tc?: string;
  headers?: string;
  tcp: string;
  seed: string;
  shared?: boolean;
  control?: string;
  record?: string;
  replay?: string;
  stats?: string;
  verbose?: boolean;
}

/** Gives `perigee link` the flags of the proxy. */
export function proxyFlags(command: Command): Command {
  return command
    .option("--listen <host:port>", "be a proxy: where clients connect")
    .option("--to <host:port>", "the server behind the link")
    .option("--link <name>", "link by name, or a file ending in .json (default: none)")
    .option("--tc <line>", "link as a line of netem, for both directions")
    .option("--headers <list>", HEADERS_HELP)
    .option("--tcp <profile>", `TCP of the clients: ${Object.keys(TCP_PROFILES).join(", ")}`, "linux")
    .option("--seed <number>", "draws everything that is random", "7")
    .option("--shared", "one link for all connections, instead of one each")
    .option("--control <host:port>", "answer toxiproxy's HTTP API there")
    .option("--record <file>", "write down what becomes of every packet")
    .option("--replay <file>", "do again what was recorded, instead of what the link would do")
    .option("--stats <seconds>", "a line of counts every so often")
    .option("--verbose", "a line for every connection that comes and goes");
}

interface Out {
  write(text: string): unknown;
}

/** Runs the proxy until a signal ends it, and returns the exit status. */
export async function runProxy(flags: ProxyFlags, err: Out): Promise<number> {
  const tell = (line: string) => err.write(`perigee link: ${line}\n`);
  if (flags.listen === undefined || flags.to === undefined) {
    throw new LinkError(
      flags.listen === undefined
        ? "--listen: where clients connect is needed"
        : "--to: the server behind the link is needed",
    );
  }
  const listen = readAddress(flags.listen, "--listen");
  const target = readAddress(flags.to, "--to");
  if (target.port === 0) throw new LinkError(`--to: a server has a port, "${flags.to}" has none`);
  const control = flags.control === undefined ? null : readAddress(flags.control, "--control");
  const { link } = linkOfFlags(flags, "none");
  const seed = seedOf(flags.seed);
  const tcp = tcpProfile(flags.tcp);
  const statsMs = flags.stats === undefined ? 0 : secondsOf(flags.stats, "--stats") * 1000;
  const replayer = flags.replay === undefined ? undefined : new Replayer(readText(flags.replay), flags.replay);
  checkOutputs(
    [["--record", flags.record]],
    [
      ["--replay", flags.replay],
      ["--link", flags.link?.endsWith(".json") ? flags.link : undefined],
    ],
  );
  const recording = flags.record === undefined ? null : openRecording(flags.record);
  const recorder = recording === null ? undefined : new Recorder(recording.write, link.name ?? "link");

  const clock = new RealTime();
  const onLog = flags.verbose ? tell : undefined;
  const rest = { seed, tcp, shared: flags.shared, onLog };
  const proxy = new LinkProxy(clock, { name: link.name ?? "link", link, listen, target, recorder, replayer, ...rest });
  const api = new Control({ makeProxy: options => new LinkProxy(clock, { ...options, ...rest }) }, [proxy]);
  let where = "";
  try {
    if (link.enabled !== false) await proxy.enable();
    if (control !== null)
      where = `; toxiproxy's API on ${control.host}:${await api.listen(control.host, control.port)}`;
  } catch (error) {
    tell(`cannot listen: ${(error as Error).message}`);
    await api.close();
    clock.stop();
    return EXIT_ADDRESS;
  }
  const ended = new Promise<void>(resolve => onEndingSignal(() => resolve()));
  tell(
    `${proxy.listening} goes to ${target.host}:${target.port} over ${flags.replay === undefined ? `"${link.name ?? "link"}"` : `what ${flags.replay} recorded`}${where}`,
  );
  const ticker = statsMs === 0 ? null : setInterval(() => tell(countsOf(proxy.statistics)), statsMs);
  await ended;
  if (ticker !== null) clearInterval(ticker);
  tell(countsOf(proxy.statistics));
  await api.close();
  clock.stop();
  recording?.close();
  return 0;
}

function countsOf(counts: ProxyStatistics): string {
  const { openCount, acceptedCount, upPackets, upBytes, downPackets, downBytes, retransmissions, lostPackets } = counts;
  return (
    `${openCount} open of ${acceptedCount}; up ${upPackets} packets, ${upBytes} bytes; down ${downPackets} packets, ${downBytes} bytes; ` +
    `${lostPackets} lost, ${retransmissions} sent again`
  );
}

function seedOf(text: string): bigint {
  try {
    return parseSeed(text);
  } catch (error) {
    throw new LinkError(`--seed: ${(error as Error).message}`);
  }
}

function secondsOf(text: string, flag: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.1 && seconds <= 86_400)) throw new LinkError(`${flag}: seconds from 0.1 to 86400, not "${text}"`);
  return seconds;
}

function openRecording(path: string): { write: (line: string) => void; close: () => void } {
  try {
    const file = openSync(path, "w");
    return { write: line => writeSync(file, line), close: () => closeSync(file) };
  } catch (error) {
    throw new LinkError(`--record: cannot write ${path}: ${fileReason(error)}`);
  }
}
