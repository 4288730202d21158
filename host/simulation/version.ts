/**
 * Which MQTT the clients of a run speak: 3.1.1, or 5.0 with and without topic aliases (section 3.3.2.3.4 of MQTT 5.0), which are what makes
 * 5.0 the cheaper of the two on a link that is paid by the byte.
 */
import { SimulationError } from "./error.ts";

/** As results name it. */
export type Version = "3.1.1" | "5.0" | "5.0, aliases";

/** What clients speak if nobody says. */
export const DEFAULT_VERSION: Version = "3.1.1";

/** Protocol levels, mosquitto's names, and the numbers of the standards. */
const SPELLINGS = new Map<string, Version>([
  ...["3.1.1", "4", "311", "mqttv311"].map(text => [text, "3.1.1"] as const),
  ...["5", "5.0", "50", "mqttv5"].flatMap(
    text =>
      [
        [text, "5.0"],
        [`${text}-alias`, "5.0, aliases"],
        [`${text}-aliases`, "5.0, aliases"],
      ] as const,
  ),
]);

/** Every version of a list with commas between. Throws a SimulationError that names `flag`. */
export function parseVersions(list: string, flag: string): Version[] {
  const versions = list.split(",").map(part => {
    const version = SPELLINGS.get(part.trim().toLowerCase());
    if (version === undefined) {
      throw new SimulationError(`${flag}: a version is 3.1.1, 5 or 5-alias, not "${part.trim()}"`);
    }
    return version;
  });
  const twice = versions.find((version, index) => versions.indexOf(version) < index);
  if (twice !== undefined) throw new SimulationError(`${flag}: ${twice} stands twice in "${list}"`);
  return versions;
}

/** Whether packets have properties. */
export function isFive(version: Version): boolean {
  return version !== "3.1.1";
}
