/**
 * As much of JSON Schema (draft 2020-12) as link.schema.json uses, and an error for anything else: a second pair of eyes on the same links as the
 * validator.
 */
type Schema = { readonly [keyword: string]: unknown };

const ANNOTATIONS = ["$schema", "$defs", "title", "description"];

/** True when `value` conforms to `schema`, whose references point into `root`. */
export function conforms(value: unknown, schema: Schema, root: Schema): boolean {
  return Object.entries(schema).every(([keyword, rule]) => holds(keyword, rule, value, schema, root));
}

function holds(keyword: string, rule: unknown, value: unknown, schema: Schema, root: Schema): boolean {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const fields = (isObject ? value : {}) as Record<string, unknown>;
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  if (ANNOTATIONS.includes(keyword)) return true;
  switch (keyword) {
    case "$ref": {
      const name = String(rule).replace("#/$defs/", "");
      return conforms(value, (root.$defs as Record<string, Schema>)[name], root);
    }
    case "type":
      if (rule === "object") return isObject;
      if (rule === "array") return Array.isArray(value);
      if (rule === "integer") return Number.isInteger(value);
      if (rule === "number") return Number.isFinite(value);
      return typeof value === rule;
    case "const":
      return value === rule;
    case "enum":
      return (rule as unknown[]).includes(value);
    case "anyOf":
      return (rule as Schema[]).some(option => conforms(value, option, root));
    case "minimum":
      return typeof value !== "number" || value >= (rule as number);
    case "maximum":
      return typeof value !== "number" || value <= (rule as number);
    case "minLength":
      return typeof value !== "string" || value.length >= (rule as number);
    case "pattern":
      return typeof value !== "string" || new RegExp(String(rule), "u").test(value);
    case "minItems":
      return !Array.isArray(value) || value.length >= (rule as number);
    case "maxItems":
      return !Array.isArray(value) || value.length <= (rule as number);
    case "items":
      return !Array.isArray(value) || value.every(item => conforms(item, rule as Schema, root));
    case "properties":
      return Object.entries(fields).every(
        ([name, part]) => !Object.hasOwn(properties, name) || conforms(part, properties[name], root),
      );
    case "required":
      return !isObject || (rule as string[]).every(name => Object.hasOwn(fields, name));
    case "additionalProperties":
      return Object.keys(fields).every(name => Object.hasOwn(properties, name));
    case "dependentRequired":
      return Object.entries(rule as Record<string, string[]>).every(
        ([name, needed]) => !Object.hasOwn(fields, name) || needed.every(other => Object.hasOwn(fields, other)),
      );
  }
  throw new Error(`the keyword "${keyword}" of JSON Schema is not looked at here`);
}
