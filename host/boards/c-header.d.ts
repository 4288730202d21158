/** See c-header.js. */
export function cHeader(module: Uint8Array, fields: readonly string[], root: string, version: string): string;
