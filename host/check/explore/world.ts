/**
 * One client of the core and the world around it, in one run of memory: the record, what the store remembers of its session,
 * and the model. A state is saved and loaded by copying those bytes, and nothing else has a state.
 */
import { IDLE } from "../../../assembly/session/transitions.ts";
import { type Core, FIRST_ADDRESS } from "../../core/core.ts";
import * as model from "./model.ts";
import type { Settings } from "./settings.ts";

/** What `configure` calls the options, in the order in which it numbers them. */
const RESPONSE_TIMEOUT_MS = 60_000;
const OPTION_DURABLE = 5;

const RECEIVE_SIZE = 32;
/** Fixed header of two bytes, variable header of ten, client identifier of one. */
const CONNECT_SIZE = 16;
const CONNECT_PAYLOAD = [0, 1, 0x63];
/** In 5.0 with a session that never expires, and room for the largest DISCONNECT behind it. */
const CONNECT_SIZE_5 = 40;
const CONNECT_PAYLOAD_5 = [5, 0x11, 0xff, 0xff, 0xff, 0xff, 0, 1, 0x63];

/** The time at the start; that it is close to where 32 bits change their sign is on purpose. */
const START_MS = 0x7fff_0000;

export class World {
  readonly core: Core;
  readonly settings: Settings;
  readonly client = FIRST_ADDRESS;
  /** The whole memory. */
  readonly bytes: Uint8Array;
  /** The model as bytes, and its place. */
  readonly model: Uint8Array;
  readonly modelAt: number;
  /** Bytes of the record and of its session region, which stands at `sessionAt`. */
  readonly recordSize: number;
  readonly sessionAt: number;
  readonly sessionSize: number;
  /** Where the copy of the session that the store holds stands. */
  readonly storeAt: number;
  /** Bytes of a state, a multiple of 4, from `client` on. */
  readonly stateSize: number;
  /** The first promise that was broken since it was last cleared. */
  violation = "";
  /** The whole memory as words. */
  readonly words: Int32Array;

  constructor(core: Core, settings: Settings) {
    this.core = core;
    this.settings = settings;
    this.bytes = core.bytes;
    this.recordSize = this.#initialize(0);
    this.#initialize(this.client);
    this.sessionAt = core.sessionAddress(this.client);
    this.sessionSize = core.sessionSize(this.client);
    this.storeAt = this.client + this.recordSize;
    this.modelAt = (this.storeAt + this.sessionSize + 3) & ~3;
    this.stateSize = this.modelAt + model.MODEL_SIZE - this.client;
    this.model = core.bytes.subarray(this.modelAt, this.modelAt + model.MODEL_SIZE);
    this.words = new Int32Array(core.bytes.buffer, 0, core.bytes.length >> 2);
    this.reset();
  }

  get nowMs(): number {
    return this.words[(this.modelAt + model.NOW) >> 2];
  }

  set nowMs(value: number) {
    this.words[(this.modelAt + model.NOW) >> 2] = value;
  }

  /** The packet identifier given last: the first word of the session region. */
  get lastId(): number {
    const { bytes, sessionAt } = this;
    return bytes[sessionAt] | (bytes[sessionAt + 1] << 8);
  }

  set lastId(id: number) {
    for (const at of [this.sessionAt, this.storeAt]) {
      this.bytes[at] = id & 0xff;
      this.bytes[at + 1] = id >> 8;
    }
  }

  /** A client that has just begun, with a store that knows of nothing but the identifier given last. */
  reset(): void {
    this.bytes.fill(0, this.client, this.client + this.stateSize);
    this.#initialize(this.client);
    this.bytes.copyWithin(this.storeAt, this.sessionAt, this.sessionAt + this.sessionSize);
    this.lastId = this.settings.lastId;
    this.violation = "";
    this.nowMs = START_MS;
    this.#begin();
  }

  /** A client in the same place with what the store remembers. */
  restart(): void {
    this.#initialize(this.client);
    this.bytes.copyWithin(this.sessionAt, this.storeAt, this.storeAt + this.sessionSize);
    this.#begin();
  }

  /** Composes and commits CONNECT; the session is to be resumed. */
  connect() {
    const { core, client } = this;
    const payload = this.settings.level === 5 ? CONNECT_PAYLOAD_5 : CONNECT_PAYLOAD;
    const at = core.connect(client, payload.length, 0, this.settings.keepAliveSeconds);
    if (at < 0) return this.violate(`connect answered ${at}`);
    this.bytes.set(payload, at);
    const answer = core.commit(client);
    if (answer !== 0) this.violate(`commit of CONNECT answered ${answer}`);
    this.model[model.PHASE] = model.TAKING;
  }

  /** All that `pendingStore` names goes to the store. */
  store() {
    const { core, client } = this;
    for (const part of [0, 1]) {
      const size = core.pendingStore(client, part);
      const at = core.pendingStoreAddress(client, part);
      if (size === 0) continue;
      if (at < this.sessionAt || at + size > this.sessionAt + this.sessionSize) {
        return this.violate(`pendingStore names ${size} bytes at ${at}, outside the session`);
      }
      this.bytes.copyWithin(this.storeAt + at - this.sessionAt, at, at + size);
    }
    core.stored(client);
    if (core.pendingStore(client, 0) !== 0) this.violate("something is unstored right after `stored`");
  }

  get isIdle(): boolean {
    return this.core.state(this.client) === IDLE;
  }

  save(target: Uint8Array, at: number): void {
    target.set(this.bytes.subarray(this.client, this.client + this.stateSize), at);
  }

  load(source: Uint8Array, at: number): void {
    this.bytes.set(source.subarray(at, at + this.stateSize), this.client);
  }

  violate(text: string): void {
    if (this.violation === "") this.violation = text;
  }

  #initialize(at: number): number {
    const { core, settings } = this;
    const connectSize = settings.level === 5 ? CONNECT_SIZE_5 : CONNECT_SIZE;
    const size = core.initialize(at, RECEIVE_SIZE, settings.outboxSize, connectSize, settings.inboundCount);
    if (size < 0) throw new RangeError(`a scenario with a geometry that the core refuses: ${size}`);
    if (at === 0) return size;
    // The wait before a reconnect is always one millisecond: its length changes nothing but the time.
    for (const [option, value] of [settings.window, RESPONSE_TIMEOUT_MS, 1, 1].entries()) {
      core.configure(at, option, value);
    }
    core.configure(at, OPTION_DURABLE, settings.isDurable ? 1 : 0);
    core.speak(at, settings.level);
    return size;
  }

  #begin(): void {
    const answer = this.core.restored(this.client);
    if (answer !== 0) this.violate(`restored answered ${answer} to what the client itself had stored`);
    this.connect();
  }
}
