/**
 * A client that plays a role and writes down what it does and sees. It is the client of host/client without its sockets and promises,
 * on any transport and any clock: in virtual time, or over TCP against a server of somebody else's.
 */
import { Driver } from "../../client/driver.ts";
import type { DriverHandler } from "../../client/driver-handler.ts";
import type { Message } from "../../client/message.ts";
import type { Properties } from "../../client/properties.ts";
import { encodeFilters, optionsByte } from "../../client/subscriptions.ts";
import { type DueHandler, NEVER_US, Timer, type TimerOwner } from "../../link/index.ts";
import type { Listener, Transport } from "../../simulation/index.ts";
import type { Ended, WillOfHistory } from "../history/index.ts";
import { Ear } from "./ear.ts";
import type { Line } from "./line.ts";
import { Notebook, type Stage } from "./notebook.ts";
import { payloadOf } from "./payload.ts";
import type { Role, Stream } from "./role.ts";
import { settingsOf, willOf } from "./role-settings.ts";

export class Actor implements DriverHandler, Listener, TimerOwner, DueHandler {
  readonly role: Role;
  /** For the marks: what the role has come to. */
  readonly counts = { powerCuts: 0, inherited: 0 };
  private readonly stage: Stage;
  private readonly line: Line;
  private readonly timer: Timer;
  private readonly name: string;
  private driver: Driver | null = null;
  private transport: Transport | null = null;
  private ear: Ear = new Ear(this);
  /** What the power leaves. */
  private record: Uint8Array | undefined;
  private isSaving = false;
  private isClosing: "no" | "goodbye" | "abort" = "no";
  private readonly notebook: Notebook;
  /** From one start to the next; a will is that of a life. */
  private life = 0;
  private messageCount = 0;
  private readonly granted = new Set<string>();
  /** Messages that are in the store and that no driver of now waits for. */
  private inherited: string[] = [];
  private readonly waiting = new Set<string>();
  private readonly startUs: number;

  /** `name` is its own where several share a client identifier. */
  constructor(stage: Stage, role: Role, line: Line, name = role.clientId) {
    this.stage = stage;
    this.role = role;
    this.line = line;
    this.name = name;
    this.notebook = new Notebook(stage, role);
    this.timer = new Timer(stage.scheduler, this, 0);
    this.startUs = stage.scheduler.nowUs;
    for (const [index, { atS }] of role.acts.entries()) this.plan(atS, index);
    for (const [index, { fromS }] of role.streams.entries()) this.plan(fromS, role.acts.length + index);
  }

  /** Nothing is left to be sent or answered, and whoever stays is there. */
  get isSettled(): boolean {
    if (this.isPlaying) return false;
    if (this.driver === null) return !this.role.stays;
    if (!this.role.stays) return this.driver.isIdle && this.transport === null;
    return this.driver.isConnected && !this.driver.isBusy && this.granted.size === this.role.filters.length;
  }

  /** The play is over: whoever stays comes back, everybody else leaves. */
  finish(): void {
    if (this.isPlaying) return;
    if (!this.role.stays) this.goodbye();
    else if (this.driver === null || this.driver.isIdle) this.begin();
  }

  /** What the store had is acknowledged where nothing is left of it. */
  tellInherited(): void {
    if (this.driver === null || this.driver.isBusy) return;
    for (const id of this.inherited) this.notebook.note({ kind: "published", id, reasonCode: 0 });
    this.inherited = [];
  }

  due(argument: number): void {
    const { acts, streams } = this.role;
    if (argument < acts.length) this.act(acts[argument].does);
    else this.publish(streams[argument - acts.length], argument);
  }

  opened(): void {
    this.run(driver => driver.opened(this.nowMs));
  }

  received(bytes: Uint8Array, offset: number, size: number): void {
    const part = bytes.slice(offset, offset + size);
    this.notebook.sees("received", part);
    this.run(driver => driver.received(part, this.nowMs));
  }

  writable(): void {
    this.run(driver => driver.proceed(this.nowMs));
  }

  ended(): void {
    if (this.transport === null) return;
    this.over(this.isClosing === "goodbye" ? this.farewell : "lost");
  }

  timedOut(): void {
    this.run(driver => driver.timedOut(this.nowMs));
  }

  open(): void {
    this.isClosing = "no";
    this.notebook.connecting(this.will);
    this.ear = new Ear(this);
    this.transport = this.line.open(this.ear);
  }

  close(isDone: boolean): void {
    this.isClosing = isDone && this.isClosing === "goodbye" ? "goodbye" : "abort";
  }

  write(bytes: Uint8Array): number {
    const taken = this.transport?.write(bytes, 0, bytes.length, false) ?? 0;
    if (taken > 0) this.notebook.sees("sent", bytes.slice(0, taken));
    return taken;
  }

  connected(isPresent: boolean, properties: Properties): void {
    this.notebook.connected(isPresent, properties);
    if (!isPresent) this.granted.clear();
  }

  message(message: Message): void {
    this.notebook.received(message);
  }

  oversize(topic: string): void {
    this.notebook.oversize(topic);
  }

  save(record: Uint8Array): void {
    this.record = record;
    this.isSaving = true;
  }

  /** There is more in its part: an absence may outlast the play. */
  private get isPlaying(): boolean {
    return this.stage.scheduler.nowUs < this.startUs + (this.role.acts.at(-1)?.atS ?? 0) * 1e6;
  }

  private get nowMs(): number {
    return Math.floor(this.stage.scheduler.nowUs / 1000);
  }

  private get will(): WillOfHistory | undefined {
    return willOf(this.role, this.name, this.life);
  }

