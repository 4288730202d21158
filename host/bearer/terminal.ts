/**
 * A terminal and its bearer: one message at a time, when a satellite is there, as often as the bearer allows; again where the terminal is told that one
 * has failed; and what comes down, when the bearer lets it.
 *
 * It keeps no queue. When it can send it asks its application for the next message, so that what is sent is what is wanted now.
 */
import { Direction } from "../link/direction.ts";
import { type DueHandler, RandomStream, type Scheduler, type Seed, Timer, type TimerOwner } from "../link/index.ts";
import { type OutageModel, outageModel } from "../link/outage.ts";
import type { BearerSpec } from "./spec.ts";
import type { BearerUsage } from "./usage.ts";

/** How often a terminal without a satellite looks for one. */
const SEARCH_US = 10_000_000;
/** What the terminal schedules for itself. */
const [LAUNCH, FAILED] = [0, 1];

/** What stands at the terminal. */
export interface Application {
  /** There is something to send. */
  readonly wants: boolean;
  /** The next message, or null when there is none. It is on the air when this returns. */
  next(): Buffer | null;
  /** The message has left; where a bearer tells, it has arrived. */
  left(): void;
  /** The terminal has tried for as long as it does, and gives the message up. */
  abandoned(): void;
  /** The terminal has asked for what is waiting, and has got what there was. */
  asked(): void;
  /** A message came down. */
  received(bytes: Buffer): void;
}

/** What stands at the other end. */
export interface Remote {
  /** A message came up. */
  received(bytes: Buffer): void;
  /** The next message that waits to go down, or null; it waits no longer. */
  next(): Buffer | null;
}

export class Terminal implements DueHandler, TimerOwner {
  private readonly scheduler: Scheduler;
  private readonly spec: BearerSpec;
  private readonly usage: BearerUsage;
  private readonly application: Application;
  private readonly remote: Remote;
  private readonly outage: OutageModel | null;
  private readonly up: Direction;
  private readonly down: Direction;
  private readonly copies: RandomStream;
  private readonly timer: Timer;
  /** What is on the air, or waits for another attempt; an empty one asks. */
  private current: Buffer | null = null;
  private onAir = false;
  private copiesLeft = 0;
  private asking = false;
  private firstUs = 0;
  private readyUs = 0;

  constructor(
    scheduler: Scheduler,
    spec: BearerSpec,
    seed: Seed,
    name: string,
    usage: BearerUsage,
    application: Application,
    remote: Remote,
  ) {
    this.scheduler = scheduler;
    this.spec = spec;
    this.usage = usage;
    this.application = application;
    this.remote = remote;
    this.outage = outageModel(spec.outage, new RandomStream(seed, `${name}/outage`));
    const { delay, loss } = spec;
    this.up = new Direction(scheduler, { delay, loss }, seed, `${name}/up`, this.outage);
    // What comes down in an uplink's own session shares its fate, which has been drawn.
    const isShared = spec.down === "next uplink";
    this.down = new Direction(scheduler, isShared ? {} : { delay, loss }, seed, `${name}/down`, this.outage);
    this.copies = new RandomStream(seed, `${name}/copies`);
    this.timer = new Timer(scheduler, this, 0);
  }

  /** The application has something to send. */
  wake(): void {
    if (!this.onAir) this.step();
  }

  /** Comes with nothing, to fetch what is waiting. */
  ask(): void {
    this.asking = true;
    this.wake();
  }

  timedOut(): void {
    this.step();
  }

  due(what: number): void {
    if (what === LAUNCH) this.launch(this.current as Buffer);
    else this.failed();
  }

  /** Something waits at the other end. */
  mailed(): void {
    if (this.spec.down === "any time") this.sendDown();
  }

  private step(): void {
    if (this.onAir || !(this.current !== null || this.asking || this.application.wants)) return;
    const { nowUs } = this.scheduler;
    if (this.readyUs > nowUs) {
      this.timer.arm(this.readyUs);
      return;
    }
    if (this.outage?.silent(nowUs)) {
      this.timer.arm(nowUs + SEARCH_US);
      return;
    }
    if (this.current === null && !this.take()) return;
    this.begin((this.current as Buffer | null)?.length ?? 0);
  }

