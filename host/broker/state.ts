/**
 * All that a broker holds. Each rule's file takes it as its first argument; nothing of it is module-level, so that any
 * number of brokers live in one process.
 */
import { newPublish5View, type Publish5View } from "./codec/publish5.ts";
import type { Connection } from "./connection.ts";
import { type Counters, newCounters } from "./counters.ts";
import { type Access, Entrance, OptionsAccess } from "./entrance.ts";
import type { BrokerOptions, LogLevel, Settings } from "./options.ts";
import { settle } from "./options.ts";
import { Output } from "./output.ts";
import { RetainedMessages } from "./retained.ts";
import type { Session } from "./session.ts";
import type { Journal } from "./storage/journal.ts";
import { Subscriptions } from "./subscriptions.ts";
import { Timers } from "./timers.ts";
import { TopicTable } from "./topics.ts";

export class State {
  readonly settings: Settings;
  /** What the options say about who may come in: for entrances that say nothing. */
  readonly access: Access;
  /** Of connections that the host names none for. */
  readonly entrance = new Entrance();
  readonly counters: Counters = newCounters();
  readonly output: Output = new Output(this.counters);
  /** By client identifier: those connected and those kept for a client that is away. */
  readonly sessions = new Map<string, Session>();
  /** What waits to be written; null without storage. */
  journal: Journal | null = null;
  readonly subscriptions = new Subscriptions();
  readonly retained = new RetainedMessages();
  readonly topics = new TopicTable();
  readonly timers = new Timers<Connection>();
  /** Of clients that are away: when the session ends or its will is due. */
  readonly absences = new Timers<Session>();
  /** Transports that are open, with a CONNECT or without. */
  readonly connections = new Set<Connection>();
  readonly publishView: Publish5View = newPublish5View();
  /** The time that the host gave with the current call, ms. */
  nowMs = 0;
  assignedCount = 0;
  /** True when a line a packet is wanted: the hot path asks before it builds the line. */
  readonly isTracing: boolean;

  constructor(options: BrokerOptions) {
    this.settings = settle(options);
    this.access = new OptionsAccess(this.settings);
    this.isTracing = this.settings.logPackets && this.settings.onLog !== undefined;
  }

  log(level: LogLevel, line: string): void {
    this.settings.onLog?.(level, line);
  }
}
