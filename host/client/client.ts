/**
 * The client of an application: promises, events and iteration over a connection that comes back by itself.
 */
import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import { FULL } from "../../assembly/status.ts";
import { Admission } from "./admission.ts";
import { type ClientEvents, type CloseOptions, checkPublish, type PublishOptions } from "./client-events.ts";
import { Connection, clock } from "./connection.ts";
import { Deferred } from "./deferred.ts";
import { errorOfStatus, oversizeError, PerigeeError } from "./errors.ts";
import { FALLBACK_WARNING } from "./fall-back.ts";
import { readClose } from "./farewell.ts";
import { Inbox } from "./inbox.ts";
import type { Message } from "./message.ts";
import type { Settings } from "./options.ts";
import type { Properties, PropertiesOf } from "./properties.ts";
import type { Answer, Completion } from "./requests.ts";
import {
  encodeFilters,
  type Grant,
  listOf,
  optionsByte,
  readGrants,
  resubscribe,
  type SubscribeOptions,
  Subscriptions,
} from "./subscriptions.ts";
import type { TransportOpener } from "./transport.ts";

/** How long the server may take to close after DISCONNECT, ms. */
const END_TIMEOUT_MS = 2_000;

/** Made by `connect`. Iterate over it for messages, or listen for `message`: then the iterator gets none. */
export class Client extends EventEmitter<ClientEvents> {
  /** As given, or as the server has assigned it. */
  clientId: string;
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #inbox: Inbox;
  readonly #admission = new Admission();
  readonly #subscriptions = new Subscriptions();
  readonly #firstConnect = new Deferred<void>();
  readonly #end = new Deferred<void>();
  #idle: Deferred<void> | undefined;
  #closing: Promise<void> | undefined;
  #hasConnected = false;
  /** Why no request is taken any more. */
  #refusal: PerigeeError | undefined;
  #hasEnded = false;

  /** For `connect`; `server` is its name in errors. Throws as `setUpCore`. */
  constructor(settings: Settings, opener: TransportOpener, server: string, savedSession?: Uint8Array) {
    super();
    this.clientId = settings.clientId;
    this.#settings = settings;
    this.#inbox = new Inbox(settings.queueSizeMax, () => this.#throttle());
    const events = {
      connected: (isPresent: boolean, properties: Properties) => this.#onConnected(isPresent, properties),
      message: (message: Message) => this.#onMessage(message),
      oversize: (topic: string, size: number) =>
        this.emit("warning", oversizeError(topic, size, settings.messageSizeMax)),
      closed: (error: PerigeeError) => this.#onClosed(error),
      fellBack: () => this.emit("warning", new PerigeeError("FALLBACK", FALLBACK_WARNING)),
      progressed: () => this.#onProgress(),
      storeFailed: (error: PerigeeError) => this.#fail(error),
    };
    this.#connection = new Connection(settings, opener, server, events, savedSession);
  }

  /** As EventEmitter; a first listener for `message` gets what has waited for an iterator. */
  override on<Name extends keyof ClientEvents>(name: Name, listener: (...args: ClientEvents[Name]) => void): this {
    super.on(name, listener as never);
    if (name === "message") queueMicrotask(() => this.#emitQueued());
    return this;
  }

  get isConnected(): boolean {
    return this.#connection.driver.isConnected;
  }

  /** Begins to connect. Resolves at the first acceptance; rejects where the first attempt fails, if that ends the client. */
  start(): Promise<void> {
    this.#connection.connect();
    return this.#settings.startOffline ? Promise.resolve() : this.#firstConnect.promise;
  }

  /**
   * Sends a message. Resolves when its quality of service has kept its promise: at 0 when its bytes were handed to the
   * transport, at 1 and 2 when the server has acknowledged it. Offline it waits in the outbox; what happens when that is
   * full is up to `outboxPolicy`. Rejects with a PerigeeError: MISUSE_TOPIC, MISUSE_QOS, MISUSE_TOO_LARGE; FULL, DROPPED
   * and SUPERSEDED by the policy; REFUSED by the server and EXPIRED in MQTT 5.0; CLOSED or the reason when the client ends
   * first. In MQTT 5.0 it resolves with what the acknowledgement says.
   */
  publish(topic: string, payload: string | Uint8Array, options: PublishOptions = {}): Promise<Answer> {
    const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
    try {
      checkPublish(bytes, options);
    } catch (error) {
      return Promise.reject(error);
    }
    const { qos = 0, retain = false, properties } = options;
    const { driver } = this.#connection;
    const mayWait = this.#settings.outboxPolicy === "wait";
    const promise = this.#submit(mayWait, completion =>
      driver.publish(topic, bytes, qos, retain, completion, { properties, now: clock() }),
    ).then(({ answer }) => answer);
    // Whoever chose such a policy expects messages to be dropped: not to look at their promises is no fault.
    if (this.#settings.outboxPolicy === "drop-oldest" || this.#settings.outboxPolicy === "latest") {
      promise.catch(() => {});
    }
    return promise;
  }

