/**
 * Shared subscriptions (4.8.2): `$share/NAME/FILTER`. The subscribers under one name and filter are a group, and each
 * message goes to one of them.
 *
 * Fair means in turn. A member that is away, or whose window is full, is passed over as long as another one can take the
 * message at once.
 */
import { quote, Violation } from "./codec/violation.ts";
import type { Session } from "./session.ts";
import type { Grant } from "./subscriptions.ts";

const PREFIX = "$share/";

/** The two parts of the filter of a shared subscription. */
export interface Share {
  readonly name: string;
  readonly filter: string;
}

/** Null for a filter that is not shared, or has the wrong form: in 3.1.1 it is then a filter like any other. */
export function parseShare(text: string): Share | null {
  const slashIndex = text.startsWith(PREFIX) ? text.indexOf("/", PREFIX.length) : -1;
  const name = text.slice(PREFIX.length, slashIndex);
  if (slashIndex < 0 || slashIndex + 1 === text.length || name === "" || /[+#]/.test(name)) return null;
  return { name, filter: text.slice(slashIndex + 1) };
}

/** Throws a Violation when a filter of 5.0 begins as a shared one and has the wrong form. */
export function checkShare(text: string): void {
  if (!text.startsWith(PREFIX) || parseShare(text) !== null) return;
  // [MQTT-4.8.2-1] a name of at least one character; [MQTT-4.8.2-2] without wildcards, and a filter behind it.
  if (text.startsWith(`${PREFIX}/`) || text === PREFIX) {
    throw new Violation("MQTT-4.8.2-1", "the share name of a shared subscription is empty");
  }
  const detail = `a shared subscription is $share/NAME/FILTER, its name without wildcards: ${quote(text)}`;
  throw new Violation("MQTT-4.8.2-2", detail);
}

/** Can a member take a message now, or will it have to wait? */
export type IsReady = (session: Session) => boolean;

export class Group {
  /** `$share/NAME/FILTER`. */
  readonly text: string;
  /** Those that have waited longest come first: whoever is chosen goes to the end. */
  readonly members = new Map<Session, Grant>();

  constructor(text: string) {
    this.text = text;
  }

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
