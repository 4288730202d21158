/** The profiles that boards choose from, and the constants of assembly/profile.ts that make them. */
export const PROFILES: Readonly<
  Record<
    "perigee" | "perigee-v311" | "perigee-sensor",
    { readonly entry: string; readonly constants: Readonly<Record<string, number>> }
  >
>;

/** assembly/profile.ts with other values. Throws where it has no such constant. */
export function profileSource(text: string, constants: Readonly<Record<string, number>>): string;
