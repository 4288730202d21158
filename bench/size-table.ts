/**
 * The text of bench/size.md, from the figures that bench/size.ts and the test of the sizes read off the build.
 */
export interface Sizes {
  readonly codeBytes: number;
  readonly fileBytes: number;
  readonly gzipBytes: number;
  /** Receive region of 256 bytes, eight messages of 62 bytes, a CONNECT of 64, eight identifiers of QoS 2. */
  readonly recordBytes: number;
  readonly mostLocals: number;
  readonly functionCount: number;
}

const count = (value: number) => value.toLocaleString("en-GB");

/** The rivals' figures are of the same work, measured on their newest release when this project began. */
export function sizeTable(sizes: Sizes): string {
  return `# Size of the core

\`npm run bench size\` writes this file; test/assembly/size.test.ts compares it with the build.

| perigee.wasm, MQTT 3.1.1, QoS 0-2 | |
|---|--:|
| code, bytes | ${count(sizes.codeBytes)} |
| file, bytes | ${count(sizes.fileBytes)} |
| file, gzip -9, bytes | ${count(sizes.gzipBytes)} |
| functions | ${sizes.functionCount} |
| most locals of a function | ${sizes.mostLocals} |
| memory of one client, bytes: packets to 256, eight QoS 1 messages of 62 in flight, stored for resending | ${count(sizes.recordBytes)} |

The bar for the code is 6,144 bytes. What others need for the same protocol: 6,344 (Paho embedded C, with one
message in flight), 8,826 (coreMQTT 2.3.1). For the memory: 1,028 (coreMQTT 2.3.1, without the payloads), 1,068 (MQTT-C).
`;
}
