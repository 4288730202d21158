/**
 * What a preset is, and where each of its figures comes from.
 *
 * Nobody can measure every link, so a figure that somebody assumed stands beside one from a data sheet; what must not happen is that the two look
 * the same. Every figure of every preset has a grade and a source, and a test finds the one that has none.
 */
import type { LinkSpec } from "../spec.ts";

export type Grade = "M" | "S" | "V" | "D" | "K" | "F";

/** What a grade means, best first. */
export const GRADES: Readonly<Record<Grade, string>> = {
  M: "measured",
  S: "a primary or near-primary source",
  D: "derived by arithmetic from geometry or a standard",
  V: "a reseller or a practitioner",
  K: "from a named document, not read again",
  F: "an assumption: illustrative",
};

/** Where a figure comes from. `figure` is a path such as `delay.base`, and counts for all below it and for both directions. */
export interface Provenance {
  readonly figure: string;
  readonly grade: Grade;
  readonly source: string;
}

/** Figures that the link's model does not use: limits of a bearer, what a bill counts. Sizes are bytes, times ms, money US dollars. */
export type Facts = { readonly [name: string]: number | string | boolean | readonly number[] | Facts };

/** A link that carries IP. */
export interface Preset {
  readonly summary: string;
  readonly link: LinkSpec;
  readonly facts?: Facts;
  readonly provenance: readonly Provenance[];
}

/** A bearer that carries single messages and no TCP. */
export interface MessageBearer {
  readonly summary: string;
  /** Why no TCP connection can exist there, for the line that refuses it. */
  readonly limit: string;
  readonly facts: Facts;
  readonly provenance: readonly Provenance[];
}
