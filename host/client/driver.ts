/**
 * The core with strings, messages and completions, and still without a socket, a clock or a promise: bytes and times
 * go in, bytes and calls of a handler come out. The client puts it on sockets; a test puts it in virtual time.
 *
 *     const driver = new Driver(settings, handler);
 *     driver.connect(now);              // handler.open() is called: open a transport
 *     driver.opened(now);               // it is open; handler.write(bytes) takes what is to be sent
 *     driver.received(bytes, now);      // bytes have come
 *     driver.closed(now);               // it is closed, by whomever
 *     driver.timedOut(now);             // nextTimeout(now) ms have passed
 *     driver.proceed(now);              // there is room again for writing, or a command was given
 *
 * Every input does all there is to do before it returns. `now` is in ms and may wrap at 32 bits.
 */
import { NEVER } from "../../assembly/session/timers.ts";
import { IDLE, CONNECTED as STATE_CONNECTED } from "../../assembly/session/transitions.ts";
import { type Core, FIRST_ADDRESS } from "../core/core.ts";
import type { Farewell } from "./client-events.ts";
import { Composer, type Extra } from "./composer.ts";
import { CoreEvents } from "./core-events.ts";
import { check, OPTION_BACKOFF_MIN, setUpCore } from "./core-setup.ts";
import type { DriverHandler } from "./driver-handler.ts";
import type { PerigeeError } from "./errors.ts";
import { mayFallBack, moveOutbox, settingsOf311 } from "./fall-back.ts";
import { composeFarewell } from "./farewell.ts";
import type { Qos, Settings } from "./options.ts";
import { Patience } from "./patience.ts";
import type { PropertiesOf } from "./properties.ts";
import { type Completion, Requests } from "./requests.ts";
import { sealSession } from "./store.ts";

/** Of a packet's first byte: its type and, of PUBLISH, its QoS; and what they are at QoS 0. */
const TYPE_AND_QOS = 0xf6;
const PUBLISH_QOS_0 = 0x30;
export class Driver {
  #core!: Core;
  readonly #client = FIRST_ADDRESS;
  #settings!: Settings;
  readonly #handler: DriverHandler;
  readonly #requests = new Requests();
  #composer!: Composer;
  #events!: CoreEvents;
  /** Why it could not fall back to 3.1.1. */
  #failure: PerigeeError | undefined;
  #isUnwanted = false;
  readonly #patience: Patience;
  /** What has come and has not fitted the receive region yet. */
  #backlog: Uint8Array[] = [];
  /** Which kind of packet of the outbox is leaving. */
  #leaving: "none" | "qos0" | "other" = "none";
  #isSaving = false;

  /** Throws as `setUpCore`. With a saved session `now` counts. */
  constructor(settings: Settings, handler: DriverHandler, savedSession?: Uint8Array, now = 0) {
    this.#handler = handler;
    this.#patience = new Patience(settings.backoffMinMs, settings.backoffMaxMs);
    try {
      this.#begin(settings, savedSession, now);
    } catch (error) {
      // The session of a client that has fallen back before is one of 3.1.1.
      if (!settings.fallback || (error as PerigeeError).code !== "MISUSE_SESSION") throw error;
      this.#begin(settingsOf311(settings), savedSession, now);
    }
  }

