/**
 * A broker goes on where another one stopped, by its records: sessions with their subscriptions and messages, retained
 * messages, wills.
 *
 * Whoever was connected then has lost that connection now (3.1.2.5: a server that failed may publish wills when it is
 * back): its session's expiry and its will's delay begin. For those who were away they have gone on meanwhile, and so has
 * the expiry of messages.
 */
import { endAbsences, loseConnection, publishWill, setAbsence } from "../departure.ts";
import type { Entrance } from "../entrance.ts";
import { Message } from "../message.ts";
import { newDelivery } from "../outbound.ts";
import { Session } from "../session.ts";
import { type Group, parseShare } from "../shared-subscription.ts";
import type { State } from "../state.ts";
import { plainGrant } from "../subscriptions.ts";
import { topicOf } from "../topics.ts";
import type { Journal } from "./journal.ts";
import type * as stored from "./records.ts";
import { StoreError } from "./records.ts";
import { SessionJournal } from "./session-journal.ts";

type EntranceOf = (name: string) => Entrance | undefined;

/** A key's letter and its numbers: `d1.7` is ["d", 1, 7]. */
type Entry = readonly [kind: string, first: number, second: number, record: stored.StoredRecord];

/** Before anything else happens to the broker. Throws a StoreError when records do not fit together. */
export function restore(
  state: State,
  journal: Journal,
  records: Iterable<readonly [string, stored.StoredRecord]>,
  entranceOf: EntranceOf,
): void {
  const entries = [...records].map(readEntry);
  const of = <T extends stored.StoredRecord>(kind: string) =>
    entries.filter(entry => entry[0] === kind) as unknown as (readonly [string, number, number, T])[];
  for (const [, first, second, record] of entries) {
    journal.reserve(Math.max(first, second));
    if ("order" in record) journal.reserve(record.order);
  }

  const owners = new Map<number, { session: Session; keeper: SessionJournal; record: stored.SessionRecord }>();
  for (const [, number, , record] of of<stored.SessionRecord>("s")) {
    const session = ownerOf(state, record, entranceOf);
    session.expiryS = record.expiryS;
    const keeper = new SessionJournal(journal, session, number);
    session.journal = keeper;
    state.sessions.set(session.clientId, session);
    owners.set(number, { session, keeper, record });
  }
  const ownerAt = (number: number) => {
    const owner = owners.get(number);
    if (owner === undefined) throw new StoreError(`a record belongs to session ${number}, which is not there`);
    return owner;
  };

  const groups = new Map<string, Group>();
  for (const [, number, id, record] of of<stored.SubscriptionRecord>("f")) {
    const { session, keeper } = ownerAt(number);
    const { filter, qos, noLocal, retainAsPublished } = record;
    const isPlain = !noLocal && !retainAsPublished && record.id === 0;
    const grant = isPlain ? plainGrant(qos) : { qos, noLocal, retainAsPublished, id: record.id };
    const share = parseShare(filter);
    const group = state.subscriptions.add(share?.filter ?? filter, session, grant, share);
    if (group !== null) groups.set(group.text, group);
    session.subscriptions.set(filter, grant);
    keeper.adoptFilter(filter, id);
  }

  const messages = new Map<number, Message>();
  for (const [, id, , record] of of<stored.MessageRecord>("m")) {
    const message = messageOf(journal, record);
    message.storeId = id;
    messages.set(id, message);
  }
  const deliveries = of<stored.DeliveryRecord>("d").sort((one, other) => one[3].order - other[3].order);
  for (const [, number, id, record] of deliveries) {
    const { session } = ownerAt(number);
    const message = record.isReleased ? null : messages.get(record.message);
    if (message === undefined) throw new StoreError(`delivery d${number}.${id} has no message`);
    if (message !== null) message.storeCount++;
    const group = groups.get(record.share) ?? null;
    const hasVia = group !== null || record.subscriptionIds.length > 0;
    const via = hasVia ? { subscriptionIds: record.subscriptionIds, group } : null;
    const delivery = newDelivery(message, record.qos, record.isRetain, via);
    delivery.storeId = id;
    delivery.packetId = record.packetId;
    delivery.isReleased = record.isReleased;
    session.adopt(delivery);
  }
  for (const [id, message] of messages) if (message.storeCount === 0) journal.remove(`m${id}`);

  for (const [, number, , record] of of<stored.ReceivedRecord>("q")) {
    const { session } = ownerAt(number);
    const message = record.message === null ? null : messageOf(journal, record.message);
    session.received ??= new Map();
    session.received.set(record.packetId, message);
    if (message === null) continue;
    message.isRetain = record.isRetain;
    session.receivedSize += message.size;
  }

  for (const [, id, , record] of of<stored.RetainedRecord>("r")) {
    const message = messageOf(journal, record);
    message.publisherId = record.publisherId;
    state.retained.adopt(message, id);
  }
  state.retained.journal = journal;

  for (const { session, record } of owners.values()) {
    session.expiresMs = journal.machineMs(record.expiresMs);
    const { will, willDueMs } = record;
    if (will !== null && willDueMs !== null) session.delayedWill = { will, dueMs: journal.machineMs(willDueMs) };
    if (record.isConnected) loseConnection(state, session, will);
    else setAbsence(state, session);
  }
  for (const [, number, , record] of of<stored.OwnerRecord>("w")) {
    journal.remove(`w${number}`);
    if (record.will !== null) publishWill(state, ownerOf(state, record, entranceOf), record.will);
  }
  endAbsences(state);
  state.retained.expire(state.nowMs);
}

function readEntry([key, record]: readonly [string, stored.StoredRecord]): Entry {
  const match = /^([sfdqmrw])(\d+)(?:\.(\d+))?$/.exec(key);
  if (match === null) throw new StoreError(`the record '${key}' is of no kind that is known`);
  return [match[1], Number(match[2]), Number(match[3] ?? 0), record];
}

function ownerOf(state: State, record: stored.OwnerRecord, entranceOf: EntranceOf): Session {
  const session = new Session(record.clientId, false);
  const entrance = entranceOf(record.entrance) ?? state.entrance;
  session.username = record.username ?? undefined;
  session.entrance = entrance;
  session.permissions = (entrance.access ?? state.access).permissions(session.clientId, session.username);
  return session;
}

function messageOf(journal: Journal, record: stored.MessageRecord): Message {
  const { payload, forwarded, expiresMs } = record;
  const message = new Message(topicOf(record.topic), record.qos, payload, 0, payload.length, true);
  if (forwarded !== null || expiresMs !== null) {
    message.extras = { forwarded, expiresMs: journal.machineMs(expiresMs) };
  }
  return message;
}
