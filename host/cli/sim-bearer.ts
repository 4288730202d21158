/**
 * `perigee sim` over a bearer that carries messages and no TCP: it says that MQTT cannot run there, and what the same telemetry does as bare messages and
 * as MQTT-SN.
 */
import {
  type BearerRun,
  bearerResult,
  bearerSpec,
  bearerTable,
  bearerVerdict,
  type Mode,
  runBearer,
} from "../bearer/index.ts";
import { illustrativeParts, MESSAGE_BEARERS, type MessageBearer } from "../link/index.ts";
import { SimulationError } from "../simulation/index.ts";
import type { Out } from "./out.ts";
import { inputsOf } from "./sim-link.ts";
import { planOf, type SimFlags } from "./sim-plan.ts";
import { checkOutputs, writeText } from "./write-file.ts";

/** Flags that say something of MQTT over TCP, which nobody would do here; with the values that say nothing. */
const FOREIGN: Readonly<Record<string, string | undefined>> = {
  mqtt: "3.1.1",
  tc: undefined,
  headers: undefined,
  tls: undefined,
  csv: undefined,
  html: undefined,
  message: undefined,
  power: undefined,
  tcp: "lwip",
  window: "8",
};
const DEFAULT_QOS = "0,1,2";
const MODES: readonly Mode[] = ["bare", -1, 0, 1];
/** As long as MQTT-SN can say (5.4.4): every PINGREQ is a message that is paid for. */
const LONGEST_KEEP_ALIVE = "65535";
const EXIT_BROKEN = 1;

/** The bearer that `--link` names, if it is one. */
export function bearerOfFlags({ link }: SimFlags): MessageBearer | undefined {
  return link !== undefined && Object.hasOwn(MESSAGE_BEARERS, link) ? MESSAGE_BEARERS[link] : undefined;
}

/** Simulates as the flags ask, tells `out`, and returns the exit status. Throws LinkError, SimulationError or RangeError. */
export function runBearerSim(flags: SimFlags, bearer: MessageBearer, out: Out): number {
  const name = flags.link as string;
  for (const [flag, silent] of Object.entries(FOREIGN)) {
    const value = flags[flag as keyof SimFlags];
    if (value !== undefined && value !== silent)
      throw new SimulationError(`--${flag}: ${name} carries messages, not TCP; it is for links that carry IP`);
  }
  const jsonFile = flags.json === "-" ? undefined : flags.json;
  checkOutputs([["--json", jsonFile]], inputsOf(flags));
  const modes = modesOf(flags.qos, name);
  // A link without weather takes what --loss and --outage say, and only that.
  const plan = planOf({ ...flags, link: "none", qos: "0", keepAlive: flags.keepAlive ?? LONGEST_KEEP_ALIVE });
  const { options, replayed } = plan;
  const spec = bearerSpec(name, bearer, options.link.up.loss, options.link.outage);
  const { sensorCount, durationUs, seed, readings, keepAliveSeconds, outboxBytes } = options;
  const run = { bearer: spec, sensorCount, durationUs, seed, readings, keepAliveSeconds, outboxBytes };
  const runs: BearerRun[] = modes.map(mode => runBearer(run, mode));
  if (runs.every(({ row }) => !row.fits)) {
    const least = Math.min(...runs.map(({ row }) => row.messageBytes));
    const flag = flags.replay === undefined ? "--payload" : "--value-columns";
    throw new SimulationError(
      `${flag}: a message of ${least} bytes does not fit into ${name}, which takes ${spec.largestUpBytes}`,
    );
  }
  const result = bearerResult(seed, name, durationUs, sensorCount, runs);
  const lines = [`${name} carries messages, not TCP, so MQTT cannot run over it: ${bearer.limit}.`];
  if (flags.quiet !== true) lines.push("The same telemetry as messages:", bearerTable(result));
  lines.push(bearerVerdict(result, runs));
  if (flags.quiet !== true) {
    if (replayed !== undefined) lines.push(`replayed: ${replayed}`);
    if (spec.assumed.length > 0) lines.push(`assumed, where no figure says: ${spec.assumed.join("; ")}`);
    const illustrative = illustrativeParts(bearer).filter(
      part => !(part === "attemptSuccess" && flags.loss !== undefined),
    );
    if (illustrative.length > 0)
      lines.push(`illustrative: ${illustrative.join(", ")} of ${name}; perigee link explain ${name}`);
  }
  const json = `${JSON.stringify(result, null, 2)}\n`;
  if (jsonFile !== undefined) writeText("--json", jsonFile, json);
  out.write(flags.json === "-" ? json : `${lines.join("\n")}\n`);
  return runs.some(({ finding }) => finding.count > 0) ? EXIT_BROKEN : 0;
}

/** Bare messages, and MQTT-SN at each quality of service that was asked for. */
function modesOf(qos: string, name: string): readonly Mode[] {
  if (qos === DEFAULT_QOS) return MODES;
  const words = qos.split(",").map(word => word.trim());
  const modes = words.map(word => {
    const mode = MODES.find(each => String(each) === word);
    if (mode === undefined) {
      throw new SimulationError(`--qos: over ${name} it is -1, 0 or 1 of MQTT-SN, or bare, not "${word}"`);
    }
    return mode;
  });
  const twice = modes.find((mode, index) => modes.indexOf(mode) < index);
  if (twice !== undefined) throw new SimulationError(`--qos: ${twice} stands twice in "${qos}"`);
  return modes;
}