  private take(): boolean {
    this.current = this.asking ? Buffer.alloc(0) : this.application.next();
    if (this.current === null) return false;
    const [least, most] = this.spec.copies;
    this.copiesLeft = this.asking ? 1 : least + this.copies.below(most - least + 1);
    this.firstUs = this.scheduler.nowUs;
    return true;
  }

  private begin(length: number): void {
    const { spec, scheduler, usage } = this;
    this.onAir = true;
    usage.sent(length);
    if (!spec.told) usage.charged(length);
    const airtimeUs = (spec.airtimeMs(length) ?? 0) * 1000;
    // What is known by the byte has the time on the air in it.
    const serialUs = spec.fixedUs + (spec.perByteUs > 0 ? spec.perByteUs * length : airtimeUs);
    this.readyUs = Math.ceil(scheduler.nowUs + Math.max(spec.spacingUs, airtimeUs / spec.dutyCycle));
    scheduler.at(Math.ceil(scheduler.nowUs + serialUs), this, LAUNCH);
  }

  private launch(bytes: Buffer): void {
    const { spec, scheduler } = this;
    const sizeBytes = bytes.length + spec.headerBytes;
    this.up.send({
      sizeBytes,
      airBytes: sizeBytes,
      arrived: corrupted => this.arrived(bytes, corrupted),
      dropped: () => {
        if (spec.told) scheduler.at(scheduler.nowUs + Math.max(1_000_000, spec.fixedUs), this, FAILED);
      },
      duplicated() {},
    });
    if (spec.told) return;
    this.copiesLeft -= 1;
    if (this.copiesLeft === 0) this.finish();
    else this.again();
  }

  private arrived(bytes: Buffer, corrupted: boolean): void {
    const { spec, remote, usage } = this;
    if (corrupted) {
      if (spec.told) this.failed();
      return;
    }
    const waiting = spec.down === "next uplink" ? remote.next() : null;
    // An empty session that brings something is billed for what it brings.
    if (spec.told && (bytes.length > 0 || waiting === null)) usage.charged(bytes.length);
    if (bytes.length > 0) remote.received(bytes);
    if (waiting !== null) {
      usage.received(waiting.length);
      this.application.received(waiting);
    }
    if (spec.down === "this uplink") this.sendDown();
    if (spec.told) this.finish();
  }

  /** The message is no longer the terminal's. */
  private finish(): void {
    if (!this.hasAsked()) this.application.left();
    this.wake();
  }

  /** Lets go of what was in hand; true when that was a question. */
  private hasAsked(): boolean {
    this.onAir = false;
    const wasQuestion = this.asking && this.current?.length === 0;
    this.current = null;
    if (!wasQuestion) return false;
    this.asking = false;
    this.application.asked();
    return true;
  }

  private again(): void {
    this.onAir = false;
    this.step();
  }

  private failed(): void {
    const { spec, scheduler } = this;
    this.readyUs = Math.max(this.readyUs, scheduler.nowUs + spec.retryUs);
    if (this.readyUs - this.firstUs <= spec.giveUpUs) {
      this.again();
      return;
    }
    if (!this.hasAsked()) this.application.abandoned();
    this.wake();
  }

  private sendDown(): void {
    const { spec, scheduler, remote } = this;
    const bytes = remote.next();
    if (bytes === null) return;
    const frameUs = spec.frameUs > 0 ? spec.frameUs - (scheduler.nowUs % spec.frameUs) : 0;
    scheduler.at(scheduler.nowUs + spec.answerUs + frameUs, { due: () => this.launchDown(bytes) }, 0);
  }

  private launchDown(bytes: Buffer): void {
    const sizeBytes = bytes.length + this.spec.headerBytes;
    this.usage.received(bytes.length);
    this.down.send({
      sizeBytes,
      airBytes: sizeBytes,
      arrived: corrupted => {
        if (!corrupted) this.application.received(bytes);
      },
      dropped() {},
      duplicated() {},
    });
  }
}
