/**
 * A link as two lines of netem (tc-netem(8)), one for each direction: what parse-tc.ts reads, written.
 *
 * What netem cannot say is told and left out. Where it can say something near, that is written and told as well.
 */
import { baseUs, medianUs } from "../delay.ts";
import { durationUs } from "../duration.ts";
import type { DelaySpec, DirectionSpec, LinkSpec, LossSpec, RateSpec } from "../spec.ts";
import type { Written } from "./written.ts";

/** The link for `tc qdisc add dev DEVICE root`. Comment lines name the direction. */
export function writeTc(link: LinkSpec): Written {
  const missing: string[] = [];
  const lines = (["up", "down"] as const).map(side => {
    const told = (what: string) => missing.push(`${side}: ${what}`);
    return `# ${side}\n${netemLine(link[side], told)}\n`;
  });
  if (link.outage !== undefined && link.outage.model !== "none") missing.push("outages");
  if (link.headers !== undefined) missing.push("headers: it sees packets as they are");
  if (link.handover !== undefined) missing.push("handovers");
  if (link.nat !== undefined) missing.push("an address translator that forgets");
  if (link.halfOpen !== undefined) missing.push("connections that are half open");
  if (link.toxics !== undefined) missing.push("toxics: they need a proxy");
  if (link.enabled === false) missing.push("a port that refuses connections");
  if (link.mtu !== undefined) missing.push(`the MTU (ip link set mtu ${link.mtu} dev DEVICE)`);
  return { text: lines.join(""), missing };
}

type Tell = (what: string) => void;

function netemLine(direction: DirectionSpec, tell: Tell): string {
  const { limit, corrupt, duplicate, reorder, slot, outage } = direction;
  const words = ["netem"];
  if (direction.delay !== undefined) words.push(delayWords(direction.delay, tell));
  if (direction.loss !== undefined) words.push(lossWords(direction.loss, tell));
  if (corrupt !== undefined) words.push(`corrupt ${percent(corrupt.p)}`);
  if (duplicate !== undefined) words.push(`duplicate ${percent(duplicate.p)}`);
  if (reorder !== undefined) words.push(`reorder ${percent(reorder.p)} gap ${reorder.gap ?? 1}`);
  if (direction.rate !== undefined) words.push(rateWords(direction.rate, tell));
  if (slot !== undefined) {
    const counts = [
      slot.packets === undefined ? "" : `packets ${slot.packets}`,
      slot.bytes === undefined ? "" : `bytes ${slot.bytes}`,
    ];
    const times = [slot.min, slot.max ?? slot.min].map(each => milliseconds(durationUs(each, "slot")));
    words.push("slot", ...times, ...counts.filter(Boolean));
  }
  if (limit?.packets !== undefined) words.push(`limit ${limit.packets}`);
  if (limit?.bytes !== undefined) tell("a queue limited by bytes");
  if (outage !== undefined && outage.model !== "none") tell("outages");
  return words.filter(Boolean).join(" ");
}

function delayWords(delay: DelaySpec, tell: Tell): string {
  const [base, middle] = [milliseconds(baseUs(delay)), milliseconds(baseUs(delay) + medianUs(delay))];
  if (delay.distribution === "lognormal" || delay.distribution === "table") {
    tell(`a delay that is ${delay.distribution}: its median is written`);
    return `delay ${middle}`;
  }
  if (delay.jitter === undefined || durationUs(delay.jitter, "jitter") === 0) return `delay ${base}`;
  const jitterUs = durationUs(delay.jitter, "jitter");
  if (delay.distribution === "exponential") {
    tell("a delay that is exponential: its mean is written");
    return `delay ${milliseconds(baseUs(delay) + jitterUs)}`;
  }
  tell("jitter that keeps the order of packets: netem's lets them overtake");
  const named = delay.distribution === undefined || delay.distribution === "uniform" ? "" : delay.distribution;
  return `delay ${base} ${milliseconds(jitterUs)}${named === "" ? "" : ` distribution ${named}`}`;
}

function lossWords(loss: LossSpec, tell: Tell): string {
  switch (loss.model) {
    case "none":
      return "";
    case "random":
      return `loss random ${percent(loss.p)}`;
    case "gemodel":
      if (loss.unit === "time") {
        tell("loss in bursts counted by time");
        return "";
      }
      return ["loss gemodel", ...leading([loss.p, loss.r, loss["1-h"], loss["1-k"]], [0, 1 - loss.p, 1, 0])].join(" ");
    case "gilbert": {
      const r = 1 / loss.meanBurst;
      return `loss gemodel ${percent((r * loss.lossRate) / (1 - loss.lossRate))} ${percent(r)}`;
    }
    case "state":
      return [
        "loss state",
        ...leading([loss.p13, loss.p31, loss.p32, loss.p23, loss.p14], [0, 1 - loss.p13, 0, 1, 0]),
      ].join(" ");
    case "ber":
      tell("loss by bit errors, which grows with the packet");
      return "";
    case "list":
      tell("the loss of listed packets");
      return "";
  }
}

/** Positional percentages: up to the last that is given, tc's defaults for those absent before it. */
function leading(values: readonly (number | undefined)[], defaults: readonly number[]): string[] {
  const count = values.findLastIndex(value => value !== undefined) + 1;
  return values.slice(0, count).map((value, index) => percent(value ?? defaults[index]));
}

function rateWords(rate: RateSpec, tell: Tell): string {
  if ("trace" in rate) {
    tell("a rate that follows a trace");
    return "";
  }
  const overheads = [rate.packetOverhead, rate.cellSize, rate.cellOverhead];
  const count = overheads.findLastIndex(value => value !== undefined) + 1;
  return [`rate ${Math.round(rate.bps)}bit`, ...overheads.slice(0, count).map(value => value ?? 0)].join(" ");
}

/** A percentage to twelve figures, and none that binary fractions made up. */
function percent(p: number): string {
  return `${Number((p * 100).toPrecision(12))}%`;
}

function milliseconds(us: number): string {
  return `${us / 1000}ms`;
}
