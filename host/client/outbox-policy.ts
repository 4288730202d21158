/**
 * What is given up where the outbox is full, or a later message makes an earlier one worthless: the policies `drop-oldest`
 * and `latest` of options.ts. The core finds the message; here whoever waits for it is told.
 */
import type { Core } from "../core/core.ts";
import { PerigeeError } from "./errors.ts";
import type { Requests } from "./requests.ts";

/** Drops the oldest message that has never been sent. Answers whether there was one. `isQos0Leaving`: as Requests.dropped. */
export function dropOldest(core: Core, client: number, requests: Requests, isQos0Leaving: boolean): boolean {
  const id = core.drop(client);
  if (id < 0) return false;
  const error = new PerigeeError("DROPPED", "the outbox was full, and this was its oldest message");
  requests.dropped(id, undefined, isQos0Leaving, error);
  return true;
}

/** Drops the unsent message whose topic that which is being composed has too, if there is one. */
export function supersede(core: Core, client: number, requests: Requests, topic: string, isQos0Leaving: boolean): void {
  const id = core.supersede(client);
  if (id < 0) return;
  const error = new PerigeeError("SUPERSEDED", `a later message of topic "${topic}" took its place`);
  requests.dropped(id, topic, isQos0Leaving, error);
}
