/**
 * What a fleet has used of a bearer: messages, bytes, time on the air, and what the network counts of it, message by message.
 */
import { type Billed, billOf } from "../link/billing.ts";
import type { BearerSpec } from "./spec.ts";

export class BearerUsage {
  upCount = 0;
  upBytes = 0;
  downCount = 0;
  downBytes = 0;
  /** Milliseconds on the air of the terminals, or null where nobody says. */
  airtimeMs: number | null = 0;
  private amount = 0;
  private dollars: number | undefined;
  private unit: Billed["unit"] = "bytes";
  private readonly spec: BearerSpec;

  constructor(spec: BearerSpec) {
    this.spec = spec;
    // An empty usage names the unit, and whether there is a price.
    const { unit, dollars } = billOf(spec.bill, usageOf([], []));
    this.unit = unit;
    this.dollars = dollars;
  }

  /** A terminal was on the air with a message of so many bytes. */
  sent(sizeBytes: number): void {
    this.upCount += 1;
    this.upBytes += sizeBytes + this.spec.headerBytes;
    const airtimeMs = this.spec.airtimeMs(sizeBytes);
    this.airtimeMs = airtimeMs === null || this.airtimeMs === null ? null : this.airtimeMs + airtimeMs;
  }

  /** A message came down. */
  received(sizeBytes: number): void {
    this.downCount += 1;
    this.downBytes += sizeBytes + this.spec.headerBytes;
    this.charge([], [sizeBytes + this.spec.headerBytes]);
  }

  /** The network has taken a message, or an empty one. */
  charged(sizeBytes: number): void {
    this.charge([sizeBytes + this.spec.headerBytes], []);
  }

  get billed(): Billed {
    return { amount: this.amount, unit: this.unit, dollars: this.dollars };
  }

  private charge(upPackets: number[], downPackets: number[]): void {
    const { amount, dollars } = billOf(this.spec.bill, usageOf(upPackets, downPackets));
    this.amount += amount;
    if (dollars !== undefined) this.dollars = (this.dollars ?? 0) + dollars;
  }
}

function usageOf(upPackets: number[], downPackets: number[]) {
  const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);
  return { upBytes: sum(upPackets), downBytes: sum(downPackets), upPackets, downPackets, seconds: 0 };
}
