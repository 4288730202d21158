/**
 * SIGUSR1 and SIGUSR2, which mosquitto's users send to save its database and to see its subscriptions. Unanswered the first
 * would open Node's debugger, and the second end the broker.
 */
import type { Broker } from "../broker/index.ts";

export function answerUserSignals(broker: Broker, tell: (line: string) => void): void {
  process.on("SIGUSR1", () => tell("SIGUSR1: nothing to save, with persistence every change is on the disk"));
  process.on("SIGUSR2", () => {
    const { connectionCount, sessionCount, subscriptionCount, retainedCount } = broker;
    const held = `${sessionCount} sessions, ${subscriptionCount} subscriptions, ${retainedCount} retained messages`;
    tell(`SIGUSR2: ${connectionCount} connections, ${held}`);
  });
}
