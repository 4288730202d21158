/**
 * Validation of a link: from JSON that somebody wrote to a {@link LinkSpec} that can be built, or one line that says which field breaks which rule.
 *
 * What stands beside `up` and `down` counts for both directions, unless a direction says otherwise; only an outage beside them is one outage of
 * the whole link, and so are handovers. `$schema` may name link.schema.json, which describes the same; a test holds the two together.
 */
import { durationUs } from "./duration.ts";
import { LinkError } from "./error.ts";
import { type Fields, readDuration, readFields, readInteger, readList, readNumber, readProbability } from "./fields.ts";
import {
  DIRECTION_FIELDS,
  type DirectionSpec,
  type LimitSpec,
  type LinkSpec,
  type OverheadSpec,
  type RateSpec,
  type SlotSpec,
} from "./spec.ts";
import { validateConnections } from "./validate-connections.ts";
import { validateDelay } from "./validate-delay.ts";
import { validateHeaders } from "./validate-headers.ts";
import { validateLoss } from "./validate-loss.ts";
import { validateHandover, validateOutage } from "./validate-outage.ts";

/** Smallest and largest MTU: what every IPv4 host takes (RFC 791: 68), and the largest IP packet. */
const [SMALLEST_MTU, LARGEST_MTU] = [68, 65_535];
/** Rates beyond a terabit a second would round to no time at all. */
const LARGEST_BPS = 1e12;
const LARGEST_OVERHEAD_BYTES = 65_535;
const LARGEST_TRACE_MS = 365 * 86_400_000;
const RATE_RULE = "a rate is 1 to 10^12 bits a second";
const OVERHEAD_FIELDS = ["packetOverhead", "cellSize", "cellOverhead"];

/** `input` as a link. `field` begins every message. Throws LinkError. */
export function validateLink(input: unknown, field = "link"): LinkSpec {
  const known = [
    "$schema",
    "name",
    "mtu",
    "headers",
    "up",
    "down",
    "handover",
    "nat",
    "halfOpen",
    "toxics",
    "enabled",
    ...DIRECTION_FIELDS,
  ];
  const fields = readFields(input, field, known);
  const both = directionFields(fields);
  const link: LinkSpec = {
    up: validateDirection({ ...both, ...optionalObject(fields.up, `${field}.up`) }, `${field}.up`),
    down: validateDirection({ ...both, ...optionalObject(fields.down, `${field}.down`) }, `${field}.down`),
  };
  // What both directions override is read all the same: a mistake there is still a mistake.
  validateDirection(both, field);
  if (fields.$schema !== undefined) validateName(fields.$schema, `${field}.$schema`);
  if (fields.name !== undefined) link.name = validateName(fields.name, `${field}.name`);
  if (fields.mtu !== undefined) {
    link.mtu = readNumber(fields.mtu, `${field}.mtu`, "an MTU is 68 to 65535 bytes", SMALLEST_MTU, LARGEST_MTU);
    readInteger(link.mtu, `${field}.mtu`, SMALLEST_MTU);
  }
  if (fields.headers !== undefined) link.headers = validateHeaders(fields.headers, `${field}.headers`);
  if (fields.outage !== undefined) link.outage = validateOutage(fields.outage, `${field}.outage`);
  if (fields.handover !== undefined) link.handover = validateHandover(fields.handover, `${field}.handover`);
  validateConnections(fields, field, link);
  return link;
}

function validateName(value: unknown, field: string): string {
  if (typeof value !== "string" || value === "")
    throw new LinkError(`${field}: a name is text, not ${JSON.stringify(value)}`);
  return value;
}

/** The fields that count for both directions. */
function directionFields(fields: Fields): Record<string, unknown> {
  const both: Record<string, unknown> = {};
  for (const name of DIRECTION_FIELDS) {
    if (name !== "outage" && fields[name] !== undefined) both[name] = fields[name];
  }
  return both;
}

function optionalObject(value: unknown, field: string): Fields {
  return value === undefined ? {} : readFields(value, field, DIRECTION_FIELDS);
}

function validateDirection(fields: Fields, field: string): DirectionSpec {
  const direction: DirectionSpec = {};
  if (fields.delay !== undefined) direction.delay = validateDelay(fields.delay, `${field}.delay`);
  if (fields.rate !== undefined) direction.rate = validateRate(fields.rate, `${field}.rate`);
  if (fields.limit !== undefined) direction.limit = validateLimit(fields.limit, `${field}.limit`);
  if (fields.loss !== undefined) direction.loss = validateLoss(fields.loss, `${field}.loss`);
  if (fields.corrupt !== undefined) direction.corrupt = validateChance(fields.corrupt, `${field}.corrupt`);
  if (fields.duplicate !== undefined) direction.duplicate = validateChance(fields.duplicate, `${field}.duplicate`);
  if (fields.reorder !== undefined) {
    const reorder = readFields(fields.reorder, `${field}.reorder`, ["p", "gap"]);
    direction.reorder = { p: readProbability(reorder.p, `${field}.reorder.p`) };
    if (reorder.gap !== undefined) direction.reorder.gap = readInteger(reorder.gap, `${field}.reorder.gap`, 1);
  }
  if (fields.slot !== undefined) direction.slot = validateSlot(fields.slot, `${field}.slot`);
  if (fields.outage !== undefined) direction.outage = validateOutage(fields.outage, `${field}.outage`);
  return direction;
}

