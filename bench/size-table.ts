/**
 * The text of bench/size.md, from the figures that bench/size.ts and the test of the sizes read off the build.
 */
export interface Sizes {
  /** The file in build/, and what it speaks. */
  readonly profile: string;
  readonly speaks: string;
  readonly codeBytes: number;
  readonly fileBytes: number;
  readonly gzipBytes: number;
  /** Receive region of 256 bytes, eight messages of 62 bytes, a CONNECT of 64, eight identifiers of QoS 2. */
  readonly recordBytes: number;
  readonly functionCount: number;
  readonly largestFunctionBytes: number;
  readonly mostLocals: number;
}

/** The modules that a board chooses from. */
export const PROFILES: readonly Pick<Sizes, "profile" | "speaks">[] = [
  { profile: "perigee.wasm", speaks: "MQTT 3.1.1 and 5.0" },
  { profile: "perigee-v311.wasm", speaks: "MQTT 3.1.1" },
  { profile: "perigee-sensor.wasm", speaks: "MQTT 3.1.1, QoS 0 and 1, nothing stored" },
];

const count = (value: number) => value.toLocaleString("en-GB");

const row = (sizes: Sizes) =>
  `| ${[
    sizes.profile,
    sizes.speaks,
    ...[sizes.codeBytes, sizes.fileBytes, sizes.gzipBytes, sizes.recordBytes],
    ...[sizes.functionCount, sizes.largestFunctionBytes, sizes.mostLocals],
  ]
    .map(value => (typeof value === "number" ? count(value) : value))
    .join(" | ")} |`;

/** The others' figures are of the same work, measured once on their newest release when this project began. */
export function sizeTable(profiles: readonly Sizes[]): string {
  return `# Size of the core

\`npm run bench size\` writes this file; test/assembly/size.test.ts compares it with the build.

| module | speaks | code, bytes | file | gzip -9 | memory of one client | functions | largest, bytes | most locals |
|---|---|--:|--:|--:|--:|--:|--:|--:|
${profiles.map(row).join("\n")}

The memory is that of packets to 256 bytes and eight QoS 1 messages of 62 bytes in flight, stored for resending.

The bar for the code of 3.1.1 is 6,144 bytes; what others need for it: 6,344 (Paho embedded C, with one message in flight), 8,826
(coreMQTT 2.3.1). That of 3.1.1 and 5.0 is 12,288; others: 18,281 (wolfMQTT), 21,722 (coreMQTT 5, 5.0 only). For the memory: 1,028
(coreMQTT 2.3.1, without the payloads), 1,068 (MQTT-C). Those were measured once, on each one's newest release when this project began: its
.wasm code compiled for the same work, its memory for the geometry above.
`;
}
