/**
 * Access as mosquitto's files give it: password file, ACL file, anonymous clients, prefixes of client identifiers.
 *
 * An object of this class never changes. SIGHUP makes another one from the same files, and `isStillWelcome` says who of
 * those that came in under the one may stay under the other.
 */
import { readFileSync } from "node:fs";
import { ConfigurationError } from "../configuration/configuration-error.ts";
import type { Connection } from "../connection.ts";
import type { Access, Permissions } from "../entrance.ts";
import type { Applicant, LogLevel, Verdict } from "../options.ts";
import { type AclFile, AclPermissions, parseAclFile } from "./acl-file.ts";
import { type PasswordFile, parsePasswordFile } from "./password-file.ts";
import { DEFAULT_ITERATIONS, hashPassword, isPassword, type PasswordHash, parsePasswordHash } from "./password-hash.ts";

export interface AccessSettings {
  readonly allowAnonymous: boolean;
  readonly passwordPath?: string;
  readonly aclPath?: string;
  readonly clientIdPrefixes: readonly string[];
  /** How long a refusal for a wrong password waits, ms. */
  readonly failedLoginDelayMs: number;
}

/** Hands the host's verdict to the broker. */
export type Decide = (connection: Connection, verdict: Verdict) => void;

const ACCEPTED = 0;
const UNAVAILABLE = 3;
const NOT_AUTHORIZED = 5;

/** What the password of a user who is not there is compared with. */
const NOBODY = parsePasswordHash(hashPassword("nobody", DEFAULT_ITERATIONS)) as PasswordHash;

export class FileAccess implements Access {
  readonly clientIdPrefixes: readonly string[];
  readonly #settings: AccessSettings;
  readonly #passwords: PasswordFile | null;
  readonly #acl: AclFile | null;
  readonly #decide: Decide;

  /** Reads the files. Throws a ConfigurationError for one that is not there, and for an ACL that cannot be read. */
  constructor(settings: AccessSettings, decide: Decide, log: (level: LogLevel, line: string) => void) {
    this.#settings = settings;
    this.clientIdPrefixes = settings.clientIdPrefixes;
    this.#decide = decide;
    const { passwordPath, aclPath } = settings;
    this.#passwords =
      passwordPath === undefined ? null : parsePasswordFile(read("password_file", passwordPath), passwordPath);
    this.#acl = aclPath === undefined ? null : parseAclFile(read("acl_file", aclPath), aclPath);
    for (const fault of this.#passwords?.faults ?? []) log("error", fault);
    for (const warning of this.#acl?.warnings ?? []) log("warning", warning);
  }

  authenticate({ username, password, connection }: Applicant): Verdict | "later" {
    const { allowAnonymous } = this.#settings;
    // As mosquitto: without a password file a user name is no more than a label.
    if (username === undefined || this.#passwords === null) return allowAnonymous ? ACCEPTED : NOT_AUTHORIZED;
    const known = this.#passwords.users.get(username);
    // It takes as long as for one who is: nobody learns from the time which users there are.
    const [first] = this.#passwords.users.values();
    const hash = known ?? { ...NOBODY, iterations: first?.iterations ?? DEFAULT_ITERATIONS };
    this.#judge(connection, known !== undefined, hash, password ?? new Uint8Array(0));
    return "later";
  }

  async #judge(connection: Connection, isUser: boolean, hash: PasswordHash, password: Uint8Array): Promise<void> {
    let verdict: Verdict = NOT_AUTHORIZED;
    try {
      if ((await isPassword(hash, password)) && isUser) verdict = ACCEPTED;
    } catch {
      verdict = UNAVAILABLE;
    }
    const delayMs = verdict === ACCEPTED ? 0 : this.#settings.failedLoginDelayMs;
    if (delayMs === 0) this.#decide(connection, verdict);
    else setTimeout(() => this.#decide(connection, verdict), delayMs).unref();
  }

  permissions(clientId: string, username: string | undefined): Permissions | null {
    return this.#acl === null ? null : new AclPermissions(this.#acl, clientId, username);
  }

  /** Would who came in under `before` come in now? A user whose line has changed must log in again. */
  isStillWelcome(before: FileAccess, username: string | undefined): boolean {
    if (username === undefined || this.#passwords === null) return this.#settings.allowAnonymous;
    const known = this.#passwords.users.get(username);
    return known !== undefined && before.#passwords?.users.get(username)?.text === known.text;
  }
}

function read(key: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = READ_REASONS[code ?? ""] ?? message;
    throw new ConfigurationError(null, `${key} ${path} cannot be read: ${reason}`);
  }
}

const READ_REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
};
