/**
 * A broker whose store the test writes: when, and whether at all. A crash is another broker that goes on with what the
 * store has by then.
 */
import { type Broker, type BrokerOptions, MemoryStore } from "../../../host/broker/index.ts";
import { type Client, connectPacket, World } from "../endpoint.ts";

/** 2026-01-01, as records have it. */
const START_WALL_MS = 1_767_225_600_000;

export class StoredWorld {
  readonly store = new MemoryStore();
  readonly #options: BrokerOptions;
  world!: World;
  /** Since the start, whatever brokers there were. */
  #wallMs = START_WALL_MS;

  constructor(options: BrokerOptions = {}) {
    this.#options = options;
    this.#begin();
  }

  get broker(): Broker {
    return this.world.broker;
  }

  #begin(): void {
    this.world = new World(this.#options);
    // A clock of another origin each time, as after a reboot.
    this.world.nowMs = (START_WALL_MS - this.#wallMs) % 1000 === 0 ? 5000 : 777;
    this.broker.restore(this.store.load(), this.world.nowMs, this.#wallMs);
  }

  /** Time passes, while the broker runs. */
  advance(ms: number): void {
    this.world.advance(ms);
    this.#wallMs += ms;
  }

  /** Writes what waits, until nothing does. False when the store could not. */
  commit(): boolean {
    for (let batch = this.broker.pendingWrites(); batch !== null; batch = this.broker.pendingWrites()) {
      try {
        this.store.writeNow(batch);
      } catch (error) {
        this.broker.writeFailed(this.world.nowMs, (error as Error).message);
        return false;
      }
      this.broker.written(this.world.nowMs);
    }
    return true;
  }

  /** The broker is gone, with all that was not written; another one comes after `downMs`. */
  crash(downMs = 0): void {
    this.#wallMs += downMs;
    this.#begin();
  }

  /** It stops as it should, and another one comes after `downMs`. */
  restart(downMs = 0): void {
    this.broker.close(this.world.nowMs);
    this.commit();
    this.crash(downMs);
  }
}

/** A client with a session that lasts, and its CONNACK taken: a commit lets it through. */
export function connect(site: StoredWorld, clientId: string, options = {}): Client {
  const client = site.world.open(4);
  client.send(connectPacket(clientId, { cleanSession: false, ...options }));
  site.commit();
  const connack = client.take();
  if (connack?.type !== "CONNACK" || connack.returnCode !== 0) throw new Error(`refused: ${client.closeReason}`);
  client.sessionPresent = connack.sessionPresent;
  return client;
}

export function subscribe(site: StoredWorld, client: Client, filter: string, qos: 0 | 1 | 2): void {
  client.send({ type: "SUBSCRIBE", packetId: client.nextId(), subscriptions: [{ filter, qos }] });
  site.commit();
  const suback = client.take();
  if (suback?.type !== "SUBACK" || suback.returnCodes[0] !== qos)
    throw new Error(`expected SUBACK, got ${suback?.type}`);
}
