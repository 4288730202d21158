/**
 * mosquitto.conf into settings: one `key value` a line, `#` at the start of a line for comments, `include_dir` for more.
 *
 * Where a key stands decides what it is for: listener keys belong to the `listener` above them, and before the first one to
 * the default listener; access keys too when `per_listener_settings` is true, and otherwise to all.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationError } from "./configuration-error.ts";
import { findKey, type Key, nearestKey } from "./keys.ts";
import { text as anyText, type ListenerPlace } from "./values.ts";

/** Values by key. The kinds of keys.ts have made them what they are. */
export class Section {
  readonly #values = new Map<string, unknown[]>();

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  set(name: string, value: unknown): void {
    this.#values.set(name, [value]);
  }

  add(name: string, value: unknown): void {
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else values.push(value);
  }

  /** The one value of a key, or undefined. `T` is what the key's row in keys.ts reads. */
  get<T>(name: string): T | undefined {
    return this.#values.get(name)?.[0] as T | undefined;
  }

  /** All values of a key that repeats. */
  all<T>(name: string): readonly T[] {
    return (this.#values.get(name) ?? []) as T[];
  }
}

export interface ListenerSection {
  /** For messages. Null for the default listener. */
  readonly place: { path: string; line: number } | null;
  /** Null for the default listener, whose keys are `port` and `bind_address`. */
  readonly at: ListenerPlace | null;
  readonly listener: Section;
  readonly security: Section;
}

export interface Settings {
  readonly general: Section;
  /** Of every listener, unless `isPerListener`. */
  readonly security: Section;
  readonly isPerListener: boolean;
  /** What stands before the first `listener`. */
  readonly defaultListener: ListenerSection;
  readonly listeners: readonly ListenerSection[];
  readonly warnings: readonly string[];
}

/** Reads a file and what it includes. Throws a ConfigurationError that names the file, the line and the key. */
export function readConfiguration(path: string): Settings {
  const parser = new Parser();
  parser.readFile(path, null);
  return parser.settings;
}

/** The same from a text, for tests and tools. */
export function parseConfiguration(text: string, path = "mosquitto.conf"): Settings {
  const parser = new Parser();
  parser.readText(text, path);
  return parser.settings;
}

class Parser {
  readonly #general = new Section();
  readonly #security = new Section();
  readonly #listeners: ListenerSection[] = [];
  readonly #warnings: string[] = [];
  readonly #defaultListener: ListenerSection = {
    place: null,
    at: null,
    listener: new Section(),
    security: new Section(),
  };
  #current = this.#defaultListener;
  #isPerListener = false;

  get settings(): Settings {
    return {
      general: this.#general,
      security: this.#security,
      isPerListener: this.#isPerListener,
      defaultListener: this.#defaultListener,
      listeners: this.#listeners,
      warnings: this.#warnings,
    };
  }

  readFile(path: string, from: { path: string; line: number } | null): void {
    let content: string;
    try {
      content = readFileSync(path, "utf8");
    } catch (error) {
      throw new ConfigurationError(from, `the configuration ${path} cannot be read: ${reasonOf(error)}`);
    }
    this.readText(content, path);
  }

  readText(content: string, path: string): void {
    content.split(/\r?\n/).forEach((line, index) => {
      if (line.startsWith("#") || line.trim() === "") return;
      const [, name, value] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) as RegExpExecArray;
      this.#take({ path, line: index + 1 }, name, value);
    });
  }

  #take(place: { path: string; line: number }, name: string, text: string): void {
    const key = findKey(name);
    if (key === undefined) {
      const nearest = nearestKey(name);
      const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
      throw new ConfigurationError(place, `'${name}' is not a key of mosquitto.conf${hint}`);
    }
    if (key.standing === "refused") throw new ConfigurationError(place, `${name} is not offered here: ${key.note}`);
    const value = key.kind.read(text) ?? key.kind.read(withoutComment(text));
    if (value === undefined) {
      const given = text === "" ? "nothing" : `'${text}'`;
      throw new ConfigurationError(place, `${name} is ${given}; expected ${key.kind.expected}`);
    }
    if (key.standing === "ignored") {
      this.#warnings.push(`${place.path}:${place.line}: ${name} is ignored: ${key.note}`);
      return;
    }
    this.#store(place, key, value, text);
  }

  #store(place: { path: string; line: number }, key: Key, value: unknown, text: string): void {
    if (key.name === "include_dir") {
      this.#include(place, text);
      return;
    }
    if (key.name === "listener") {
      this.#current = { place, at: value as ListenerPlace, listener: new Section(), security: new Section() };
      this.#listeners.push(this.#current);
      return;
    }
    const section = this.#sectionOf(key);
    const isAgain = section.has(key.name) && !key.repeats;
    // As mosquitto: the last number or word counts, for a file of conf.d may correct the one that includes it.
    if (isAgain && key.kind === anyText) {
      throw new ConfigurationError(place, `${key.name} stands here for the second time`);
    }
    if (isAgain) this.#warnings.push(`${place.path}:${place.line}: ${key.name} stands here again: this line counts`);
    if (key.name === "per_listener_settings") {
      if (!this.#security.isEmpty) {
        throw new ConfigurationError(place, "per_listener_settings must stand before every key of access");
      }
      this.#isPerListener = value as boolean;
    }
    if (key.name === "mount_point" && (this.#current.at === null || /[+#]/.test(text))) {
      const fault = this.#current.at === null ? "needs a listener above it" : `'${text}' has a wildcard`;
      throw new ConfigurationError(place, `mount_point ${fault}`);
    }
    if (isAgain) section.set(key.name, value);
    else section.add(key.name, value);
  }

  #sectionOf({ name, scope }: Key): Section {
    // Wherever they stand.
    if (name === "port" || name === "bind_address") return this.#defaultListener.listener;
    if (scope === "general") return this.#general;
    if (scope === "listener") return this.#current.listener;
    return this.#isPerListener ? this.#current.security : this.#security;
  }

  /** Every `*.conf` of a folder, in the order of their names (capitals first, as the bytes are). */
  #include(place: { path: string; line: number }, folder: string): void {
    let names: string[];
    try {
      names = readdirSync(folder).filter(name => name.endsWith(".conf"));
    } catch (error) {
      throw new ConfigurationError(place, `include_dir ${folder} cannot be read: ${reasonOf(error)}`);
    }
    for (const name of names.sort()) this.readFile(join(folder, name), place);
  }
}

/** `true # but why`: behind a number or a word mosquitto reads no further. A text lasts to the end of its line. */
function withoutComment(text: string): string {
  return text.replace(/\s+#.*$/, "");
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ""] ?? message;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "it is no folder",
};
