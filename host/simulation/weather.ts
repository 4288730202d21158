/**
 * Losses and outages as people type them, over what the link already has.
 *
 *     loss      5%   0.05   gemodel 1% 25%   state ...   none            netem's words, or a bare probability
 *               gilbert 1% 4                    loss rate and mean burst, packets, as NTIA asks for the same chain
 *     outage    on-off 6h 90s         service and silence of these mean lengths, drawn
 *               periodic 10min 2min   service and silence of these lengths, by the clock
 *               at 2h for 60s, at 5h for 10min
 *               none
 */
import {
  durationUs,
  LinkError,
  type LinkSpec,
  type LossSpec,
  type OutageSpec,
  parseTc,
  validateLoss,
  validateOutage,
} from "../link/index.ts";
import { suggestion } from "../link/nearest.ts";

const LOSS_WORDS = ["random", "state", "gemodel", "gilbert", "none"];
const OUTAGE_WORDS = ["on-off", "periodic", "at", "passes", "none"];

/** The loss that `text` asks for. Throws LinkError. */
export function parseLoss(text: string, field: string): LossSpec {
  return asTyped(field, () => readLoss(text, field));
}

/** The outage that `text` asks for. Throws LinkError. */
export function parseOutage(text: string, field: string): OutageSpec {
  return asTyped(field, () => readOutage(text, field));
}

/** What `read` answers; its errors name the flag alone, for the fields below it are not what was typed. */
function asTyped<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    const { message } = error;
    const below = message.startsWith(field) ? /^[^\s:]*/.exec(message.slice(field.length))?.[0] : "";
    throw below ? new LinkError(field + message.slice(field.length + below.length)) : error;
  }
}

function readLoss(text: string, field: string): LossSpec {
  const trimmed = text.trim();
  if (trimmed === "none") return { model: "none" };
  if (/^-?[0-9]*\.?[0-9]+$/.test(trimmed)) return validateLoss(Number(trimmed), field);
  const [model, rate, burst, ...rest] = trimmed.split(/\s+/);
  if (model === "gilbert") return readGilbert(rate, burst, rest.length, field);
  if (/^[a-z]/i.test(model) && !LOSS_WORDS.includes(model) && suggestion(model, LOSS_WORDS).includes('"gilbert"'))
    throw new LinkError(`${field}: loss model "${model}" is unknown${suggestion(model, LOSS_WORDS)}`);
  try {
    return parseTc(`loss ${trimmed}`).up.loss ?? { model: "none" };
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    throw new LinkError(`${field}: ${error.message.replace(/^tc: /, "")}`);
  }
}

/** Loss rate, in percent or as a share, and mean burst in packets. */
function readGilbert(rate: string | undefined, burst: string | undefined, extraCount: number, field: string): LossSpec {
  if (rate === undefined || burst === undefined || extraCount > 0)
    throw new LinkError(`${field}: gilbert takes a loss rate and a mean burst in packets: gilbert 1% 4`);
  const lossRate = rate.endsWith("%") ? Number(rate.slice(0, -1)) / 100 : Number(rate);
  return validateLoss({ model: "gilbert", lossRate, meanBurst: Number(burst) }, field);
}

function readOutage(text: string, field: string): OutageSpec {
  const words = text.trim().split(/\s+/);
  switch (words[0]) {
    case "none":
      if (words.length === 1) return { model: "none" };
      break;
    case "on-off":
      if (words.length === 3) return validateOutage({ model: "on-off", meanOn: words[1], meanOff: words[2] }, field);
      throw new LinkError(`${field}: on-off takes two times, the mean service and the mean silence: on-off 6h 90s`);
    case "periodic":
      if (words.length === 3) return validateOutage({ model: "periodic", on: words[1], off: words[2] }, field);
      throw new LinkError(`${field}: periodic takes two times, service and silence: periodic 10min 2min`);
    case "at":
      return validateOutage(
        { model: "windows", windows: text.split(",").map(part => parseWindow(part, field)) },
        field,
      );
  }
  if (words[0] === "passes") throw new LinkError(`${field}: passes takes a file, as perigee passes --json writes it`);
  const near = suggestion(words[0], OUTAGE_WORDS) || "; it begins with on-off, periodic, at, passes or none";
  throw new LinkError(`${field}: "${text.trim()}" is no outage${near}`);
}

function parseWindow(part: string, field: string): { start: string; end: string } {
  const match = /^at\s+(\S+)\s+for\s+(\S+)$/.exec(part.trim());
  if (match === null) throw new LinkError(`${field}: "${part.trim()}" should read: at 2h for 60s`);
  // Each by itself: "2h" and "-60s" must not be read as one.
  for (const time of match.slice(1)) durationUs(time, field);
  return { start: match[1], end: match[1] + match[2] };
}

/** `link` with another loss in both directions, and another outage of the whole. */
export function withWeather(link: LinkSpec, loss: LossSpec | undefined, outage: OutageSpec | undefined): LinkSpec {
  const changed: LinkSpec = { ...link };
  if (loss !== undefined) {
    changed.up = { ...link.up, loss };
    changed.down = { ...link.down, loss };
  }
  if (outage !== undefined) changed.outage = outage;
  return changed;
}
