/**
 * A password file, one `name:hash` a line, as mosquitto_passwd writes it.
 *
 * As in mosquitto, comments, blank lines and lines that cannot be read are skipped and never stop the broker: a user
 * whose line is broken cannot log in. What was skipped is told, a password in plain text with the command that hashes it.
 */
import { type PasswordHash, parsePasswordHash } from "./password-hash.ts";

export interface PasswordFile {
  readonly users: ReadonlyMap<string, PasswordHash>;
  /** Whom nobody can log in as, and why: one line each. */
  readonly faults: readonly string[];
}

/** One line that names a user, whatever is behind the colon. */
export interface PasswordLine {
  readonly name: string;
  readonly secret: string;
}

/** Null for comments, blank lines, and lines without a name or a colon. Names may hold no colon. */
export function parsePasswordLine(line: string): PasswordLine | null {
  if (line.startsWith("#")) return null;
  const colonIndex = line.indexOf(":");
  const name = line.slice(0, colonIndex).trim();
  if (colonIndex < 1 || name === "") return null;
  return { name, secret: line.slice(colonIndex + 1).trim() };
}

/** `path` is for the faults only. */
export function parsePasswordFile(text: string, path: string): PasswordFile {
  const users = new Map<string, PasswordHash>();
  const faults: string[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return;
    const place = `${path}:${index + 1}`;
    const entry = parsePasswordLine(line);
    // Neither secrets nor what may be one are repeated.
    if (entry === null) {
      faults.push(`${place}: skipped, expected NAME:HASH`);
      return;
    }
    const hash = parsePasswordHash(entry.secret);
    if (!("fault" in hash)) {
      users.set(entry.name, hash);
      return;
    }
    const cure = hash.fault.endsWith("plain text") ? `; hash it with: perigee passwd -U ${path}` : "";
    faults.push(`${place}: user '${entry.name}' cannot log in: ${hash.fault}${cure}`);
  });
  return { users, faults };
}
