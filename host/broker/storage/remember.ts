/** What of a client that comes in outlives the broker: its session, if that outlives its connection, and its will. */
import type { Will } from "../codec/connect.ts";
import type { Connection } from "../connection.ts";
import type { Session } from "../session.ts";
import type { Journal } from "./journal.ts";
import { SessionJournal } from "./session-journal.ts";

export function remember(journal: Journal, connection: Connection, session: Session, will: Will | null): void {
  if (session.expiryS > 0) {
    session.journal ??= new SessionJournal(journal, session, journal.nextId());
    session.journal.changed();
    return;
  }
  session.journal?.end();
  if (will === null) return;
  connection.willStoreId = journal.nextId();
  const { clientId, username = null } = session;
  journal.put(`w${connection.willStoreId}`, { clientId, username, entrance: connection.entrance.name, will }, true);
}
