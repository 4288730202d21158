/** See interface-section.js. */
export function withInterface(module: Uint8Array, header: string): Buffer<ArrayBuffer>;
