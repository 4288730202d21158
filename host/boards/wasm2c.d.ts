/** See wasm2c.js. */
export function plainC(module: string, name: string, root: string): { header: string; source: string };
