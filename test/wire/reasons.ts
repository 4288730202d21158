/**
 * Which reason codes each packet of MQTT 5.0 may carry: the tables of sections 3.2.2.2, 3.4.2.1, 3.5.2.1, 3.6.2.1, 3.7.2.1, 3.9.3, 3.11.3, 3.14.2.1 and
 * 3.15.2.1, written down once more for the tests of both codecs.
 */
const PUBLISHED = [0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const RELEASED = [0, 0x92];

/** The bytes before the code, and those behind it, of a packet with one code; and the codes that it may have. */
export interface CodedPacket {
  readonly name: string;
  readonly before: readonly number[];
  readonly behind: readonly number[];
  readonly codes: readonly number[];
}

/** What a server may send. */
export const FROM_SERVER: readonly CodedPacket[] = [
  {
    name: "CONNACK",
    before: [0x20, 3, 0],
    behind: [0],
    codes: [
      ...[0, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97],
      ...[0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f],
    ],
  },
  { name: "PUBACK", before: [0x40, 3, 0, 1], behind: [], codes: PUBLISHED },
  { name: "PUBREC", before: [0x50, 3, 0, 1], behind: [], codes: PUBLISHED },
  { name: "PUBREL", before: [0x62, 3, 0, 1], behind: [], codes: RELEASED },
  { name: "PUBCOMP", before: [0x70, 3, 0, 1], behind: [], codes: RELEASED },
  {
    name: "SUBACK",
    before: [0x90, 4, 0, 1, 0],
    behind: [],
    codes: [0, 1, 2, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2],
  },
  {
    name: "UNSUBACK",
    before: [0xb0, 4, 0, 1, 0],
    behind: [],
    codes: [0, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91],
  },
  {
    name: "DISCONNECT",
    before: [0xe0, 1],
    behind: [],
    codes: [
      // 0x8c is in table 2-6 and not in that of section 3.14.2.1.
      ...[0, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96],
      ...[0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2],
    ],
  },
];

/** Every code, in order, that `takes` a packet of. */
export function taken({ before, behind }: CodedPacket, takes: (bytes: number[]) => boolean): number[] {
  return Array.from({ length: 256 }, (_, code) => code).filter(code => takes([...before, code, ...behind]));
}
