/**
 * The driver and the broker's machine, end to end, with nothing in between but queues and a clock that only the test moves.
 */
import { Broker, type BrokerOptions, type Connection } from "../../host/broker/index.ts";
import { Driver } from "../../host/client/driver.ts";
import type { DriverHandler } from "../../host/client/driver-handler.ts";
import type { PerigeeError } from "../../host/client/errors.ts";
import type { Message } from "../../host/client/message.ts";
import { type ClientOptions, type Qos, settle } from "../../host/client/options.ts";

export class World {
  nowMs = 0;
  broker: Broker;
  readonly #options: BrokerOptions;
  readonly #tasks: (() => void)[] = [];
  readonly #endpoints: Endpoint[] = [];

  constructor(options: BrokerOptions = {}) {
    this.#options = { sysIntervalMs: 0, ...options };
    this.broker = new Broker(this.#options);
  }

  /** A client that is connecting; `settle` lets it arrive. */
  connect(clientId: string, options: Partial<ClientOptions> = {}, savedSession?: Uint8Array): Endpoint {
    const endpoint = new Endpoint(this, { clientId, ...options }, savedSession);
    this.#endpoints.push(endpoint);
    endpoint.driver.connect(this.nowMs);
    this.settle();
    return endpoint;
  }

  /** Later, but at this time. */
  queue(task: () => void): void {
    this.#tasks.push(task);
  }

  /** Lets everything happen that needs no time to pass. */
  settle(): void {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) task();
  }

  /** Moves the clock, stopping wherever somebody asks to be called. */
  advance(ms: number): void {
    const targetMs = this.nowMs + ms;
    for (;;) {
      const waits = this.#endpoints.map(({ driver }) => driver.nextTimeout(this.nowMs) ?? Number.POSITIVE_INFINITY);
      const nextMs = Math.min(this.broker.nextTimeout(), this.nowMs + Math.min(...waits));
      if (nextMs > targetMs) break;
      this.nowMs = Math.max(nextMs, this.nowMs);
      this.broker.advance(this.nowMs);
      for (const endpoint of this.#endpoints) endpoint.driver.timedOut(this.nowMs);
      this.settle();
    }
    this.nowMs = targetMs;
  }

  /** The broker loses its memory, and all its connections. */
  restartBroker(): void {
    for (const endpoint of this.#endpoints) endpoint.cut();
    this.broker = new Broker(this.#options);
  }
}

/** One driver, its transport, and all that it was told. */
export class Endpoint implements DriverHandler {
  readonly driver: Driver;
  readonly messages: Message[] = [];
  readonly events: string[] = [];
  readonly records: Uint8Array[] = [];
  /** All bytes that were written, on every connection. */
  readonly sent: number[] = [];
  /** Both directions, as they went over all connections. */
  readonly transcript: { connection: number; isFromClient: boolean; bytes: Uint8Array }[] = [];
  /** The next bytes that come from the broker are lost, and the connection with them. */
  cutBeforeAnswers = false;
  /** Bytes that the transport takes at once, and whether it can be opened. */
  writeSizeMax = Number.POSITIVE_INFINITY;
  isReachable = true;
  /** Called for every message, before it is acknowledged. */
  onMessage: ((message: Message) => void) | undefined;
  readonly #world: World;
  #connection: Connection | undefined;
  #connectionCount = 0;
  #isStoring = true;

  constructor(world: World, options: ClientOptions, savedSession?: Uint8Array) {
    this.#world = world;
    this.driver = new Driver(settle({ receiveSize: 256, outboxSize: 4_096, seed: 7, ...options }), this, savedSession);
  }

  get payloads(): string[] {
    return this.messages.map(({ payload }) => payload.toString());
  }

  /** Queues a message; what became of it is in the array that is returned, as soon as it is known. */
  publish(topic: string, payload: string | Uint8Array, qos: Qos, retain = false): string[] {
    const outcome: string[] = [];
    const isTaken = this.driver.publish(topic, Buffer.from(payload as string), qos, retain, {
      done: () => outcome.push("done"),
      failed: (error: PerigeeError) => outcome.push(error.code),
    });
    if (!isTaken) outcome.push("full");
    return outcome;
  }

  subscribe(filter: string, qos: Qos): string[] {
    const outcome: string[] = [];
    const text = Buffer.from(filter);
    this.driver.request("subscribe", Buffer.from([0, text.length, ...text, qos]), {
      done: codes => outcome.push(...[...codes].map(String)),
      failed: error => outcome.push(error.code),
    });
    this.proceed();
    return outcome;
  }

  proceed(): void {
    this.driver.proceed(this.#world.nowMs);
    this.#world.settle();
  }

  #receive(bytes: Uint8Array): void {
    if (this.cutBeforeAnswers) {
      this.cutBeforeAnswers = false;
      this.cut();
      return;
    }
    this.transcript.push({ connection: this.#connectionCount, isFromClient: false, bytes });
    this.driver.received(bytes, this.#world.nowMs);
  }

  /** The transport is gone, and what was under way with it. */
  cut(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#connection = undefined;
    this.#world.broker.closed(connection, this.#world.nowMs);
    this.driver.closed(this.#world.nowMs);
    this.#world.settle();
  }

  /** The store stops answering; what it was asked to keep meanwhile is in `records`. */
  stallStore(): void {
    this.#isStoring = false;
  }

  open(): void {
    this.#world.queue(() => {
      const { broker, nowMs } = this.#world;
      if (!this.isReachable) {
        this.driver.closed(nowMs);
        return;
      }
      let isCurrent = (): boolean => true;
      const connection = broker.connect(nowMs, {
        send: bytes => {
          const copy = Uint8Array.from(bytes);
          this.#world.queue(() => isCurrent() && this.#receive(copy));
        },
        close: reason => {
          this.events.push(`broker: ${reason}`);
          this.#world.queue(() => isCurrent() && this.cut());
        },
      });
      isCurrent = () => this.#connection === connection;
      this.#connection = connection;
      this.#connectionCount++;
      this.driver.opened(nowMs);
    });
  }

  close(): void {
    this.events.push("close");
    this.#world.queue(() => this.cut());
  }

  write(bytes: Uint8Array): number {
    const connection = this.#connection;
    const copy = Uint8Array.from(bytes.subarray(0, this.writeSizeMax));
    if (connection === undefined || copy.length === 0) return 0;
    for (const byte of copy) this.sent.push(byte);
    this.transcript.push({ connection: this.#connectionCount, isFromClient: true, bytes: copy });
    this.#world.queue(() => {
      if (this.#connection === connection) this.#world.broker.receive(connection, copy, this.#world.nowMs);
    });
    return copy.length;
  }

  connected(isSessionPresent: boolean): void {
    this.events.push(isSessionPresent ? "resumed" : "connected");
  }

  message(message: Message): void {
    this.messages.push(message);
    this.onMessage?.(message);
  }

  oversize(topic: string, size: number): void {
    this.events.push(`oversize ${topic} ${size}`);
  }

  save(record: Uint8Array): void {
    this.records.push(Uint8Array.from(record));
    if (this.#isStoring) this.#world.queue(() => this.driver.saved(this.#world.nowMs));
  }
}
