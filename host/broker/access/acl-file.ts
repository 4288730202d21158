/**
 * Who may read and write which topics: mosquitto's ACL file.
 *
 *     topic [read|write|readwrite|deny] FILTER     before any `user` line: for clients without a user name
 *     user NAME                                    the `topic` lines that follow are this user's
 *     pattern [read|write|readwrite|deny] FILTER   for everyone; %c is the client identifier, %u the user name
 *
 * A user's own lines come before the patterns, and in both `deny` comes before the rest, wherever it stands. What no
 * line allows is denied. A wildcard in a client identifier or a user name would match what is not its owner's, so
 * patterns deny everything to such a client.
 */

import { checkTopicFilter } from "../codec/topic.ts";
import { encodeText } from "../codec/utf8.ts";
import { Violation } from "../codec/violation.ts";
import { ConfigurationError } from "../configuration/configuration-error.ts";
import type { Permissions } from "../entrance.ts";

const READ = 1;
const WRITE = 2;

/** Bits of READ and WRITE; 0 denies. */
const ACCESSES: ReadonlyMap<string, number> = new Map([
  ["read", READ],
  ["write", WRITE],
  ["readwrite", READ | WRITE],
  ["deny", 0],
]);

interface Rule {
  readonly access: number;
  readonly filter: string;
}

export interface AclFile {
  /** Of clients without a user name. */
  readonly anonymous: readonly Rule[];
  readonly users: ReadonlyMap<string, readonly Rule[]>;
  readonly patterns: readonly Rule[];
  readonly warnings: readonly string[];
}

/** Throws a ConfigurationError at the first line that cannot be read: a rule that is skipped could be a `deny`. */
export function parseAclFile(text: string, path: string): AclFile {
  const anonymous: Rule[] = [];
  const users = new Map<string, Rule[]>();
  const patterns: Rule[] = [];
  const warnings: string[] = [];
  let rules = anonymous;
  text.split(/\r?\n/).forEach((line, index) => {
    const place = { path, line: index + 1 };
    const [, word, rest] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line) as RegExpExecArray;
    if (line.startsWith("#") || word === "") return;
    if (word === "user") {
      if (rest === "") throw new ConfigurationError(place, "user needs a name behind it");
      rules = users.get(rest) ?? [];
      users.set(rest, rules);
    } else if (word === "topic") {
      insert(rules, parseRule(place, word, rest));
    } else if (word === "pattern") {
      const rule = parseRule(place, word, rest);
      if (!/%[cu]/.test(rule.filter)) warnings.push(`${path}:${index + 1}: the pattern has no %c and no %u`);
      insert(patterns, rule);
    } else {
      throw new ConfigurationError(place, `'${word}' is not known; expected user, topic or pattern`);
    }
  });
  return { anonymous, users, patterns, warnings };
}

function parseRule(place: { path: string; line: number }, word: string, rest: string): Rule {
  const [, first, filterText] = /^(\S*)\s*(.*)$/.exec(rest) as RegExpExecArray;
  if (first === "") throw new ConfigurationError(place, `${word} needs a topic filter behind it`);
  const access = filterText === "" ? READ | WRITE : ACCESSES.get(first);
  if (access === undefined) {
    const expected = "expected read, write, readwrite or deny";
    throw new ConfigurationError(place, `${word} has the access '${first}'; ${expected}`);
  }
  const filter = filterText === "" ? first : filterText;
  try {
    const bytes = encodeText(filter);
    checkTopicFilter(bytes, 2, bytes.length);
  } catch (error) {
    if (!(error instanceof Violation || error instanceof RangeError)) throw error;
    throw new ConfigurationError(place, `'${filter}' is no topic filter: ${error.message}`);
  }
  return { access, filter };
}

/** Those that deny come first. */
function insert(rules: Rule[], rule: Rule): void {
  if (rule.access === 0) rules.unshift(rule);
  else rules.push(rule);
}

/** Does a topic filter match a topic name (4.7)? */
export function isMatch(filter: string, topic: string): boolean {
  // [MQTT-4.7.2-1]
  if ((filter[0] === "$") !== (topic[0] === "$")) return false;
  const filterLevels = filter.split("/");
  const levels = topic.split("/");
  for (let depth = 0; depth < filterLevels.length; depth++) {
    const level = filterLevels[depth];
    if (level === "#") return true;
    if (depth >= levels.length || (level !== "+" && level !== levels[depth])) return false;
  }
  return filterLevels.length === levels.length;
}

/** Verdicts that are remembered for one client, at most. */
const MAX_REMEMBERED_COUNT = 1024;

/** What one client may do. The verdict about each topic is found once. */
export class AclPermissions implements Permissions {
  readonly #rules: readonly Rule[];
  readonly #patterns: readonly Rule[];
  readonly #known = new Map<string, number>();

  constructor(acl: AclFile, clientId: string, username: string | undefined) {
    this.#rules = username === undefined ? acl.anonymous : (acl.users.get(username) ?? []);
    const isDangerous = /[+#]/.test(clientId) || /[+#]/.test(username ?? "");
    const replace = (filter: string) => substitute(filter, clientId, username);
    // `%u` of a client without a user name matches nothing.
    const usable = acl.patterns.filter(({ filter }) => username !== undefined || !filter.includes("%u"));
    this.#patterns = isDangerous ? [] : usable.map(({ access, filter }) => ({ access, filter: replace(filter) }));
  }

  mayRead(topic: string): boolean {
    return (this.#accessTo(topic) & READ) !== 0;
  }

  mayWrite(topic: string): boolean {
    return (this.#accessTo(topic) & WRITE) !== 0;
  }

  #accessTo(topic: string): number {
    let access = this.#known.get(topic);
    if (access === undefined) {
      access = this.#judge(topic);
      if (this.#known.size >= MAX_REMEMBERED_COUNT) this.#known.clear();
      this.#known.set(topic, access);
    }
    return access;
  }

  #judge(topic: string): number {
    let access = 0;
    for (const rules of [this.#rules, this.#patterns]) {
      let denied = 0;
      for (const rule of rules) {
        if (!isMatch(rule.filter, topic)) continue;
        if (rule.access === 0) denied = READ | WRITE;
        else access |= rule.access & ~denied;
      }
      // What the user's own lines deny no pattern allows.
      if (denied !== 0) return access;
    }
    return access;
  }
}

function substitute(filter: string, clientId: string, username: string | undefined): string {
  return filter.replace(/%[cu]/g, code => (code === "%c" ? clientId : (username ?? "")));
}
