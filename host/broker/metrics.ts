/**
 * What a broker holds and has counted, for Prometheus (the text format 0.0.4, by prom-client).
 */
import type { Registry } from "prom-client";
import type { Broker } from "./broker.ts";
import type { Counters } from "./counters.ts";
import type { Statistics } from "./statistics.ts";

const COUNTERS: readonly [name: string, help: string, key: keyof Counters][] = [
  ["messages_received_total", "MQTT control packets received", "messagesReceived"],
  ["messages_sent_total", "MQTT control packets sent", "messagesSent"],
  ["publish_received_total", "PUBLISH packets received", "publishMessagesReceived"],
  ["publish_sent_total", "PUBLISH packets sent", "publishMessagesSent"],
  ["publish_dropped_total", "messages that a full queue or a congested client missed", "publishMessagesDropped"],
  ["publish_expired_total", "messages that expired in a queue", "publishMessagesExpired"],
  ["publish_received_bytes_total", "payload bytes received", "publishBytesReceived"],
  ["publish_sent_bytes_total", "payload bytes sent", "publishBytesSent"],
  ["received_bytes_total", "bytes received", "bytesReceived"],
  ["sent_bytes_total", "bytes sent", "bytesSent"],
  ["sockets_opened_total", "transports opened", "socketsOpened"],
  ["connects_received_total", "CONNECT packets received", "connectsReceived"],
  ["sessions_expired_total", "sessions that ended because their client stayed away", "sessionsExpired"],
  ["violations_total", "connections ended because the client broke a rule", "violations"],
];

const GAUGES: readonly [name: string, help: string, key: keyof Statistics][] = [
  ["clients_connected", "clients with an accepted CONNECT", "clientsConnected"],
  ["connections", "transports that are open", "connectionCount"],
  ["sessions", "sessions, connected and kept", "sessionCount"],
  ["subscriptions", "subscriptions that are not shared", "subscriptionCount"],
  ["shared_subscriptions", "members of shared subscriptions", "sharedSubscriptionCount"],
  ["retained_messages", "retained messages", "retainedCount"],
  ["retained_bytes", "payload bytes of retained messages", "retainedBytes"],
  ["waiting_messages", "messages that wait for a client or for its acknowledgement", "waitingCount"],
  ["waiting_bytes", "topic and payload bytes of messages that wait", "waitingBytes"],
];

/** A registry of its own for each broker, so that several live in one process; read with `metrics()`. */
export async function metricsOf(broker: Broker): Promise<Registry> {
  // Loaded by those alone who have a port for it: every command would wait for it otherwise.
  const { Counter, collectDefaultMetrics, Gauge, Registry } = (await import("prom-client")).default;
  const registry = new Registry();
  const registers = [registry];
  for (const [name, help, key] of COUNTERS) {
    new Counter({
      name: `perigee_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(broker.counters[key]);
      },
    });
  }
  let statistics = broker.statistics();
  GAUGES.forEach(([name, help, key], index) => {
    new Gauge({
      name: `perigee_${name}`,
      help,
      registers,
      collect() {
        // Sessions are looked through once for all of them.
        if (index === 0) statistics = broker.statistics();
        this.set(statistics[key]);
      },
    });
  });
  collectDefaultMetrics({ register: registry });
  return registry;
}
