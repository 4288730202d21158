/** What passes on one connection, packet by packet, shown to those who measure it. */
import { PacketSplitter } from "../../client/packet-splitter.ts";
import { FlowMeter } from "./flow-meter.ts";
import { QuietMeter } from "./quiet-meter.ts";

export class Wire {
  readonly flow = new FlowMeter();
  readonly quiet: QuietMeter;
  readonly #splitters = { sent: new PacketSplitter(), received: new PacketSplitter() };

  /** Opened at `nowMs`. */
  constructor(nowMs: number) {
    this.quiet = new QuietMeter(nowMs);
  }

  sees(direction: "sent" | "received", bytes: Uint8Array, nowMs: number): void {
    for (const { packet } of this.#splitters[direction].split(bytes)) {
      if (packet === undefined) continue;
      this.flow.sees(direction, packet);
      this.quiet.sees(direction, packet, nowMs);
    }
  }
}
