/** The way to a server that the client stands beside. A frozen client keeps its connection; the next one is another. */
import type { Dialler, Listener, Station, Transport } from "../../simulation/index.ts";
import type { Line } from "./line.ts";

export class BesideLine implements Line {
  private readonly station: Station;
  private dialler: Dialler;

  constructor(station: Station) {
    this.station = station;
    this.dialler = station.beside();
  }

  open(listener: Listener): Transport {
    return this.dialler.open(listener);
  }

  freeze(): void {
    this.dialler = this.station.beside();
  }
}
