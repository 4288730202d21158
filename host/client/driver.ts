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
import * as event from "../../assembly/session/events.ts";
import { NEVER } from "../../assembly/session/timers.ts";
import { IDLE, CONNECTED as STATE_CONNECTED } from "../../assembly/session/transitions.ts";
import { ENDED_DISCONNECT, ENDED_REFUSED, FULL } from "../../assembly/status.ts";
import { type Core, FIRST_ADDRESS } from "../core/core.ts";
import { checkQos } from "./check-options.ts";
import { check, OPTION_BACKOFF_MIN, setUpCore } from "./core-setup.ts";
import type { DriverHandler } from "./driver-handler.ts";
import { errorOfRefusal, errorOfStatus, type PerigeeError } from "./errors.ts";
import { Assembler } from "./message.ts";
import type { Qos, Settings } from "./options.ts";
import { dropOldest, supersede } from "./outbox-policy.ts";
import { Patience } from "./patience.ts";
import { payloadOf, readMessage } from "./read-message.ts";
import { type Completion, Requests } from "./requests.ts";
import { sealSession } from "./store.ts";
import { brief, encodeTopic } from "./text.ts";

/** Of `eventFlags`, with CONNECTED. */
const SESSION_PRESENT = 0x100;

/** Of a packet's first byte: its type and, of PUBLISH, its QoS; and what they are at QoS 0. */
const TYPE_AND_QOS = 0xf6;
const PUBLISH_QOS_0 = 0x30;

export class Driver {
  readonly #core: Core;
  readonly #client = FIRST_ADDRESS;
  readonly #settings: Settings;
  readonly #handler: DriverHandler;
  readonly #requests = new Requests();
  readonly #assembler: Assembler;
  readonly #patience: Patience;
  /** What has come and has not fitted the receive region yet. */
  #backlog: Uint8Array[] = [];
  /** Which kind of packet of the outbox is leaving. */
  #leaving: "none" | "qos0" | "other" = "none";
  #isSaving = false;

  /** Throws as `setUpCore`. */
  constructor(settings: Settings, handler: DriverHandler, savedSession?: Uint8Array) {
    this.#core = setUpCore(settings, savedSession);
    this.#settings = settings;
    this.#handler = handler;
    this.#assembler = new Assembler(settings.messageSizeMax);
    this.#patience = new Patience(settings.backoffMinMs, settings.backoffMaxMs);
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
    const reason = this.#core.reason(this.#client);
    if (reason === ENDED_REFUSED) return errorOfRefusal(this.#core.refusal(this.#client));
    return reason === 0 ? undefined : errorOfStatus(reason);
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

  /** Queues a message. Answers false where the outbox has no room; throws a PerigeeError naming what is wrong with it. */
  publish(topic: string, payload: Uint8Array, qos: Qos, retain: boolean, completion: Completion): boolean {
    const core = this.#core;
    const policy = this.#settings.outboxPolicy;
    const name = encodeTopic(topic);
    checkQos(qos, "[MQTT-3.3.1-4]");
    const flags = (qos << 1) | (retain ? 1 : 0);
    const compose = () => core.publish(this.#client, name.length, payload.length, flags);
    const mayDrop = policy === "drop-oldest" || policy === "latest";
    let at = compose();
    while (at === FULL && mayDrop && dropOldest(core, this.#client, this.#requests, this.#leaving === "qos0")) {
      at = compose();
    }
    if (at === FULL) return false;
    check(
      at,
      `${payload.length} bytes for topic "${brief(topic)}" at QoS ${qos}, outbox ${this.#settings.outboxSize} bytes`,
    );
    core.bytes.set(name, at);
    core.bytes.set(payload, core.composedEnd(this.#client) - payload.length);
    if (policy === "latest") supersede(core, this.#client, this.#requests, topic, this.#leaving === "qos0");
    return this.#commit(topic, `topic "${brief(topic)}"`, completion);
  }

  /** Queues SUBSCRIBE or UNSUBSCRIBE with a list as on the wire, sections 3.8.3 and 3.10.3. Answers and throws as `publish`. */
  request(kind: "subscribe" | "unsubscribe", list: Uint8Array, completion: Completion): boolean {
    const at = this.#core[kind](this.#client, list.length);
    if (at === FULL) return false;
    this.#core.bytes.set(list, check(at, `${kind} with ${list.length} bytes of filters`));
    return this.#commit("", kind, completion);
  }

  /** Ends the connection with DISCONNECT, and wants no other. */
  disconnect(now: number): void {
    this.#core.disconnect(this.#client, now);
  }

  /** Settles every request that is left. */
  failAll(error: PerigeeError): void {
    this.#requests.failAll(error);
  }

  /** Does all there is to do now. */
  proceed(now: number): void {
    do {
      do this.#takeEvents(now);
      while (this.#feed(now));
      this.#save();
    } while (this.#transmit(now));
  }

  #commit(topic: string, what: string, completion: Completion): boolean {
    const id = this.#core.commit(this.#client);
    if (id === FULL) return false;
    this.#requests.add(check(id, what), topic, completion);
    return true;
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
    const isOfOutbox = at >= sessionAt && at < sessionAt + core.sessionSize(client);
    // What was offered once leaves whole, so a packet that the transport had no room for counts as leaving too.
    if (isOfOutbox && this.#leaving === "none") {
      this.#leaving = (core.bytes[at] & TYPE_AND_QOS) === PUBLISH_QOS_0 ? "qos0" : "other";
    }
    const count = this.#handler.write(core.bytes.subarray(at, at + size));
    if (count === 0) return false;
    core.transmitted(client, count, now);
    if (isOfOutbox && count === size) {
      if (this.#leaving === "qos0") this.#requests.left();
      this.#leaving = "none";
    }
    return true;
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

  #takeEvents(now: number): void {
    const core = this.#core;
    const client = this.#client;
    for (;;) {
      switch (core.nextEvent(client, now)) {
        case event.NONE:
          return;
        case event.OPEN:
          this.#handler.open();
          break;
        case event.CLOSE:
          this.#handler.close(core.reason(client) === ENDED_DISCONNECT);
          break;
        case event.CONNECTED:
          this.#patience.connected(now);
          this.#handler.connected((core.eventFlags(client) & SESSION_PRESENT) !== 0);
          break;
        case event.MESSAGE:
          this.#deliver();
          break;
        case event.PUBLISHED:
          this.#patience.delivered();
          this.#requests.done(core.eventId(client));
          break;
        case event.UNSUBSCRIBED:
          this.#requests.done(core.eventId(client));
          break;
        case event.SUBSCRIBED:
          this.#requests.done(core.eventId(client), payloadOf(core, client));
          break;
        case event.OVERSIZE:
          this.#handler.oversize("", core.payloadTotal(client));
          break;
      }
    }
  }

  #deliver(): void {
    this.#patience.delivered();
    const piece = readMessage(this.#core, this.#client);
    const whole = this.#settings.pieces ? piece : this.#assembler.take(piece);
    if (whole === "oversize") this.#handler.oversize(piece.topic, piece.total);
    else if (whole !== undefined) this.#handler.message(whole);
  }
}
