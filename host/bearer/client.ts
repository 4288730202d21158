/**
 * What stands at a terminal and has readings to send: as bare messages, or as a client of MQTT-SN 1.2.
 *
 * QoS -1 needs no connection (6.8); QoS 0 and 1 do, and a PINGREQ where nothing else was sent for as long as the keep-alive (6.11). At QoS 1 one message
 * is under way at a time (6.6), sent again as it is, with DUP, when its answer is overdue, and a client that has tried N_retry times connects
 * anew and goes on (6.13). Where a terminal can ask for what is waiting, it asks before it repeats itself: that costs no duplicate.
 */
import { type DueHandler, NEVER_US, type Scheduler, Timer, type TimerOwner } from "../link/index.ts";
import type { History } from "../simulation/history.ts";
import type { Readings } from "../simulation/readings.ts";
import { readSn, SN_PINGREQ, type SnQos, snConnect, snPublish } from "../wire/mqtt-sn.ts";
import type { BearerSpec } from "./spec.ts";
import type { Application, Terminal } from "./terminal.ts";

/** How telemetry travels: as it is, or in a PUBLISH of MQTT-SN. */
export type Mode = "bare" | SnQos;

/** The predefined topic id of every sensor. */
export const TOPIC_ID = 1;
/** N_retry: 7.2's best practice is 3 to 5. T_retry's is 10 to 15 s; where the bearer takes longer by itself, patience is the bearer's. */
const RETRY_COUNT = 5;
const SHORTEST_PATIENCE_US = 15_000_000;
const [ANSWER, PING] = [0, 1];

export interface ClientSettings {
  readonly sensor: number;
  readonly mode: Mode;
  readonly keepAliveSeconds: number;
  readonly outboxBytes: number;
  /** The end of a message says that it has arrived: by the gateway's PUBACK, or by a bearer that tells. */
  readonly confirms: boolean;
  /** No reading is taken from then on. */
  readonly endUs: number;
}

interface Waiting {
  readonly sequence: number;
  readonly payload: Buffer;
}

export class TelemetryClient implements Application, DueHandler, TimerOwner {
  terminal: Terminal | null = null;
  private readonly scheduler: Scheduler;
  private readonly history: History;
  private readonly readings: Readings;
  private readonly settings: ClientSettings;
  private readonly queueCount: number;
  private readonly patienceUs: number;
  private readonly asks: boolean;
  private readonly answerTimer: Timer;
  private readonly pingTimer: Timer;
  private readonly outbox: Waiting[] = [];
  private outboxSize = 0;
  private readingIndex = 0;
  private connection: "none" | "asked" | "there";
  private hasConnected = false;
  /** The message under way, and what the terminal has in hand. */
  private inFlight: Waiting | null = null;
  private inHand: "nothing" | "message" | "control" = "nothing";
  private isRepeatDue = false;
  private isPingDue = false;
  private attemptCount = 0;
  private hasAsked = false;
  private messageId = 0;

  constructor(scheduler: Scheduler, spec: BearerSpec, history: History, readings: Readings, settings: ClientSettings) {
    this.scheduler = scheduler;
    this.history = history;
    this.readings = readings;
    this.settings = settings;
    this.queueCount = spec.queueCount;
    this.patienceUs = Math.max(SHORTEST_PATIENCE_US, spec.patienceUs);
    this.asks = spec.asks;
    this.answerTimer = new Timer(scheduler, this, ANSWER);
    this.pingTimer = new Timer(scheduler, this, PING);
    this.connection = settings.mode === "bare" || settings.mode === -1 ? "there" : "none";
  }

  /** Readings that have not left yet, or of which nothing has been heard. */
  get waitingCount(): number {
    return this.outbox.length + (this.inFlight === null ? 0 : 1);
  }

  start(): void {
    const firstUs = this.readings.firstUs(this.settings.sensor);
    if (firstUs < this.settings.endUs) this.scheduler.at(firstUs, this, 0);
    if (this.connection === "none") this.terminal?.wake();
  }

  /** A reading. */
  due(): void {
    const { settings, history, readings, scheduler } = this;
    const { sensor } = settings;
    const index = this.readingIndex;
    this.readingIndex += 1;
    const size = readings.size(sensor, index);
    if (this.outboxSize + size > settings.outboxBytes || this.outbox.length >= this.queueCount) {
      history.refused(sensor, scheduler.nowUs);
    } else {
      const sequence = history.sensors[sensor].invokedCount;
      const payload = Buffer.alloc(size);
      readings.write(payload, 0, sensor, index, sequence);
      history.invoked(sensor, scheduler.nowUs);
      this.outbox.push({ sequence, payload });
      this.outboxSize += size;
      this.terminal?.wake();
    }
    const nextUs = readings.nextUs(sensor, index, scheduler.nowUs);
    if (nextUs < settings.endUs && nextUs !== NEVER_US) scheduler.at(nextUs, this, 0);
  }