function validateRate(value: unknown, field: string): RateSpec {
  if (typeof value === "number") return { bps: readNumber(value, `${field}.bps`, RATE_RULE, 1, LARGEST_BPS) };
  const fields = readFields(value, field, ["bps", "trace", ...OVERHEAD_FIELDS]);
  if (fields.trace === undefined) {
    const bps = readNumber(fields.bps, `${field}.bps`, RATE_RULE, 1, LARGEST_BPS);
    return { bps, ...validateOverhead(fields, field) };
  }
  if (fields.bps !== undefined) throw new LinkError(`${field}: bps and trace are two rates; one is needed`);
  return { trace: validateTrace(fields.trace, `${field}.trace`), ...validateOverhead(fields, field) };
}

/** mahimahi's: whole milliseconds that never fall, the last of which is the length of the trace. Throws LinkError. */
export function validateTrace(value: unknown, field: string): number[] {
  const trace = readList(value, field);
  if (trace.length === 0) throw new LinkError(`${field}: it is empty; one millisecond at least is needed`);
  let previousMs = 0;
  for (const [index, ms] of trace.entries()) {
    const rule = "a whole millisecond, up to a year";
    if (readNumber(ms, `${field}[${index}]`, rule, 0, LARGEST_TRACE_MS) % 1 !== 0) {
      throw new LinkError(`${field}[${index}]: ${rule}, not ${ms}`);
    }
    if ((ms as number) < previousMs)
      throw new LinkError(`${field}[${index}]: time runs back, from ${previousMs} to ${ms}`);
    previousMs = ms as number;
  }
  if (previousMs === 0) throw new LinkError(`${field}: it ends at 0 ms, so it would never end`);
  return trace as number[];
}

function validateOverhead(fields: Fields, field: string): OverheadSpec {
  const overhead: OverheadSpec = {};
  for (const name of ["packetOverhead", "cellOverhead"] as const) {
    const rule = "an overhead is a number of bytes, up to 65535 either way";
    if (fields[name] === undefined) continue;
    overhead[name] = readNumber(
      fields[name],
      `${field}.${name}`,
      rule,
      -LARGEST_OVERHEAD_BYTES,
      LARGEST_OVERHEAD_BYTES,
    );
  }
  if (fields.cellSize !== undefined) overhead.cellSize = readInteger(fields.cellSize, `${field}.cellSize`, 0);
  if ((overhead.cellSize ?? 0) + (overhead.cellOverhead ?? 0) < 0) {
    throw new LinkError(`${field}.cellOverhead: a cell cannot be smaller than nothing`);
  }
  return overhead;
}

function validateLimit(value: unknown, field: string): LimitSpec {
  const fields = typeof value === "number" ? { packets: value } : readFields(value, field, ["packets", "bytes"]);
  const limit: LimitSpec = {};
  const { packets, bytes } = fields as Fields;
  if (packets !== undefined) limit.packets = readInteger(packets, `${field}.packets`, 1);
  if (bytes !== undefined) limit.bytes = readInteger(bytes, `${field}.bytes`, 1);
  return limit;
}

function validateSlot(value: unknown, field: string): SlotSpec {
  const fields = readFields(value, field, ["min", "max", "packets", "bytes"]);
  const slot: SlotSpec = { min: readDuration(fields.min, `${field}.min`) };
  if (durationUs(slot.min, field) < 1) throw new LinkError(`${field}.min: a slot lasts a microsecond at least`);
  if (fields.max !== undefined) {
    slot.max = readDuration(fields.max, `${field}.max`);
    if (durationUs(slot.max, field) < durationUs(slot.min, field))
      throw new LinkError(`${field}.max: the least comes first`);
  }
  if (fields.packets !== undefined) slot.packets = readInteger(fields.packets, `${field}.packets`, 1);
  if (fields.bytes !== undefined) slot.bytes = readInteger(fields.bytes, `${field}.bytes`, 1);
  return slot;
}

function validateChance(value: unknown, field: string): { p: number } {
  const fields = typeof value === "number" ? { p: value } : readFields(value, field, ["p"]);
  return { p: readProbability((fields as Fields).p, `${field}.p`) };
}
