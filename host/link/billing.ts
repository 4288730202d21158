/**
 * What a network counts, from what was sent: the rules of the presets' `bill`, each with its source in the presets.
 *
 * Prices change and rules do not: where a preset has no price, there is a count and no money.
 */
import type { Facts } from "./presets/provenance.ts";

/** What one session (a connection, a call, or a single message) has used. Bytes of IP, or of the message where there is no IP. */
export interface Usage {
  upBytes: number;
  downBytes: number;
  /** Sizes of the packets or messages, for bills that count them one by one. */
  upPackets: readonly number[];
  downPackets: readonly number[];
  seconds: number;
}

export interface Billed {
  amount: number;
  unit: "bytes" | "minutes" | "credits";
  /** US dollars, where the preset has a price. */
  dollars?: number;
}

/** What a session comes to under `bill`; without one, the bytes as they are. */
export function billOf(bill: Facts | undefined, usage: Usage): Billed {
  const rule = (name: string) => (typeof bill?.[name] === "number" ? (bill[name] as number) : undefined);
  const { upBytes, downBytes, upPackets, downPackets, seconds } = usage;
  const total = upBytes + downBytes;
  if (bill?.per === "minute") return { amount: Math.ceil(seconds / 60), unit: "minutes" };
  const unitBytes = rule("unitBytes");
  if (unitBytes !== undefined) {
    // Each message by itself, and a session without one as well.
    const credits = [...upPackets, ...downPackets].reduce(
      (sum, size) => sum + Math.max(rule("minimumUnits") ?? 0, Math.ceil(size / unitBytes)),
      0,
    );
    const price = rule("dollarsPerUnit");
    return { amount: credits, unit: "credits", dollars: price === undefined ? undefined : credits * price };
  }
  const roundTo = rule("roundTo") ?? 1;
  const rounded = (bytes: number, least: number) => Math.ceil(Math.max(bytes, least) / roundTo) * roundTo;
  const perDirection = rule("minimumPerSessionPerDirection");
  const perPacket = rule("minimumPerPacket") ?? rule("minimumPerMessage");
  let bytes = total;
  if (perPacket !== undefined)
    bytes = [...upPackets, ...downPackets].reduce((sum, size) => sum + rounded(size, perPacket), 0);
  else if (perDirection !== undefined) bytes = rounded(upBytes, perDirection) + rounded(downBytes, perDirection);
  else bytes = rounded(total, rule("minimumPerSession") ?? 0);
  // A session that lasts pays for its time as well.
  if (seconds > (rule("floorAfterSeconds") ?? Number.POSITIVE_INFINITY))
    bytes = Math.max(bytes, (rule("floorBytesPerSecond") ?? 0) * seconds);
  const price = rule("dollarsPerMegabyte");
  return { amount: Math.ceil(bytes), unit: "bytes", dollars: price === undefined ? undefined : (bytes / 1e6) * price };
}

/**
 * Time on the air of a LoRa frame, milliseconds: Semtech AN1200.13, explicit header, CRC, coding rate 4/5, 8 symbols of preamble, 125 kHz, low data rate
 * optimisation from spreading factor 11 on.
 */
export function loraAirtimeMs(phyBytes: number, spreadingFactor: number): number {
  const symbolMs = 2 ** spreadingFactor / 125;
  const optimised = spreadingFactor >= 11 ? 1 : 0;
  const bits = 8 * phyBytes - 4 * spreadingFactor + 28 + 16;
  const symbols = 8 + Math.max(Math.ceil(bits / (4 * (spreadingFactor - 2 * optimised))) * 5, 0);
  return (8 + 4.25 + symbols) * symbolMs;
}

/** What LoRaWAN puts around an application's bytes: MHDR 1, FHDR 7, FPort 1, MIC 4. */
export const LORAWAN_OVERHEAD_BYTES = 13;
