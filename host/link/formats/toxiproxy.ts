/**
 * A link as a proxy of toxiproxy 2.12, in the JSON of its HTTP API (GET /proxies/NAME).
 *
 * toxiproxy stands between two TCP connections and cannot lose a packet; of a link it has the delay, with uniform jitter, and the rate. The rest
 * is told and left out.
 */
import { baseUs, medianUs } from "../delay.ts";
import { durationUs } from "../duration.ts";
import type { DirectionSpec, LinkSpec } from "../spec.ts";
import type { Written } from "./written.ts";

interface Toxic {
  name: string;
  type: string;
  stream: "upstream" | "downstream";
  toxicity: number;
  attributes: Record<string, number>;
}

/** toxiproxy's rates are kilobytes a second, integers, 1 at least. */
const KILOBYTE_BITS = 8000;

/** The proxy; `listen` and `upstream` are HOST:PORT. */
export function writeToxiproxy(link: LinkSpec, listen: string, upstream: string): Written {
  const missing: string[] = [];
  const toxics = [...toxicsOf(link.up, "upstream", missing), ...toxicsOf(link.down, "downstream", missing)];
  if (link.outage !== undefined && link.outage.model !== "none") missing.push("outages (set enabled to false for one)");
  if (link.handover !== undefined) missing.push("handovers");
  if (link.nat !== undefined) missing.push("an address translator that forgets");
  if (link.mtu !== undefined) missing.push("the MTU: it sees bytes, no packets");
  const proxy = { name: link.name ?? "link", listen, upstream, enabled: true, toxics };
  return { text: `${JSON.stringify(proxy, null, 2)}\n`, missing };
}

function toxicsOf(direction: DirectionSpec, stream: Toxic["stream"], missing: string[]): Toxic[] {
  const toxics: Toxic[] = [];
  const tell = (what: string) => missing.push(`${stream}: ${what}`);
  const add = (type: string, attributes: Record<string, number>) =>
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
  for (const part of ["corrupt", "duplicate", "reorder", "limit"] as const) {
    if (direction[part] !== undefined) tell(part);
  }
  if (direction.outage !== undefined && direction.outage.model !== "none") tell("outages");
  return toxics;
}

/** Microseconds as whole milliseconds. */
function whole(us: number): number {
  return Math.round(us / 1000);
}