  /** Subscribes. Resolves with what the server has granted, one a filter. After a lost session it is done again by itself. */
  async subscribe(filters: string | readonly string[], options: SubscribeOptions = {}): Promise<Grant[]> {
    const byte = optionsByte(options, this.#settings.protocolVersion);
    const { properties } = options;
    const names = listOf(filters, "subscribe", "[MQTT-3.8.3-3]");
    const list = encodeFilters(names, this.#settings.protocolVersion, byte);
    const done = (completion: Completion) => (codes: Uint8Array, answer: Answer) => {
      // Remembered here, not when the promise's reader runs: the connection may be lost in between.
      this.#subscriptions.add(readGrants(names, codes), byte, properties);
      completion.done(Uint8Array.from(codes), answer);
    };
    const { codes } = await this.#submit(true, completion =>
      this.#connection.driver.request(
        "subscribe",
        list,
        { done: done(completion), failed: completion.failed },
        properties,
      ),
    );
    return readGrants(names, codes);
  }

  /** Unsubscribes. Resolves when the server has acknowledged it. */
  async unsubscribe(
    filters: string | readonly string[],
    options: { properties?: PropertiesOf<"unsubscribe"> } = {},
  ): Promise<void> {
    const names = listOf(filters, "unsubscribe", "[MQTT-3.10.3-2]");
    const list = encodeFilters(names, this.#settings.protocolVersion);
    await this.#submit(true, completion => {
      const isTaken = this.#connection.driver.request("unsubscribe", list, completion, options.properties);
      if (isTaken) this.#subscriptions.remove(names);
      return isTaken;
    });
  }

  /** Resolves when `publish` would find room: for a producer that has no use for the promise of each message. */
  room(): Promise<void> {
    return this.#admission.room();
  }

  /**
   * Takes no more requests, waits at most `timeoutMs` (default 10,000) until all were settled, disconnects, and resolves when
   * the connection is closed and the store, if there is one, has kept the session. What was not settled by then is rejected
   * with CLOSED. In MQTT 5.0 DISCONNECT may say why. Calling it again changes nothing. Rejects with MISUSE_OPTION, and goes on.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const wanted = readClose(options, this.#settings);
    this.#closing ??= this.#close(wanted).then(() => this.#connection.saved());
    return this.#closing;
  }

  /** Messages in order, until the client ends; rejects if it ends with an error. Leaving the loop does not end the client. */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    return {
      next: () => this.#inbox.next(),
      return: () => Promise.resolve({ value: undefined, done: true }),
    };
  }

  #submit(mayWait: boolean, give: (completion: Completion) => boolean): Promise<{ codes: Uint8Array; answer: Answer }> {
    const promise = new Promise<{ codes: Uint8Array; answer: Answer }>((resolve, reject) => {
      const attempt = () => {
        if (this.#refusal !== undefined) {
          reject(this.#refusal);
          return true;
        }
        try {
          const isTaken = give({ done: (codes, answer) => resolve({ codes, answer }), failed: reject });
          if (!isTaken && mayWait) return false;
          if (!isTaken) reject(errorOfStatus(FULL, `${this.#settings.outboxSize} bytes`));
        } catch (error) {
          reject(error);
        }
        return true;
      };
      if (this.#closing !== undefined || this.#refusal !== undefined) {
        reject(this.#refusal ?? new PerigeeError("CLOSED", "the client is closing"));
      } else if (mayWait) {
        this.#admission.submit(attempt);
      } else {
        attempt();
      }
    });
    this.#connection.touch();
    return promise;
  }

  async #close({ timeoutMs, farewell }: ReturnType<typeof readClose>): Promise<void> {
    if (this.#hasEnded) return;
    const { driver } = this.#connection;
    if (timeoutMs > 0 && (driver.isBusy || this.#admission.hasWaiting)) {
      this.#idle = new Deferred();
      const timer = setTimeout(() => this.#idle?.resolve(), timeoutMs);
      await Promise.race([this.#idle.promise, this.#end.promise]).catch(() => {});
      clearTimeout(timer);
      this.#idle = undefined;
      if (this.#hasEnded) return;
    }
    this.#connection.disconnect(farewell);
    // From a state without a connection that was all.
    if (driver.isIdle) this.#finish();
    const timer = setTimeout(() => this.#connection.abort(), END_TIMEOUT_MS);
    await this.#end.promise.catch(() => {});
    clearTimeout(timer);
  }

  #onConnected(isSessionPresent: boolean, properties: Properties): void {
    this.#hasConnected = true;
    this.clientId = properties.assignedClientId ?? this.clientId;
    if (!isSessionPresent) {
      const { driver } = this.#connection;
      const warn = (error: PerigeeError) => this.emit("warning", error);
      resubscribe(this.#subscriptions, this.#settings.outboxSize, driver, this.#admission, warn);
    }
    this.#firstConnect.resolve();
    this.emit("connect", isSessionPresent, properties);
  }

  #onMessage(message: Message): void {
    if (this.listenerCount("message") === 0) {
      this.#inbox.push(message);
      return;
    }
    this.#emitQueued();
    this.emit("message", message);
  }

  #emitQueued(): void {
    while (this.listenerCount("message") > 0) {
      const message = this.#inbox.take();
      if (message === undefined) return;
      this.emit("message", message);
    }
  }

  #onProgress(): void {
    const { driver } = this.#connection;
    if (this.#admission.admit(driver.outboxFill)) this.#connection.touch();
    this.#throttle();
    if (!driver.isBusy && !this.#admission.hasWaiting) this.#idle?.resolve();
  }

  /**
   * Stops reading while too much waits for the iterator; not while a request waits for its answer, which may come behind
   * a message, and the iterator's reader may be waiting for just that.
   */
  #throttle(): void {
    this.#connection.isPaused =
      this.#inbox.isOver && !this.#connection.driver.awaitsAnswer && this.#closing === undefined;
  }

  #onClosed(error: PerigeeError): void {
    const { driver } = this.#connection;
    const isWanted = error.code === "ENDED_DISCONNECT";
    const { reconnect, startOffline, violationsMax } = this.#settings;
    const isHopeless = violationsMax > 0 && driver.violationCount >= violationsMax;
    const mayRetry = reconnect && (this.#hasConnected || startOffline) && !isHopeless && !driver.isIdle;
    if (!isWanted) this.emit("close", error, mayRetry);
    // A listener may have closed the client.
    if (!driver.isIdle && mayRetry) return;
    this.#connection.disconnect();
    this.#finish(isWanted || this.#closing !== undefined ? undefined : error);
  }

  /** What keeps the client from going on at all. */
  #fail(error: PerigeeError): void {
    this.#connection.disconnect();
    this.#connection.abort();
    this.#finish(error);
  }

  #finish(error?: PerigeeError): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#refusal = error ?? new PerigeeError("CLOSED", "the client is closed");
    this.#connection.stopTimer();
    this.#connection.driver.failAll(this.#refusal);
    this.#admission.dismiss();
    this.#inbox.end(error);
    this.#firstConnect.reject(this.#refusal);
    this.#end.resolve();
    this.emit("end", error);
  }
}
