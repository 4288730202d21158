/**
 * The records of one session that outlives its connection. Sessions that do not have no journal, and cost nothing.
 */
import type { Message } from "../message.ts";
import type { Delivery, Session } from "../session.ts";
import type { Grant } from "../subscriptions.ts";
import type { Journal } from "./journal.ts";
import type { DeliveryRecord, SessionRecord } from "./records.ts";

export class SessionJournal {
  readonly #journal: Journal;
  readonly #session: Session;
  readonly #number: number;
  /** Key numbers of its subscriptions, by filter. */
  readonly #filters = new Map<string, number>();

  /** `number` is that of its keys: a new one, or the one it was loaded with. */
  constructor(journal: Journal, session: Session, number: number) {
    this.#journal = journal;
    this.#session = session;
    this.#number = number;
  }

  /** Something of the session itself has changed: its client came or went, its expiry, its will. */
  changed(): void {
    this.#journal.put(`s${this.#number}`, () => this.#record());
  }

  #record(): SessionRecord {
    const { clientId, username, entrance, connection, expiryS, expiresMs, delayedWill } = this.#session;
    return {
      clientId,
      username: username ?? null,
      entrance: entrance?.name ?? "",
      expiryS,
      isConnected: connection !== null,
      expiresMs: connection === null ? this.#journal.wallMs(expiresMs) : null,
      will: connection?.will ?? delayedWill?.will ?? null,
      willDueMs: delayedWill === null ? null : this.#journal.wallMs(delayedWill.dueMs),
    };
  }

  subscribed(filter: string, grant: Grant): void {
    const known = this.#filters.get(filter);
    const id = known ?? this.#journal.nextId();
    this.#filters.set(filter, id);
    const { qos, noLocal, retainAsPublished, id: subscriptionId } = grant;
    const record = { filter, qos, noLocal, retainAsPublished, id: subscriptionId };
    this.#journal.put(`f${this.#number}.${id}`, record, known === undefined);
  }

  unsubscribed(filter: string): void {
    const id = this.#filters.get(filter);
    if (id === undefined) return;
    this.#filters.delete(filter);
    this.#journal.remove(`f${this.#number}.${id}`);
  }

  /** A subscription that was loaded under a key number. */
  adoptFilter(filter: string, id: number): void {
    this.#filters.set(filter, id);
  }

  /** The delivery is in the queue or in flight now, whichever its identifier says. */
  placed(delivery: Delivery): void {
    const isNew = delivery.storeId === 0;
    if (isNew) {
      delivery.storeId = this.#journal.nextId();
      this.#journal.refer(delivery.message as Message);
    }
    this.#journal.put(`d${this.#number}.${delivery.storeId}`, this.#deliveryRecord(delivery, delivery.storeId), isNew);
  }

  /** PUBREC has come: the message is not needed again, and PUBRELs go in the order of their PUBRECs. */
  released(delivery: Delivery): void {
    if (delivery.storeId === 0) return;
    if (delivery.message !== null) this.#journal.forget(delivery.message);
    const released = { ...this.#deliveryRecord(delivery, this.#journal.nextId()), message: 0, isReleased: true };
    this.#journal.put(`d${this.#number}.${delivery.storeId}`, released);
  }

  /** It is done, or will never be. */
  dropped(delivery: Delivery): void {
    if (delivery.storeId === 0) return;
    if (!delivery.isReleased && delivery.message !== null) this.#journal.forget(delivery.message);
    this.#journal.remove(`d${this.#number}.${delivery.storeId}`);
    delivery.storeId = 0;
  }

  #deliveryRecord({ message, qos, isRetain, packetId, via }: Delivery, order: number): DeliveryRecord {
    return {
      order,
      message: message?.storeId ?? 0,
      qos,
      isRetain,
      packetId,
      isReleased: false,
      subscriptionIds: via?.subscriptionIds ?? [],
      share: via?.group?.text ?? "",
    };
  }

  /** [MQTT-4.3.3-2] a QoS 2 message of the client that waits for its PUBREL; null when it has been passed on. */
  received(packetId: number, message: Message | null): void {
    const isRetain = message?.isRetain ?? false;
    const record = message === null ? null : this.#journal.messageRecord(message);
    this.#journal.put(`q${this.#number}.${packetId}`, { packetId, message: record, isRetain });
  }

  receivedReleased(packetId: number): void {
    this.#journal.remove(`q${this.#number}.${packetId}`);
  }

  /** The session is over, or will be with its connection: nothing of it is kept. */
  end(): void {
    const session = this.#session;
    for (const list of [session.queue, session.inflight, session.released]) {
      for (let delivery = list.head; delivery !== null; delivery = delivery.next) this.dropped(delivery);
    }
    for (const filter of [...this.#filters.keys()]) this.unsubscribed(filter);
    for (const packetId of session.received?.keys() ?? []) this.receivedReleased(packetId);
    this.#journal.remove(`s${this.#number}`);
    session.journal = null;
  }
}
