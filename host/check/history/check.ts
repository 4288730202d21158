/** Every promise at once, over a history and nothing else. */
import { checkAtLeastOnce, checkAtMostOnce, checkIntegrity, checkOrder } from "./delivery.ts";
import type { Broken, HistoryEvent } from "./event.ts";
import { checkExpiry } from "./expiry.ts";
import { checkFlow } from "./flow.ts";
import { checkKeepAlive } from "./keep-alive.ts";
import { Ledger } from "./ledger.ts";
import { checkRetained } from "./retained.ts";
import { checkSessions } from "./sessions.ts";
import { checkShared } from "./shared-subscriptions.ts";
import { checkWills } from "./wills.ts";

const CHECKERS: readonly ((ledger: Ledger) => Broken[])[] = [
  checkIntegrity,
  checkAtMostOnce,
  checkAtLeastOnce,
  checkOrder,
  checkRetained,
  checkWills,
  checkSessions,
  checkExpiry,
  checkShared,
  checkFlow,
  checkKeepAlive,
];

/**
 * What of MQTT's promises the history breaks, in words; empty where all are kept. `slackMs` is how long what was sent may still be on
 * its way: seconds beside the server, a minute behind a slow link.
 */
export function checkHistory(history: readonly HistoryEvent[], slackMs: number): Broken[] {
  const ledger = new Ledger(history, slackMs);
  return CHECKERS.flatMap(checker => checker(ledger));
}

/**
 * Whether there were subscribers, and none of them is connected when the history ends: then what they have not received may still wait for
 * them, and nothing can be said to be lost.
 */
export function nobodyStays(history: readonly HistoryEvent[]): boolean {
  const { subscriptions, present } = new Ledger(history, 0);
  return subscriptions.length > 0 && subscriptions.every(({ client }) => !present.has(client));
}
