/**
 * A link as a proxy of toxiproxy 2.12, in the JSON of its HTTP API (GET /proxies/NAME).
 *
 * toxiproxy stands between two TCP connections and cannot lose a packet; of a link it has the delay, with uniform jitter, and the rate. The rest
 * is told and left out.
 */
import { baseUs, medianUs } from "../delay.ts";
import { durationUs } from "../duration.ts";
import { LinkError } from "../error.ts";
import { readFields } from "../fields.ts";
import type { DirectionSpec, LinkSpec } from "../spec.ts";
import type { ToxicSpec } from "../toxics/toxic-spec.ts";
import { validateLink } from "../validate.ts";
import type { Written } from "./written.ts";

/** toxiproxy's rates are kilobytes a second, integers, 1 at least. */
const KILOBYTE_BITS = 8000;

/** The proxy; `listen` and `upstream` are HOST:PORT. */
export function writeToxiproxy(link: LinkSpec, listen: string, upstream: string): Written {
  const missing: string[] = [];
  const ofLink = [...toxicsOf(link.up, "upstream", missing), ...toxicsOf(link.down, "downstream", missing)];
  // A toxic of one's own may have the name that the link's delay would get.
  const own = link.toxics ?? [];
  const free = (name: string) => (own.some(toxic => toxic.name === name) ? `link_${name}` : name);
  const toxics = [...ofLink.map(toxic => ({ ...toxic, name: free(toxic.name) })), ...own];
  if (link.halfOpen !== undefined) missing.push("connections that are half open (a timeout of 0 is near)");
  if (link.outage !== undefined && link.outage.model !== "none") missing.push("outages (set enabled to false for one)");
  if (link.headers !== undefined) missing.push("headers: it sees bytes, no packets");
  if (link.handover !== undefined) missing.push("handovers");
  if (link.nat !== undefined) missing.push("an address translator that forgets");
  if (link.mtu !== undefined) missing.push("the MTU: it sees bytes, no packets");
  const proxy = { name: link.name ?? "link", listen, upstream, enabled: link.enabled ?? true, toxics };
  return { text: `${JSON.stringify(proxy, null, 2)}\n`, missing };
}

/** A proxy of toxiproxy, as its API gives it: the link that its toxics are, and its addresses. Throws LinkError. */
export function readToxiproxy(input: unknown, field: string): { link: LinkSpec; listen?: string; upstream?: string } {
  const fields = readFields(input, field, ["name", "listen", "upstream", "enabled", "toxics", "Logger"]);
  const { name, listen, upstream, enabled, toxics } = fields;
  for (const [what, address] of Object.entries({ listen, upstream })) {
    if (address !== undefined && typeof address !== "string")
      throw new LinkError(`${field}.${what}: an address is HOST:PORT`);
  }
  const parts = Object.entries({ name, enabled, toxics }).filter(([, part]) => part !== undefined && part !== null);
  const link = validateLink(Object.fromEntries(parts), field);
  return { link, listen: listen as string | undefined, upstream: upstream as string | undefined };
}

function toxicsOf(direction: DirectionSpec, stream: ToxicSpec["stream"], missing: string[]): ToxicSpec[] {
  const toxics: ToxicSpec[] = [];
  const tell = (what: string) => missing.push(`${stream}: ${what}`);
  const add = (type: ToxicSpec["type"], attributes: Record<string, number>) =>
    toxics.push({ name: `${type}_${stream}`, type, stream, toxicity: 1, attributes });
  const { delay, rate, loss } = direction;
  if (delay !== undefined) {
    const jitter = "jitter" in delay && delay.jitter !== undefined ? durationUs(delay.jitter, "jitter") : 0;
    const scatters = delay.distribution !== undefined && delay.distribution !== "uniform";
    if (scatters) tell(`a delay that is ${delay.distribution}: its jitter is uniform`);
    add("latency", { latency: whole(baseUs(delay) + medianUs(delay)), jitter: whole(jitter) });
  }
  if (rate !== undefined && "bps" in rate) {
    const kilobytes = Math.max(1, Math.round(rate.bps / KILOBYTE_BITS));
    if (kilobytes * KILOBYTE_BITS !== rate.bps) tell(`${rate.bps} bit/s: the nearest is ${kilobytes} KB/s`);
    if (rate.packetOverhead !== undefined || rate.cellSize !== undefined) tell("overheads of packets and cells");
    add("bandwidth", { rate: kilobytes });
  } else if (rate !== undefined) {
    tell("a rate that follows a trace");
  }
  if (loss !== undefined && loss.model !== "none") tell("loss: what a proxy of TCP discards was already acknowledged");
  for (const part of ["corrupt", "duplicate", "reorder", "limit", "slot"] as const) {
    if (direction[part] !== undefined) tell(part);
  }
  if (direction.outage !== undefined && direction.outage.model !== "none") tell("outages");
  return toxics;
}

/** Microseconds as whole milliseconds. */
function whole(us: number): number {
  return Math.round(us / 1000);
}
