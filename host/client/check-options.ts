/**
 * What an option may be: a rule for each, so that one that is misspelt, of another type or out of its range is refused by
 * name and never quietly passed over.
 */
import { PerigeeError } from "./errors.ts";

/** What a value has to be, in words that follow "is", and whether one is that. */
interface Rule {
  readonly words: string;
  holds(value: unknown): boolean;
}

/** A rule for each option there is. */
export type Rules = Readonly<Record<string, Rule>>;

export const TEXT: Rule = { words: "a string", holds: value => typeof value === "string" };
export const FLAG: Rule = { words: "true or false", holds: value => typeof value === "boolean" };
export const FUNCTION: Rule = { words: "a function", holds: value => typeof value === "function" };
export const BYTES: Rule = {
  words: "a string or a Uint8Array",
  holds: value => typeof value === "string" || value instanceof Uint8Array,
};

/** Both ends included. */
export function integer(least: number, most: number): Rule {
  return {
    words: `an integer from ${least} to ${most}`,
    holds: value => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  };
}

export function oneOf(choices: readonly unknown[]): Rule {
  return {
    words: choices
      .slice(0, -1)
      .join(", ")
      .concat(` or ${choices.at(-1)}`),
    holds: v => choices.includes(v),
  };
}

export function object(words: string, ...methods: string[]): Rule {
  return {
    words,
    holds: value =>
      typeof value === "object" &&
      value !== null &&
      methods.every(name => typeof (value as Record<string, unknown>)[name] === "function"),
  };
}

/** Throws MISUSE_OPTION for what is no object, an option without a rule, and a value that its rule does not allow. */
export function checkOptions(options: unknown, rules: Rules, what = ""): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new PerigeeError("MISUSE_OPTION", `${what || "options"} is an object, not ${show(options)}`);
  }
  const prefix = what === "" ? "" : `${what}.`;
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, name)) {
      const text = `there is no option ${prefix}${name}${nearest(name, Object.keys(rules))}`;
      throw new PerigeeError("MISUSE_OPTION", text);
    }
    if (value !== undefined && !rules[name].holds(value)) {
      throw new PerigeeError("MISUSE_OPTION", `${prefix}${name} is ${rules[name].words}, not ${show(value)}`);
    }
  }
}

/** Throws MISUSE_QOS, with the statement that is broken. */
export function checkQos(qos: unknown, statement: string): void {
  if (qos === 0 || qos === 1 || qos === 2) return;
  throw new PerigeeError("MISUSE_QOS", `a QoS is 0, 1 or 2, and QoS ${show(qos)} is none ${statement}`);
}

/** Enough of a value to recognise it. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}...` : value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "function" ? "a function" : String(value);
}

/** The option that was most likely meant: one that begins the same, whatever the case. */
function nearest(name: string, known: readonly string[]): string {
  const lower = name.toLowerCase();
  const found = known.find(option => {
    const other = option.toLowerCase();
    return lower.length > 2 && (other.startsWith(lower) || lower.startsWith(other));
  });
  return found === undefined ? "" : `; did you mean ${found}?`;
}