  /** Whether a DISCONNECT has certainly been heard. */
  private get farewell(): Ended["how"] {
    return this.role.place === "near" ? "goodbye" : "unsure";
  }

  private act(does: Role["acts"][number]["does"]): void {
    if (does === "begin") this.begin();
    else if (does === "goodbye") this.goodbye();
    else if (does === "power" || does === "freeze") this.powerCut(does === "freeze");
    else if (this.transport !== null) {
      this.transport.abort();
      this.over("lost");
    }
  }

  private plan(atS: number, argument: number): void {
    this.stage.scheduler.at(this.startUs + atS * 1e6, this, argument);
  }

  private begin(): void {
    if (this.driver !== null && !this.driver.isIdle) return;
    // Who has said goodbye, or had no power, begins anew with what the store has.
    this.life += 1;
    if (!this.role.clean) {
      this.inherited.push(...this.waiting);
      this.counts.inherited += this.waiting.size;
    }
    this.waiting.clear();
    this.isSaving = false;
    const settings = settingsOf(this.role, this.will, this.life, this.stage.credentials);
    this.driver = new Driver(settings, this, this.record, this.nowMs);
    this.run(driver => driver.connect(this.nowMs));
  }

  private goodbye(): void {
    if (this.driver === null) return;
    if (this.transport !== null && this.driver.isConnected) this.isClosing = "goodbye";
    this.driver.disconnect(this.nowMs);
    this.run(driver => driver.proceed(this.nowMs));
  }

  /** All that is not in the store is gone. Of who is frozen the connection is still there, until the server gives it up. */
  private powerCut(isFrozen: boolean): void {
    if (this.driver === null) return;
    this.counts.powerCuts += 1;
    const { transport } = this;
    this.driver = null;
    this.timer.disarm();
    if (transport === null) return;
    this.transport = null;
    if (isFrozen && this.line.freeze !== undefined) {
      this.line.freeze();
      this.ear.for = this.notebook.frozen();
      return;
    }
    if (this.line.vanish === undefined) transport.abort();
    else this.line.vanish();
    this.notebook.ended(this.line.vanish === undefined ? "lost" : "vanished");
  }

  private publish(stream: Stream, argument: number): void {
    const { scheduler } = this.stage;
    const nextUs = scheduler.nowUs + stream.everyMs * 1000;
    if (nextUs < this.startUs + stream.untilS * 1e6) scheduler.at(nextUs, this, argument);
    const { driver } = this;
    if (driver === null || driver.isIdle) return;
    const { topic, qos, expiryS } = stream;
    const retain = stream.retain === true;
    this.messageCount += 1;
    const id = `${this.name}/${this.messageCount}`;
    const isEmpty = stream.emptyEvery !== undefined && this.messageCount % stream.emptyEvery === 0;
    const payload = isEmpty ? new Uint8Array(0) : payloadOf(id);
    const properties = expiryS === undefined ? undefined : { messageExpirySeconds: expiryS };
    const settled = {
      done: (_codes: Uint8Array, { reasonCode }: { reasonCode: number }) => {
        this.waiting.delete(id);
        if (qos > 0) this.notebook.note({ kind: "published", id, reasonCode });
      },
      failed: () => this.waiting.delete(id),
    };
    const { mark } = this.notebook;
    if (!driver.publish(topic, payload, qos, retain, settled, { properties, now: this.nowMs })) return;
    if (qos > 0) this.waiting.add(id);
    this.notebook.publish(mark, {
      id,
      topic,
      qos,
      retain,
      ...(expiryS === undefined ? {} : { expiryS }),
      ...(isEmpty ? { isEmpty } : {}),
    });
    this.run(running => running.proceed(this.nowMs));
  }

  private subscribe(driver: Driver): void {
    for (const { filter, qos } of this.role.filters) {
      if (this.granted.has(filter)) continue;
      const { version } = this.role;
      const list = encodeFilters([filter], version, optionsByte({ qos }, version));
      const settled = {
        done: (codes: Uint8Array) => this.notebook.note({ kind: "subscribed", filter, granted: codes[0] }),
        failed: () => this.granted.delete(filter),
      };
      if (!driver.request("subscribe", list, settled)) return;
      this.granted.add(filter);
      this.notebook.note({ kind: "subscribe", filter, qos });
    }
  }

  /** Gives the driver an input, and does what it asks for until it asks for nothing more. */
  private run(input: (driver: Driver) => void): void {
    if (this.driver === null) return;
    input(this.driver);
    for (;;) {
      const { driver } = this;
      if (driver === null) return;
      if (this.isClosing === "abort" && this.transport !== null) {
        this.transport.abort();
        this.over("lost");
        continue;
      }
      if (this.isClosing === "goodbye" && driver.isEnding && this.transport !== null) this.transport.end();
      if (driver.isConnected) this.subscribe(driver);
      if (this.isSaving) {
        this.isSaving = false;
        driver.saved(this.nowMs);
        continue;
      }
      driver.proceed(this.nowMs);
      if (this.isSaving) continue;
      const waitMs = driver.nextTimeout(this.nowMs);
      if (waitMs === undefined) this.timer.disarm();
      else this.timer.arm(Math.min(NEVER_US, Math.max(this.stage.scheduler.nowUs, (this.nowMs + waitMs) * 1000)));
      return;
    }
  }

  private over(how: Ended["how"]): void {
    this.transport = null;
    this.isClosing = "no";
    this.notebook.ended(how);
    this.run(driver => driver.closed(this.nowMs));
  }
}
