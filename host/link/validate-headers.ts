/**
 * Validation of what surrounds a packet: see headers.ts.
 */
import { LinkError } from "./error.ts";
import { readFields, readName } from "./fields.ts";
import { FRAMING_NAMES, type Framing, type HeadersSpec, IP_VERSIONS } from "./headers.ts";

/** Reads `value`. Throws LinkError. */
export function validateHeaders(value: unknown, field: string): HeadersSpec {
  const fields = readFields(value, field, ["ip", "framing", "rohc", "timestamps"]);
  const headers: HeadersSpec = {};
  if (fields.ip !== undefined) {
    const ip = IP_VERSIONS.find(version => version === fields.ip);
    if (ip === undefined) throw new LinkError(`${field}.ip: 4 or 6, not ${JSON.stringify(fields.ip)}`);
    headers.ip = ip;
  }
  if (fields.framing !== undefined) {
    headers.framing = readName(fields.framing, `${field}.framing`, "framing", FRAMING_NAMES) as Framing;
  }
  for (const name of ["rohc", "timestamps"] as const) {
    const flag = fields[name];
    if (flag === undefined) continue;
    if (typeof flag !== "boolean") throw new LinkError(`${field}.${name}: true or false, not ${JSON.stringify(flag)}`);
    headers[name] = flag;
  }
  return headers;
}
