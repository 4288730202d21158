/**
 * Links by name, each figure with where it comes from and how good that is: see presets/.
 */
import { LinkError } from "./error.ts";
import { suggestion } from "./nearest.ts";
import { GROUND_PRESETS } from "./presets/ground.ts";
import { MESSAGE_BEARERS, RECORDINGS } from "./presets/message-bearers.ts";
import type { Facts, Grade, MessageBearer, Preset, Provenance } from "./presets/provenance.ts";
import { SATELLITE_PRESETS } from "./presets/satellite.ts";

/** The presets by name: first none and a local network, then satellites, then cellular links. */
const { none, lan, ...cellular } = GROUND_PRESETS;
export const PRESETS: Readonly<Record<string, Preset>> = { none, lan, ...SATELLITE_PRESETS, ...cellular };

/** The preset's name for a link that does nothing, and another for it. */
const ALIASES: Readonly<Record<string, string>> = { ideal: "none" };

/** The preset of that name. Throws LinkError for a bearer that carries messages and no TCP, and for an unknown name, with the nearest. */
export function preset(name: string): Preset {
  const found = presetOrBearer(name);
  if ("link" in found) return found;
  throw new LinkError(
    `link "${name}" carries messages, not TCP, so MQTT cannot run over it: ${found.limit} (perigee sim --link ${name} shows what can)`,
  );
}

/** The preset or message bearer of that name. Throws LinkError with the nearest name. */
export function presetOrBearer(name: string): Preset | MessageBearer {
  const presets = ownValue(PRESETS, ALIASES[name] ?? name);
  const found = presets ?? ownValue(MESSAGE_BEARERS, name);
  if (found !== undefined) return found;
  const recording = ownValue(RECORDINGS, name);
  if (recording !== undefined) throw new LinkError(`link "${name}" is a recording: ${recording}`);
  const known = [...Object.keys(PRESETS), ...Object.keys(MESSAGE_BEARERS), ...Object.keys(RECORDINGS)];
  throw new LinkError(`link "${name}" does not exist${suggestion(name, known)}`);
}

function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** One figure of a preset, as `perigee link explain` prints it. Without a grade nobody has said where it comes from. */
export interface Figure {
  readonly path: string;
  readonly value: string;
  readonly grade?: Grade;
  readonly source: string;
}

/** Every figure of a preset or bearer. What is the same in both directions is told once, without `up` and `down`. */
export function figuresOf(subject: Preset | MessageBearer): Figure[] {
  const figures: Figure[] = [];
  if ("link" in subject) {
    const { up, down, name: _, ...whole } = subject.link;
    figures.push(...leaves(whole, "", subject.provenance));
    const [ups, downs] = [leaves(up, "", subject.provenance), leaves(down, "", subject.provenance)];
    for (const figure of ups) {
      const other = downs.find(({ path }) => path === figure.path);
      if (other?.value === figure.value) {
        figures.push(figure);
      } else {
        figures.push({ ...figure, path: `up.${figure.path}` });
        if (other !== undefined) figures.push({ ...other, path: `down.${other.path}` });
      }
    }
    for (const figure of downs) {
      if (!ups.some(({ path }) => path === figure.path)) figures.push({ ...figure, path: `down.${figure.path}` });
    }
  }
  return [...figures, ...leaves(subject.facts ?? {}, "", subject.provenance)];
}

/** The parts of a preset or bearer that rest on assumptions, as paths: `delay.jitter`, `outage`. */
export function illustrativeParts({ provenance }: Preset | MessageBearer): string[] {
  return provenance.filter(({ grade }) => grade === "F").map(({ figure }) => figure);
}

/** Names, and no figures. */
const NAMES = ["model", "unit", "distribution", "phase"];

function leaves(value: object, prefix: string, provenance: readonly Provenance[]): Figure[] {
  return Object.entries(value as Facts).flatMap(([name, part]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    if (typeof part === "object" && !Array.isArray(part)) return leaves(part, path, provenance);
    if (NAMES.includes(name)) return [];
    const origin = originOf(path, provenance);
    return [{ path, value: textOf(part), grade: origin?.grade, source: origin?.source ?? "" }];
  });
}

/** The provenance that names the longest part of a path. */
function originOf(path: string, provenance: readonly Provenance[]): Provenance | undefined {
  const covering = provenance.filter(({ figure }) => path === figure || path.startsWith(`${figure}.`));
  return covering.sort((a, b) => b.figure.length - a.figure.length)[0];
}

function textOf(value: unknown): string {
  if (Array.isArray(value) && typeof value[0] === "object") return `${value.length}: ${JSON.stringify(value[0])}, ...`;
  return Array.isArray(value) ? value.join(" to ") : String(value);
}
