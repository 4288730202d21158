/**
 * A sensor: a client of the core with readings to publish, and an observer's eye on what becomes of them.
 */
import type { Core } from "../core/core.ts";
import { type DueHandler, NEVER_US, type Scheduler } from "../link/index.ts";
import { CoreDriver } from "./core-driver.ts";
import type { History } from "./history.ts";
import { type Readings, readWord } from "./readings.ts";
import type { Dialler } from "./transport.ts";

/** Event of assembly/session/events.ts: a message is acknowledged as its quality of service promises. */
const PUBLISHED = 5;
/** FULL of assembly/status.ts. */
const FULL = -2;
/** Packet type of PUBLISH, in the high half of the first byte, section 3.3.1. */
const PUBLISH = 3;
/** Identifiers go round from 1 to this, section 2.3.1. */
const LARGEST_ID = 65_535;

export interface SensorSettings {
  index: number;
  qos: 0 | 1 | 2;
  /** The topic, as its bytes stand in the core's memory. */
  topicAt: number;
  topicSize: number;
  /** Bytes of an empty property block: 1 in MQTT 5.0 (section 3.3.2.3.1), 0 in 3.1.1. */
  blockSize: 0 | 1;
  /** No reading is taken at this time or later. */
  endUs: number;
}

export class Sensor extends CoreDriver implements DueHandler {
  private readonly history: History;
  private readonly readings: Readings;
  private readonly index: number;
  private readonly qos: 0 | 1 | 2;
  private readonly topicAt: number;
  private readonly topicSize: number;
  private readonly blockSize: 0 | 1;
  private readonly endUs: number;
  private readingCount = 0;
  /** Messages that the client has accepted; the next one has this number. */
  private acceptedCount = 0;

  constructor(
    scheduler: Scheduler,
    core: Core,
    client: number,
    dialler: Dialler,
    history: History,
    readings: Readings,
    settings: SensorSettings,
  ) {
    super(scheduler, core, client, dialler);
    this.history = history;
    this.readings = readings;
    this.index = settings.index;
    this.qos = settings.qos;
    this.topicAt = settings.topicAt;
    this.topicSize = settings.topicSize;
    this.blockSize = settings.blockSize;
    this.endUs = settings.endUs;
  }

  /** Connects, and takes readings from then on. The client's CONNECT has been committed. */
  start(): void {
    this.plan(this.readings.firstUs(this.index));
    this.pump();
  }

  /** Readings taken, accepted or not. */
  get takenCount(): number {
    return this.readingCount;
  }

  /** Bytes that wait in the client: to be sent, or to be acknowledged. */
  get waitingBytes(): number {
    return this.core.outboxUsed(this.client);
  }

  /** A reading is due. */
  due(): void {
    const { core, client, readings, index } = this;
    const reading = this.readingCount;
    const size = readings.size(index, reading);
    const nowUs = this.scheduler.nowUs;
    this.readingCount += 1;
    const topicAt = core.publish(client, this.topicSize, this.blockSize + size, this.qos << 1);
    if (topicAt < 0) {
      this.refuse(topicAt, nowUs);
    } else {
      core.bytes.copyWithin(topicAt, this.topicAt, this.topicAt + this.topicSize);
      const payloadAt = core.composedEnd(client) - size;
      if (this.blockSize > 0) core.bytes[payloadAt - 1] = 0;
      readings.write(core.bytes, payloadAt, index, reading, this.acceptedCount);
      const packetId = core.commit(client);
      if (packetId < 0) {
        this.refuse(packetId, nowUs);
      } else {
        this.acceptedCount += 1;
        this.history.invoked(this.index, nowUs);
        this.pump();
      }
    }
    this.plan(readings.nextUs(index, reading + 1, nowUs));
  }

  protected override happened(event: number): void {
    if (event !== PUBLISHED) return;
    // Identifiers are given in turn, so the one given to the newest message tells how far back this one is.
    const id = this.core.eventId(this.client);
    const newestId = ((this.acceptedCount - 1) % LARGEST_ID) + 1;
    const age = (newestId - id + LARGEST_ID) % LARGEST_ID;
    this.history.acknowledged(this.index, this.acceptedCount - 1 - age, this.scheduler.nowUs);
  }

  protected override disconnected(): void {
    this.history.disconnected(this.index, this.scheduler.nowUs);
  }

  protected override leaving(at: number): void {
    const { core, client } = this;
    const { bytes } = core;
    // A head with an alias leaves in front of the payload of the packet that stands at the cursor.
    const packetAt = core.cursorAddress(client);
    if (at !== packetAt && at < core.aliasesAddress(client)) return;
    if (bytes[packetAt] >> 4 !== PUBLISH) return;
    let payloadAt = packetAt + 1;
    while ((bytes[payloadAt] & 0x80) !== 0) payloadAt += 1;
    payloadAt += 1 + 2 + this.topicSize + (this.qos === 0 ? 0 : 2) + this.blockSize;
    this.history.sent(this.index, readWord(bytes, payloadAt + 4), this.scheduler.nowUs);
  }

  private refuse(answer: number, nowUs: number): void {
    // Everything else has been ruled out before the run began.
    if (answer !== FULL) throw new Error(`sensor ${this.index}: the client answered ${answer} to a reading`);
    this.history.refused(this.index, nowUs);
  }

  private plan(atUs: number): void {
    if (atUs < this.endUs && atUs !== NEVER_US) this.scheduler.at(atUs, this, 0);
  }
}
