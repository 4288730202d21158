/**
 * Giving up root, once what needs it is open: the `user` of mosquitto.conf, with the groups that are that user's.
 */
import { execFileSync } from "node:child_process";

/** Does nothing for "root", and where nobody is root. Throws when there is no such user. */
export function becomeUser(name: string): void {
  if (process.getuid?.() !== 0 || name === "root") return;
  const groups = groupsOf(name);
  process.setgroups?.(groups);
  process.setgid?.(groups[0]);
  process.setuid?.(name);
}

/**
 * Numbers, the user's own group first, which need not have the user's name: nobody's is nogroup. Node has no way to ask, and
 * the user need not be of a file.
 */
function groupsOf(name: string): number[] {
  try {
    const text = execFileSync("id", ["-G", "--", name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return text.trim().split(" ").map(Number);
  } catch {
    throw new Error(`there is no user '${name}'`);
  }
}
