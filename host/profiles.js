/**
 * What assembly/profile.ts says in each build that boards choose from. Beside build.js for the tests that make a build of their own.
 */

/** The profiles that boards choose from, and the constants of assembly/profile.ts that make them. */
export const PROFILES = {
  perigee: { entry: "assembly/index.ts", constants: {} },
  "perigee-v311": { entry: "assembly/v311.ts", constants: { V5: 0 } },
  "perigee-sensor": { entry: "assembly/sensor.ts", constants: { V5: 0, QOS2: 0, STORE: 0, LARGE: 0, ROOM: 0 } },
};

/**
 * assembly/profile.ts with other values. Throws where it has no such constant.
 * @param {string} text @param {Record<string, number>} constants @returns {string}
 */
export function profileSource(text, constants) {
  for (const [name, value] of Object.entries(constants)) {
    const declaration = new RegExp(`^(export const ${name}: i32 = )\\d+;$`, "m");
    if (!declaration.test(text)) throw new Error(`assembly/profile.ts has no ${name}`);
    text = text.replace(declaration, `$1${value};`);
  }
  return text;
}
