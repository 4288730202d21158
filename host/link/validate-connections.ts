/**
 * Validation of what a link does to connections as wholes: translators that forget, paths that die, toxics, and doors that are shut.
 */
import { LinkError } from "./error.ts";
import { type Fields, readDuration, readFields, readList, readName } from "./fields.ts";
import type { LinkSpec, NatSpec } from "./spec.ts";
import { type ToxicSpec, validateToxic } from "./toxics/toxic-spec.ts";

/** Reads those of `fields` into `link`. Throws LinkError. */
export function validateConnections(fields: Fields, field: string, link: LinkSpec): void {
  if (fields.nat !== undefined) link.nat = validateNat(fields.nat, `${field}.nat`);
  if (fields.halfOpen !== undefined) {
    const { after } = readFields(fields.halfOpen, `${field}.halfOpen`, ["after"]);
    link.halfOpen = { after: readDuration(after, `${field}.halfOpen.after`) };
  }
  if (fields.toxics !== undefined) link.toxics = validateToxics(fields.toxics, `${field}.toxics`);
  if (fields.enabled !== undefined) {
    if (typeof fields.enabled !== "boolean") {
      throw new LinkError(`${field}.enabled: true or false, not ${JSON.stringify(fields.enabled)}`);
    }
    link.enabled = fields.enabled;
  }
}

/** Toxics, no two of one name. Throws LinkError. */
export function validateToxics(value: unknown, field: string): ToxicSpec[] {
  const toxics = readList(value, field).map((each, index) => validateToxic(each, `${field}[${index}]`));
  for (const [index, { name }] of toxics.entries()) {
    if (toxics.findIndex(other => other.name === name) < index) {
      throw new LinkError(`${field}[${index}].name: there is a toxic "${name}" already`);
    }
  }
  return toxics;
}

/** An address translator. Throws LinkError. */
export function validateNat(value: unknown, field: string): NatSpec {
  const fields = readFields(value, field, ["timeout", "onExpiry"]);
  const onExpiry = readName(fields.onExpiry, `${field}.onExpiry`, "answer", ["rst", "silent"]);
  return { timeout: readDuration(fields.timeout, `${field}.timeout`), onExpiry: onExpiry === "rst" ? "rst" : "silent" };
}
