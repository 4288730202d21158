/**
 * The subscriber: a client of the core beside the broker, subscribed to everything, that tells the history what it gets.
 */
import type { Core } from "../core/core.ts";
import type { Scheduler } from "../link/index.ts";
import { CoreDriver } from "./core-driver.ts";
import type { History } from "./history.ts";
import { IDENTITY_SIZE, type Readings, readWord } from "./readings.ts";
import type { Dialler } from "./transport.ts";
import { isFive, type Version } from "./version.ts";

// Events of assembly/session/events.ts.
const MESSAGE = 4;
const OVERSIZE = 8;
/** A sensor that does not exist, for a message that names none. */
const NOBODY = 0x1fff_ffff;

export class Subscriber extends CoreDriver {
  private readonly history: History;
  private readonly readings: Readings;
  private readonly qos: 0 | 1 | 2;
  private readonly version: Version;
  private subscribed = false;

  constructor(
    scheduler: Scheduler,
    core: Core,
    client: number,
    dialler: Dialler,
    history: History,
    readings: Readings,
    qos: 0 | 1 | 2,
    version: Version,
  ) {
    super(scheduler, core, client, dialler);
    this.history = history;
    this.readings = readings;
    this.qos = qos;
    this.version = version;
  }

  /** Connects. The client's CONNECT has been committed. */
  start(): void {
    this.pump();
  }

  protected override connected(): void {
    if (this.subscribed) return;
    this.subscribed = true;
    const { core, client } = this;
    // One filter, "#": two bytes of size, the text, the QoS (section 3.8.3); before it in 5.0 an empty property block.
    const list = [...(isFive(this.version) ? [0] : []), 0, 1, 0x23, this.qos];
    const at = core.subscribe(client, list.length);
    core.bytes.set(list, at);
    core.commit(client);
  }

  protected override happened(event: number): void {
    if (event === MESSAGE) this.take();
    else if (event === OVERSIZE) this.history.delivered(NOBODY, 0, this.scheduler.nowUs, false);
  }

  private take(): void {
    const { core, client, history } = this;
    const { bytes } = core;
    const at = core.payloadAddress(client);
    const size = core.payloadSize(client);
    const nowUs = this.scheduler.nowUs;
    if (size < IDENTITY_SIZE) {
      history.delivered(NOBODY, 0, nowUs, false);
      return;
    }
    const sensor = readWord(bytes, at);
    const sequence = readWord(bytes, at + 4);
    history.delivered(sensor, sequence, nowUs, this.readings.matches(bytes, at, size, sensor, sequence));
  }
}
