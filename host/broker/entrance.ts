/**
 * What holds for the connections of one listener, where listeners differ: limits, the form of client identifiers, a
 * mount point, and who may come in and do what. mosquitto's listener settings.
 *
 * A broker without entrances has one of its own, made of its options. Everything here may be replaced while the broker
 * runs, as SIGHUP does; sessions are looked at again with `Broker.review`.
 */
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { encodeText } from "./codec/utf8.ts";
import { Violation } from "./codec/violation.ts";
import type { Applicant, Settings, Verdict } from "./options.ts";
import { Topic } from "./topics.ts";

/** What a session may do with a topic (its name inside the broker: with the mount point). */
export interface Permissions {
  mayRead(topic: string): boolean;
  mayWrite(topic: string): boolean;
}

/** Who may come in and do what. */
export interface Access {
  /** "later": the host decides with `Broker.decide`, and nothing more of that client is read until then. */
  authenticate(applicant: Applicant): Verdict | "later";
  /** Null: everything. `username` as it counts, which may be that of a certificate. */
  permissions(clientId: string, username: string | undefined): Permissions | null;
  /** Prefixes of which each client identifier must have one; empty: any identifier. */
  readonly clientIdPrefixes: readonly string[];
}

export interface EntranceOptions {
  /** How stored sessions find it again, for instance its port. Default "". */
  name?: string;
  /** Clients at once that came through it (`max_connections` of a listener). Default: no limit of its own. */
  maxConnections?: number;
  /** Default: the broker's. */
  maxQos?: 0 | 1 | 2;
  maxTopicAlias?: number;
  /** Put before every topic of its clients, and taken away again (`mount_point`). Default "". */
  mountPoint?: string;
  /** The user name is the client identifier (`use_username_as_clientid`). Default false. */
  isUsernameClientId?: boolean;
  /** May a client leave its identifier to the server? Default true (`allow_zero_length_clientid`). */
  allowsEmptyClientId?: boolean;
  /** What identifiers given by the server begin with (`auto_id_prefix`). Default: as `assignClientId` makes them. */
  autoIdPrefix?: string;
  /** Default: the broker's `users`, `authenticate` and `allowAnonymous`, and no limit on what a client does. */
  access?: Access;
}

export class Entrance {
  readonly name: string;
  maxConnections: number;
  readonly maxQos: 0 | 1 | 2 | undefined;
  readonly maxTopicAlias: number | undefined;
  readonly mountPoint: string;
  readonly isUsernameClientId: boolean;
  readonly allowsEmptyClientId: boolean;
  readonly autoIdPrefix: string | undefined;
  /** Null: that of the broker. */
  access: Access | null;
  /** Clients with an accepted CONNECT. */
  clientCount = 0;
  readonly #mounted = new WeakMap<Topic, Topic>();
  readonly #unmounted = new WeakMap<Topic, Topic>();

  constructor(options: EntranceOptions = {}) {
    this.name = options.name ?? "";
    this.maxConnections = options.maxConnections ?? Number.POSITIVE_INFINITY;
    this.maxQos = options.maxQos;
    this.maxTopicAlias = options.maxTopicAlias;
    this.mountPoint = options.mountPoint ?? "";
    this.isUsernameClientId = options.isUsernameClientId ?? false;
    this.allowsEmptyClientId = options.allowsEmptyClientId ?? true;
    this.autoIdPrefix = options.autoIdPrefix;
    this.access = options.access ?? null;
  }

  /** The topic inside the broker of what a client calls `topic`. */
  mount(topic: Topic): Topic {
    if (this.mountPoint === "") return topic;
    return remembered(this.#mounted, topic, () => this.mountPoint + topic.text);
  }

  /** What a client calls a topic of the broker. */
  unmount(topic: Topic): Topic {
    if (this.mountPoint === "" || !topic.text.startsWith(this.mountPoint)) return topic;
    return remembered(this.#unmounted, topic, () => topic.text.slice(this.mountPoint.length));
  }

  /** The filter inside the broker; `$share/NAME/` stays in front. */
  mountFilter(filter: string): string {
    if (this.mountPoint === "") return filter;
    const share = /^\$share\/[^/+#]+\//.exec(filter)?.[0] ?? "";
    return share + this.mountPoint + filter.slice(share.length);
  }
}

function remembered(known: WeakMap<Topic, Topic>, topic: Topic, name: () => string): Topic {
  let other = known.get(topic);
  if (other === undefined) {
    const text = name();
    if (Buffer.byteLength(text) > 0xffff) throw new Violation("limit", "the topic with its mount point is too long");
    other = new Topic(encodeText(text), text);
    known.set(topic, other);
  }
  return other;
}

/** What the options of a broker say about who may come in. */
export class OptionsAccess implements Access {
  readonly clientIdPrefixes: readonly string[] = [];
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  authenticate(applicant: Applicant): Verdict | "later" {
    const { allowAnonymous, authenticate, users } = this.#settings;
    const { username, password } = applicant;
    if (username === undefined && allowAnonymous) return ACCEPTED;
    if (authenticate) return authenticate(applicant);
    if (username === undefined) return NOT_AUTHORIZED;
    if (users === undefined) return allowAnonymous ? ACCEPTED : NOT_AUTHORIZED;
    return isSecret(users.get(username) ?? "", password) ? ACCEPTED : BAD_CREDENTIALS;
  }

  permissions(): Permissions | null {
    return null;
  }
}

const ACCEPTED = 0;
const BAD_CREDENTIALS = 4;
const NOT_AUTHORIZED = 5;
const NOTHING = new Uint8Array(0);

function isSecret(secret: string, password: Uint8Array | undefined): boolean {
  const expected = Buffer.from(secret, "utf8");
  const given = Buffer.from(password ?? NOTHING);
  // As long as the expected secret, whatever was given, so that the time tells nothing about its content.
  const padded = Buffer.alloc(expected.length);
  given.copy(padded);
  return timingSafeEqual(padded, expected) && given.length === expected.length && expected.length > 0;
}