  /** Makes the core and what stands upon it. Throws as `setUpCore`, and has changed nothing then. */
  #begin(settings: Settings, savedSession: Uint8Array | undefined, now: number): void {
    this.#core = setUpCore(settings, savedSession, now);
    this.#settings = settings;
    this.#composer = new Composer(this.#core, this.#client, settings, this.#requests);
    const handler = this.#handler;
    const isQos0Leaving = () => this.#leaving === "qos0";
    this.#events = new CoreEvents(this.#core, this.#client, {
      settings,
      handler,
      requests: this.#requests,
      patience: this.#patience,
      drain: now => this.#drain(now),
      get isQos0Leaving() {
        return isQos0Leaving();
      },
    });
  }

  /** That which is spoken: 4 where a client of 5.0 has fallen back. */
  get protocolVersion(): Settings["protocolVersion"] {
    return this.#settings.protocolVersion;
  }

  get isConnected(): boolean {
    return this.#core.state(this.#client) === STATE_CONNECTED;
  }

  /** True from DISCONNECT, or a fault, until the transport is closed: what comes then is passed over. */
  get isEnding(): boolean {
    return this.#core.state(this.#client) > STATE_CONNECTED;
  }

  /** True where no connection is wanted: before `connect`, after `disconnect`, after a refusal. */
  get isIdle(): boolean {
    return this.#core.state(this.#client) === IDLE;
  }

  /** Requests and messages that nobody has settled, those of a restored session included. */
  get isBusy(): boolean {
    return this.#requests.count > 0 || this.#core.outboxUsed(this.#client) > 0;
  }

  /** Whether an answer of the server is awaited that a request waits for. */
  get awaitsAnswer(): boolean {
    return this.#requests.answerCount > 0;
  }

  /** Part of the outbox that is in use, 0 to 1. */
  get outboxFill(): number {
    return this.#core.outboxUsed(this.#client) / this.#core.outboxCapacity(this.#client);
  }

  /** As Patience has it. */
  get violationCount(): number {
    return this.#patience.violationCount;
  }

  /** Why the connection was closed last; undefined where nobody has said. */
  get reason(): PerigeeError | undefined {
    return this.#failure ?? this.#events.reason;
  }

  /** Wants a connection. The first time only: once lost, it is wanted again by itself. */
  connect(now: number): void {
    check(this.#core.commit(this.#client), "CONNECT");
    this.proceed(now);
  }

  opened(now: number): void {
    this.#core.opened(this.#client, now);
    this.proceed(now);
  }

  received(bytes: Uint8Array, now: number): void {
    this.#backlog.push(bytes);
    this.proceed(now);
    // What is left lies in memory that the transport will use again.
    this.#backlog = this.#backlog.map(rest => (rest.buffer === bytes.buffer ? Uint8Array.from(rest) : rest));
  }

  closed(now: number): void {
    this.#backlog = [];
    this.#leaving = "none";
    this.#patience.closed(now, this.isEnding ? this.#core.reason(this.#client) : 0);
    check(this.#core.configure(this.#client, OPTION_BACKOFF_MIN, this.#patience.waitMs));
    this.#core.closed(this.#client, now);
    if (!this.#isUnwanted && mayFallBack(this.#settings, this.reason)) {
      try {
        this.#fallBack();
      } catch (error) {
        this.#failure = error as PerigeeError;
      }
    }
    this.proceed(now);
  }

  timedOut(now: number): void {
    this.#core.timedOut(this.#client, now);
    this.proceed(now);
  }

  saved(now: number): void {
    this.#isSaving = false;
    this.proceed(now);
  }

  /** Milliseconds until `timedOut` is due, undefined for never. */
  nextTimeout(now: number): number | undefined {
    const wait = this.#core.nextTimeout(this.#client, now);
    return wait === NEVER ? undefined : wait;
  }

  /** As `Composer.publish`. */
  publish(
    topic: string,
    payload: Uint8Array,
    qos: Qos,
    retain: boolean,
    completion: Completion,
    extra: Extra = {},
  ): boolean {
    const isQos0Leaving = this.#leaving === "qos0";
    return this.#composer.publish(topic, payload, qos, retain, completion, { ...extra, isQos0Leaving });
  }

  /** As `Composer.request`. */
  request(
    kind: "subscribe" | "unsubscribe",
    list: Uint8Array,
    completion: Completion,
    properties?: PropertiesOf<"subscribe">,
  ): boolean {
    return this.#composer.request(kind, list, completion, properties);
  }

  /** Ends the connection with DISCONNECT, in MQTT 5.0 with a reason and properties, and wants no other. */
  disconnect(now: number, farewell?: Farewell): void {
    this.#isUnwanted = true;
    const mayTell = farewell !== undefined && this.isConnected && this.protocolVersion === 5;
    if (mayTell) composeFarewell(this.#core, this.#client, farewell);
    this.#core.disconnect(this.#client, now);
  }

  /** Settles every request that is left. */
  failAll(error: PerigeeError): void {
    this.#requests.failAll(error);
  }

  /** Does all there is to do now. */
  proceed(now: number): void {
    do {
      do this.#events.take(now);
      while (this.#feed(now));
      this.#save();
    } while (this.#transmit(now));
  }

  /** The server speaks 3.1.1 and no other: all that waits is put into its words, and it is asked at once. */
  #fallBack(): void {
    const core = this.#core;
    this.#begin(settingsOf311(this.#settings), undefined, 0);
    // Composed by #begin, and only one packet is being composed at a time.
    check(this.#core.commit(this.#client), "CONNECT");
    moveOutbox(core, this.#client, this.#requests, this.#composer);
  }

  /** Moves what has come into the receive region. Answers whether anything was moved. */
  #feed(now: number): boolean {
    const core = this.#core;
    const next = this.#backlog[0];
    if (next === undefined) return false;
    const size = Math.min(next.length, core.receiveRoom(this.#client));
    if (size === 0) return false;
    core.bytes.set(next.subarray(0, size), core.receiveAddress(this.#client));
    core.received(this.#client, size, now);
    if (size === next.length) this.#backlog.shift();
    else this.#backlog[0] = next.subarray(size);
    return true;
  }

  #transmit(now: number): boolean {
    const core = this.#core;
    const client = this.#client;
    if (this.#isSaving) return false;
    const size = core.transmit(client);
    if (size === 0) return false;
    const at = core.transmitAddress(client);
    const sessionAt = core.sessionAddress(client);
    const cursor = core.cursorAddress(client);
    const isHead = at >= core.aliasesAddress(client);
    const isOfOutbox = isHead || (at >= sessionAt && at < sessionAt + core.sessionSize(client));
    // What was offered once leaves whole, so a packet that the transport had no room for counts as leaving too.
    if (isOfOutbox && this.#leaving === "none") {
      this.#leaving = (core.bytes[cursor] & TYPE_AND_QOS) === PUBLISH_QOS_0 ? "qos0" : "other";
    }
    const count = this.#handler.write(core.bytes.subarray(at, at + size));
    if (count === 0) return false;
    core.transmitted(client, count, now);
    // By an alias a packet leaves in two parts, of which the second may be empty.
    const hasMore = isHead && core.leavingSize(client) > 0;
    if (isOfOutbox && count === size && !hasMore) {
      if (this.#leaving === "qos0") this.#requests.left();
      this.#leaving = "none";
    }
    return true;
  }

  /** Writes all that may leave now; answers whether there was anything. */
  #drain(now: number): boolean {
    let hasWritten = false;
    while (this.#transmit(now)) hasWritten = true;
    return hasWritten;
  }

  /** The barrier: what is unstored is handed over, and nothing is sent until it is kept. */
  #save(): void {
    const core = this.#core;
    if (this.#isSaving || this.#settings.store === undefined || core.pendingStore(this.#client, 0) === 0) return;
    const at = core.sessionAddress(this.#client);
    const record = sealSession(this.#settings, core.bytes.subarray(at, at + core.sessionSize(this.#client)));
    core.stored(this.#client);
    this.#isSaving = true;
    this.#handler.save(record);
  }
}
