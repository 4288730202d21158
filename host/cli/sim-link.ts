/** The link of a simulation as its flags ask for it, and what a report says of it. */
import { type Figure, figuresOf, illustrativeParts, type LinkSpec } from "../link/index.ts";
import { type MessageName, parseLoss, parseOutage, SimulationError, withWeather } from "../simulation/index.ts";
import { linkOfFlags, outageInFile } from "./link-flags.ts";
import type { SimFlags } from "./sim-plan.ts";
import type { NamedFiles } from "./write-file.ts";

export const DEFAULT_LINK = "geo-vsat";

/** The link as it is run, and what there is to say of it. */
export interface PlannedLink {
  link: LinkSpec;
  /** Parts that rest on assumptions of ours. */
  illustrative: string[];
  /** Every figure, with its source where the link is a preset, and what the link is in words. */
  figures: Figure[];
  summary: string;
}

/** What a flag says instead is no assumption of ours. Throws LinkError. */
export function linkOf(flags: SimFlags): PlannedLink {
  const { link, preset } = linkOfFlags(flags, DEFAULT_LINK);
  const changed = withWeather(
    link,
    flags.loss === undefined ? undefined : parseLoss(flags.loss, "--loss"),
    flags.outage === undefined ? undefined : outageOf(flags.outage),
  );
  const isGiven = (part: string) =>
    (part.startsWith("loss") && flags.loss !== undefined) || (part.startsWith("outage") && flags.outage !== undefined);
  const illustrative = (preset === undefined ? [] : illustrativeParts(preset)).filter(part => !isGiven(part));
  const provenance = (preset?.provenance ?? []).filter(({ figure }) => !isGiven(figure));
  const summary = preset?.summary ?? (flags.tc === undefined ? `as ${flags.link} has it` : flags.tc);
  const figures = figuresOf({ summary, provenance, facts: preset?.facts, link: changed });
  return { link: changed, illustrative, figures, summary };
}

/** Messages as SENSOR/NUMBER, both from 0, with commas between; of each sensor there are `mostOfOne` at most. Throws SimulationError. */
export function messagesOf(text: string | undefined, sensorCount: number, mostOfOne: number): MessageName[] {
  return (text?.split(",") ?? []).map(part => {
    const name = /^\s*(\d{1,6})\/(\d{1,9})\s*$/.exec(part);
    if (name === null)
      throw new SimulationError(`--message: a message is SENSOR/NUMBER, such as 12/345, not "${part}"`);
    const [sensor, sequence] = [Number(name[1]), Number(name[2])];
    if (sensor >= sensorCount)
      throw new SimulationError(`--message: the sensors are 0 to ${sensorCount - 1}, there is no ${sensor}`);
    if (sequence >= mostOfOne)
      throw new SimulationError(
        `--message: the messages of a sensor are 0 to ${mostOfOne - 1}, there is no ${part.trim()}`,
      );
    return { sensor, sequence };
  });
}

/** The files that a simulation reads, by flag. */
export function inputsOf({ link, outage, power, replay }: SimFlags): NamedFiles {
  return [
    ["--link", link?.endsWith(".json") ? link : undefined],
    ["--outage", outage === undefined ? undefined : passesFileOf(outage)],
    ["--power", power],
    ["--replay", replay],
  ];
}

function passesFileOf(outage: string): string | undefined {
  return /^\s*passes\s+(.*\S)\s*$/.exec(outage)?.[1];
}

function outageOf(text: string) {
  const file = passesFileOf(text);
  return file === undefined ? parseOutage(text, "--outage") : outageInFile(file);
}