  get wants(): boolean {
    if (this.inHand !== "nothing") return false;
    if (this.connection !== "there") return this.connection === "none";
    if (this.isPingDue || this.isRepeatDue) return true;
    return this.inFlight === null && this.outbox.length > 0;
  }

  next(): Buffer | null {
    if (!this.wants) return null;
    const { sensor, mode, keepAliveSeconds } = this.settings;
    if (this.connection === "none") {
      this.connection = "asked";
      this.inHand = "control";
      return snConnect(clientId(sensor), keepAliveSeconds, !this.hasConnected);
    }
    if (this.inFlight === null && this.outbox.length === 0) {
      this.isPingDue = false;
      this.inHand = "control";
      return SN_PINGREQ;
    }
    this.inHand = "message";
    const isDuplicate = this.isRepeatDue;
    this.isRepeatDue = false;
    if (this.inFlight === null) {
      this.inFlight = this.outbox.shift() as Waiting;
      this.outboxSize -= this.inFlight.payload.length;
      // 5.3.11: identifiers go round from 1.
      this.messageId = (this.messageId % 0xffff) + 1;
      this.attemptCount = 0;
      this.hasAsked = false;
    }
    this.history.sent(sensor, this.inFlight.sequence, this.scheduler.nowUs);
    const { payload } = this.inFlight;
    return mode === "bare" ? payload : snPublish(mode, TOPIC_ID, payload, this.messageId, isDuplicate);
  }

  left(): void {
    this.isPingDue = false;
    const { keepAliveSeconds, endUs, mode } = this.settings;
    const { nowUs } = this.scheduler;
    const nextPingUs = nowUs + keepAliveSeconds * 1_000_000;
    if (mode !== "bare" && mode >= 0 && keepAliveSeconds > 0 && nextPingUs < endUs) this.pingTimer.arm(nextPingUs);
    if (this.inHand === "message" && mode !== 1) this.settle(true);
    else if (this.connection === "asked" || this.inFlight !== null) this.answerTimer.arm(nowUs + this.patienceUs);
    this.inHand = "nothing";
  }

  abandoned(): void {
    const { inHand } = this;
    this.inHand = "nothing";
    if (inHand === "message" && this.settings.mode !== 1) this.settle(false);
    else this.overdue();
  }

  asked(): void {
    if (this.connection === "asked" || this.inFlight !== null)
      this.answerTimer.arm(this.scheduler.nowUs + this.patienceUs);
  }

  received(bytes: Buffer): void {
    const message = readSn(bytes);
    if (message?.type === "CONNACK" && this.connection !== "there") {
      this.connection = "there";
      this.hasConnected = true;
      this.answerTimer.disarm();
      if (this.inFlight !== null) this.isRepeatDue = true;
      this.terminal?.wake();
    } else if (message?.type === "PUBACK" && message.messageId === this.messageId && this.inFlight !== null) {
      this.answerTimer.disarm();
      this.isRepeatDue = false;
      this.settle(true);
      this.terminal?.wake();
    }
  }

  timedOut(timerId: number): void {
    if (timerId === ANSWER) {
      this.overdue();
      return;
    }
    this.isPingDue = true;
    this.terminal?.wake();
  }

  /** The message under way is over: it has left for good, or was given up. */
  private settle(isOver: boolean): void {
    const { inFlight, settings, history, scheduler } = this;
    if (inFlight === null) return;
    this.inFlight = null;
    if (isOver && settings.confirms) history.acknowledged(settings.sensor, inFlight.sequence, scheduler.nowUs);
  }

  /** No answer: asks for it once where that is possible, then says it again; in the end connects anew. */
  private overdue(): void {
    const { terminal } = this;
    if (this.asks && !this.hasAsked) {
      this.hasAsked = true;
      terminal?.ask();
      return;
    }
    this.hasAsked = false;
    this.attemptCount += 1;
    if (this.connection === "asked") {
      this.connection = "none";
    } else if (this.attemptCount > RETRY_COUNT) {
      this.attemptCount = 0;
      this.connection = "none";
    } else {
      this.isRepeatDue = true;
    }
    terminal?.wake();
  }
}

/** Clients are named by their number, in seven characters as in the comparison of protocols. */
function clientId(sensor: number): string {
  return `s${String(sensor).padStart(6, "0")}`;
}
