/**
 * Links as command lines name them: a preset, a file of JSON, or a line of netem.
 */
import { basename } from "node:path";
import {
  HEADER_WORDS,
  LinkError,
  type LinkSpec,
  type OutageSpec,
  type PowerProfile,
  type Preset,
  parseHeaders,
  parseTc,
  preset,
  readToxiproxy,
  validateLink,
  validateOutage,
  validatePower,
} from "../link/index.ts";
import { fileReason, RECORDING_SIZE_MAX, readText as readFile } from "./read-file.ts";

/** A link, and the preset that it is, if it is one. */
export interface NamedLink {
  link: LinkSpec;
  preset?: Preset;
}

/** What `--headers` takes, for the help of a command. */
export const HEADERS_HELP = `what surrounds a packet, instead of what the link says: ${HEADER_WORDS.join(", ")}`;

/** The link that `--link` or `--tc` asks for; `text` ending in .json is a file. Throws LinkError. */
export function linkOfFlags(flags: { link?: string; tc?: string; headers?: string }, otherwise: string): NamedLink {
  if (flags.tc === undefined) return withHeaders(linkNamed(flags.link ?? otherwise), flags.headers);
  if (flags.link === undefined) return withHeaders({ link: linkOfTc(flags.tc) }, flags.headers);
  throw new LinkError("--tc: it describes a link of its own, so --link cannot name another");
}

/** A link with the headers of `--headers`, if there are any. Throws LinkError. */
export function withHeaders<T extends NamedLink>(named: T, headers: string | undefined): T {
  if (headers === undefined) return named;
  const { link } = named;
  return { ...named, link: { ...link, headers: parseHeaders(headers, "--headers", link.headers) } };
}

/** A link as netem describes it; its errors name the flag, not the link that would have come of it. */
function linkOfTc(text: string): LinkSpec {
  try {
    return parseTc(text);
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    throw new LinkError(error.message.replace(/^tc[^\s:]*/, "--tc"));
  }
}

/** The preset of that name, or the link in that file. Throws LinkError. */
export function linkNamed(name: string): NamedLink {
  if (!name.endsWith(".json")) {
    const found = preset(name);
    return { link: found.link, preset: found };
  }
  const json = readJson(name);
  // A proxy of toxiproxy tells itself by its addresses, which a link has not.
  const isProxy = typeof json === "object" && json !== null && "upstream" in json;
  const link = isProxy ? readToxiproxy(json, name).link : validateLink(json, name);
  return { link: { name: basename(name, ".json"), ...link } };
}

/** The outage in a file: one written by `perigee passes --json`, or an outage by itself. Throws LinkError. */
export function outageInFile(path: string): OutageSpec {
  const json = readJson(path);
  const wrapped = typeof json === "object" && json !== null && "outage" in json;
  return validateOutage(wrapped ? json.outage : json, path);
}

/** The power profile in a file, for a radio on `link`. Throws LinkError. */
export function powerInFile(path: string, link: LinkSpec): PowerProfile {
  return validatePower(readJson(path), link, path);
}

function readJson(path: string): unknown {
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LinkError(`${path}: no JSON: ${(error as Error).message.split("\n")[0]}`);
  }
}

/** The text of a file. Throws LinkError. */
export function readText(path: string): string {
  try {
    return readFile(path, RECORDING_SIZE_MAX);
  } catch (error) {
    throw new LinkError(`cannot read ${path}: ${fileReason(error)}`);
  }
}
