/**
 * The broker with all its listeners, in real time.
 */
import { randomUUID } from "node:crypto";
import { Broker } from "./broker.ts";
import type { Entrance } from "./entrance.ts";
import { type Host, ListenerSocket, type SocketOptions } from "./listener-socket.ts";
import { type BrokerOptions, checkInteger } from "./options.ts";
import { RealTime } from "./realtime.ts";
import { Keeper } from "./storage/keeper.ts";
import type { Store } from "./storage/records.ts";

export interface ServerOptions extends Omit<BrokerOptions, "flushing"> {
  /**
   * Bytes that a socket may leave unsent, beyond what the kernel takes, before messages for it wait (QoS 1 and 2) or are
   * dropped (QoS 0). Default 1 MiB: a burst to a reader that keeps up loses nothing.
   */
  maxPendingSize?: number;
  /** PUBLISH packets a second of one client, above which it is read more slowly. Default 0: no limit. */
  maxPublishRate?: number;
}

/** How long `close` waits for the other sides, ms. */
const CLOSE_MS = 1000;
const MAX_FRAME_SIZE = 64 * 1024 * 1024;

export class Server {
  readonly broker: Broker;
  readonly listeners: ListenerSocket[] = [];
  readonly #realTime: RealTime;
  readonly #host: Host;
  #keeper: Keeper | null = null;

  /** Throws a RangeError when an option is out of its range. */
  constructor(options: ServerOptions = {}) {
    this.broker = new Broker({
      assignClientId: () => `auto-${randomUUID()}`,
      heapSize: () => process.memoryUsage().heapUsed,
      ...options,
      flushing: "manual",
    });
    this.#realTime = new RealTime(this.broker);
    this.#host = {
      broker: this.broker,
      realTime: this.#realTime,
      log: options.onLog ?? (() => {}),
      connectTimeoutMs: options.connectTimeoutMs ?? 60_000,
      maxPendingSize: checkInteger("maxPendingSize", options.maxPendingSize ?? 1024 * 1024, 1024, 0x7fff_ffff),
      maxPublishRate: checkInteger("maxPublishRate", options.maxPublishRate ?? 0, 0, 1_000_000),
      maxFrameSize: options.maxPacketSize ?? MAX_FRAME_SIZE,
    };
    this.#realTime.touch();
  }

  /** ms, of the broker's clock. */
  get nowMs(): number {
    return this.#realTime.now();
  }

  /**
   * Goes on with what the store has, and keeps it from now on. Before any listener is opened. `entranceOf` finds the
   * entrances that sessions came in by. Throws a StoreError.
   */
  restore(store: Store, entranceOf?: (name: string) => Entrance | undefined): void {
    this.broker.restore(store.load(), this.nowMs, Date.now(), entranceOf);
    const keeper = new Keeper(
      this.broker,
      store,
      () => this.nowMs,
      () => this.touch(),
    );
    this.#keeper = keeper;
    this.#realTime.onFlushed = () => keeper.look();
    this.touch();
  }

  /** Rejects with a ListenError; the listeners that are open stay so. */
  async open(options: SocketOptions): Promise<ListenerSocket> {
    const listener = await ListenerSocket.open(this.#host, options);
    this.listeners.push(listener);
    return listener;
  }

  /** After a call of the broker from outside: its output goes out at the end of this turn. */
  touch(): void {
    this.#realTime.touch();
  }

  /** Ends every connection, stops listening, and resolves when the last socket is closed. */
  async close(): Promise<void> {
    const closed = this.listeners.map(listener => listener.close());
    this.broker.close(this.#realTime.now());
    // The last words wait for the last write, too.
    await this.#keeper?.close();
    this.#realTime.stop();
    setTimeout(() => {
      for (const listener of this.listeners) listener.destroyConnections();
    }, CLOSE_MS).unref();
    await Promise.all(closed);
  }
}
