/**
 * Shared subscriptions (4.8.2): `$share/NAME/FILTER`. The subscribers under one name and filter are a group, and each
 * message goes to one of them.
 *
 * Fair means in turn. A member that is away, or whose window is full, is passed over as long as another one can take the
 * message at once.
 */
import { Violation } from "./codec/violation.ts";
import type { Session } from "./session.ts";
import type { Grant } from "./subscriptions.ts";

const PREFIX = "$share/";

/** The two parts of the filter of a shared subscription. */
export interface Share {
  readonly name: string;
  readonly filter: string;
}

/** Null for a filter that is not shared. Throws a Violation when it is, and has the wrong form. */
export function parseShare(text: string): Share | null {
  if (!text.startsWith(PREFIX)) return null;
  const slashIndex = text.indexOf("/", PREFIX.length);
  const name = text.slice(PREFIX.length, slashIndex < 0 ? undefined : slashIndex);
  // [MQTT-4.8.2-1] a name of at least one character; [MQTT-4.8.2-2] without wildcards, and a filter behind it.
  if (name === "") throw new Violation("MQTT-4.8.2-1", "the share name of a shared subscription is empty");
  if (/[+#]/.test(name)) throw new Violation("MQTT-4.8.2-2", "the share name of a shared subscription has a wildcard");
  if (slashIndex < 0 || slashIndex + 1 === text.length) {
    throw new Violation("MQTT-4.8.2-2", "a shared subscription ends without a topic filter");
  }
  return { name, filter: text.slice(slashIndex + 1) };
}

/** Can a member take a message now, or will it have to wait? */
export type IsReady = (session: Session) => boolean;

export class Group {
  /** Those that have waited longest come first: whoever is chosen goes to the end. */
  readonly members = new Map<Session, Grant>();

  /**
   * Whose turn it is: the first that is ready; else the first that is connected; else, if the message may wait, the
   * first that is away. Undefined when nobody is left. `except` has just left.
   */
  choose(isReady: IsReady, mayWait: boolean, except: Session | null): Session | undefined {
    let connected: Session | undefined;
    let away: Session | undefined;
    for (const session of this.members.keys()) {
      if (session === except) continue;
      if (isReady(session)) return this.#served(session);
      if (session.connection === null) away ??= session;
      else connected ??= session;
    }
    const chosen = mayWait ? (connected ?? away) : undefined;
    return chosen === undefined ? undefined : this.#served(chosen);
  }

  #served(session: Session): Session {
    const grant = this.members.get(session) as Grant;
    this.members.delete(session);
    this.members.set(session, grant);
    return session;
  }
}
