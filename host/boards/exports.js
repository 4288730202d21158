/**
 * What a module exports, read from the module itself, with the documentation of the sources: the one list that the C header,
 * the engines and their tests are made from, so that none of them can differ from the core.
 *
 * Plain JavaScript, as host/build.js, which calls it.
 */
import { readdirSync, readFileSync } from "node:fs";

/**
 * @typedef {object} Call
 * @property {string} name as the module exports it
 * @property {string} cName as C spells it, without the prefix
 * @property {string[]} parameters names, as C spells them
 * @property {boolean} hasResult
 * @property {string} documentation text of the doc comment, lines joined
 */

/** Reads the sections of a module that say how its functions are called. @param {Uint8Array} bytes */
function signaturesOf(bytes) {
  let at = 8;
  const byte = () => bytes[at++];
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const next = byte();
      value |= (next & 0x7f) << shift;
      if (next < 0x80) return value;
    }
  };
  const list = read => Array.from({ length: number() }, read);
  const text = () => Buffer.from(list(byte)).toString();
  const sections = {
    // Each begins with a byte that says that it is a function.
    1: () => list(() => ({ form: byte(), parameterCount: list(byte).length, hasResult: list(byte).length > 0 })),
    3: () => list(number),
    7: () => list(() => ({ name: text(), kind: byte(), index: number() })),
  };
  const read = {};
  while (at < bytes.length) {
    const id = byte();
    const end = number() + at;
    if (sections[id] !== undefined) read[id] = sections[id]();
    at = end;
  }
  return new Map(read[7].filter(({ kind }) => kind === 0).map(({ name, index }) => [name, read[1][read[3][index]]]));
}

/** `receiveAddress` as `receive_address`. @param {string} name */
export const snakeCase = name => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();

/** The exported functions of the sources, by name: their parameters and doc comments. @param {string} root */
function declarationsOf(root) {
  const found = new Map();
  for (const folder of ["assembly", "assembly/wire", "assembly/session"]) {
    for (const file of readdirSync(`${root}${folder}`).filter(name => name.endsWith(".ts"))) {
      // The codec's own index is another module.
      if (folder === "assembly/wire" && file === "index.ts") continue;
      const source = readFileSync(`${root}${folder}/${file}`, "utf8");
      const pattern = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?export function (\w+)\(([^)]*)\)/g;
      for (const [, comment = "", name, list] of source.matchAll(pattern)) {
        const parameters = list.split(",").map(part => snakeCase(part.split(":")[0].trim()));
        found.set(name, {
          parameters: parameters.filter(part => part !== ""),
          documentation: comment.replace(/^\s*\* ?/gm, "").trim(),
        });
      }
    }
  }
  return found;
}

/** Every function that `bytes` exports, in the order of their names. Throws where a source does not match. @param {Uint8Array} bytes @param {string} root @returns {Call[]} */
export function callsOf(bytes, root) {
  const declarations = declarationsOf(root);
  return [...signaturesOf(bytes)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { parameterCount, hasResult }]) => {
      const declared = declarations.get(name);
      if (declared?.parameters.length !== parameterCount) {
        throw new Error(
          `the module's ${name} has ${parameterCount} parameters, assembly/ declares ${declared?.parameters}`,
        );
      }
      return { name, cName: snakeCase(name), hasResult, ...declared };
    });
}

/** The constants that a source file exports, with their comments. @param {string} root @param {string} file */
export function constantsOf(root, file) {
  const source = readFileSync(`${root}assembly/${file}`, "utf8");
  const pattern = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?export const (\w+): i32 = (-?)([\d_xa-f]+);/g;
  return [...source.matchAll(pattern)].map(([, comment = "", name, sign, value]) => ({
    name,
    value: Number(value.replaceAll("_", "")) * (sign === "-" ? -1 : 1),
    documentation: comment.replace(/^\s*\* ?/gm, "").trim(),
  }));
}

/** The reason codes of MQTT 5.0 and their words, which the client of the computer shows too. @param {string} root @returns {[number, string][]} */
export function reasonsOf(root) {
  const source = readFileSync(`${root}host/client/reasons.ts`, "utf8");
  const rows = [...source.matchAll(/^ {2}(\d+): "(.+)",$/gm)].map(([, code, text]) => [Number(code), text]);
  if (rows.length === 0) throw new Error("host/client/reasons.ts lists no reason codes");
  return rows;
}
