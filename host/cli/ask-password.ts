/**
 * Asks for a new password: twice and unseen on a terminal, and otherwise the first line of stdin, twice if there are two.
 */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** Rejects with an Error when the two differ, or when nothing comes. */
export async function askPassword(): Promise<string> {
  const isTerminal = process.stdin.isTTY === true;
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: isTerminal });
  const next = lines[Symbol.asyncIterator]();
  const ask = async (prompt: string): Promise<string | undefined> => {
    if (isTerminal) process.stderr.write(prompt);
    const { value, done } = await next.next();
    if (isTerminal) process.stderr.write("\n");
    return done ? undefined : value;
  };
  lines.on("SIGINT", () => process.exit(130));
  try {
    const first = await ask("Password: ");
    if (first === undefined) throw new Error("no password was given");
    const second = await ask("Reenter password: ");
    if (second !== first && (isTerminal || second !== undefined)) throw new Error("the passwords do not match");
    return first;
  } finally {
    lines.close();
  }
}
