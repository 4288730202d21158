/**
 * What a broker holds at this moment, in numbers: for $SYS (system.ts) and for a host's metrics. What went through it is
 * counted (counters.ts); this is looked up when asked for, once in ten seconds or so.
 */
import type { State } from "./state.ts";

export interface Statistics {
  /** Sessions, connected and kept. */
  sessionCount: number;
  /** Transports that are open. */
  connectionCount: number;
  clientsConnected: number;
  subscriptionCount: number;
  sharedSubscriptionCount: number;
  retainedCount: number;
  retainedBytes: number;
  /** QoS 1 and 2 messages that wait for a client or for its acknowledgement. */
  waitingCount: number;
  /** Topic and payload bytes of those that wait. */
  waitingBytes: number;
}

export function statisticsOf(state: State): Statistics {
  let waitingCount = 0;
  let waitingBytes = 0;
  for (const session of state.sessions.values()) {
    waitingCount += session.queue.count + session.inflight.count;
    waitingBytes += session.queueSize + session.inflightSize;
  }
  const { subscriptions, retained } = state;
  return {
    sessionCount: state.sessions.size,
    connectionCount: state.connections.size,
    clientsConnected: state.counters.clientsConnected,
    subscriptionCount: subscriptions.count - subscriptions.sharedCount,
    sharedSubscriptionCount: subscriptions.sharedCount,
    retainedCount: retained.count,
    retainedBytes: retained.byteSize,
    waitingCount,
    waitingBytes,
  };
}
