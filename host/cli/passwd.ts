/**
 * `perigee passwd`: the files of `password_file`, with the flags of mosquitto_passwd.
 *
 * A file is written beside itself and then renamed, so that a broker never reads half of one, and keeps its permissions.
 * Lines that are not understood stay as they are.
 */
import { chmodSync, chownSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_ITERATIONS, hashPassword, MAX_ITERATIONS, parsePasswordLine } from "../broker/index.ts";
import { askPassword } from "./ask-password.ts";
import { fileReason } from "./read-file.ts";

interface Flags {
  batch?: boolean;
  create?: boolean;
  delete?: boolean;
  upgrade?: boolean;
  hash: "sha512" | "sha512-pbkdf2";
  iterations?: number;
}

const EXAMPLES = `
Examples:
  perigee passwd -c passwords ann           a new file with one user; asks for the password
  perigee passwd passwords bob              adds bob, or changes his password
  perigee passwd -b passwords eve sesame    the same without asking (the password is seen in the list of processes)
  perigee passwd -D passwords eve           takes eve out
  perigee passwd -U passwords               hashes passwords that stand in the file as plain text

Files are mosquitto's, both ways. A running broker reads them again on SIGHUP.
Exit status: 0 done, 1 anything else.`;

/** The sub-command, for the program to add. */
export function passwdCommand(): Command {
  return new Command("passwd")
    .description("keep a password file for the broker, as mosquitto_passwd does")
    .helpOption("-h, --help", "show this help")
    .argument("<file>", "the password file")
    .argument("[user]", "the user's name")
    .argument("[password]", "with -b only")
    .option("-b, --batch", "take the password from the command line")
    .option("-c, --create", "make a new file; one that is there is replaced")
    .option("-D, --delete", "delete the user")
    .option("-U, --upgrade", "hash the passwords that are plain text")
    .addOption(
      new Option("-H, --hash <form>", "sha512-pbkdf2 ($7$) or sha512 ($6$, weak)")
        .choices(["sha512", "sha512-pbkdf2"])
        .default("sha512-pbkdf2"),
    )
    .option("-I, --iterations <count>", `rounds of PBKDF2 (default: ${DEFAULT_ITERATIONS})`, parseIterations)
    .addHelpText("after", EXAMPLES)
    .action(run);
}

function parseIterations(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > MAX_ITERATIONS) {
    throw new InvalidArgumentError(`Iterations are a number from 1 to ${MAX_ITERATIONS}.`);
  }
  return count;
}

/** What cannot be done, in one line. */
class PasswordError extends Error {}

async function run(path: string, user: string | undefined, password: string | undefined, flags: Flags): Promise<void> {
  try {
    checkFlags(user, password, flags);
    const iterations = flags.hash === "sha512" ? 0 : (flags.iterations ?? DEFAULT_ITERATIONS);
    if (flags.upgrade) {
      writeLines(path, upgrade(readLines(path), iterations));
    } else if (flags.delete) {
      deleteUser(path, user as string);
    } else {
      const secret = password ?? (await askPassword());
      if (secret === "") throw new PasswordError("the password is empty");
      const lines = flags.create ? [] : readLines(path);
      writeLines(path, setLine(lines, user as string, `${user}:${hashPassword(secret, iterations)}`));
    }
  } catch (error) {
    process.stderr.write(`Error: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

function checkFlags(user: string | undefined, password: string | undefined, flags: Flags): void {
  const { batch, create, upgrade: isUpgrade, delete: isDelete } = flags;
  if ([create, isUpgrade, isDelete].filter(Boolean).length > 1)
    throw new PasswordError("-c, -D and -U exclude each other");
  if (batch && (isUpgrade || isDelete)) throw new PasswordError("-b goes with neither -D nor -U");
  if (isUpgrade && user !== undefined) throw new PasswordError("-U takes the file only");
  if (!isUpgrade && user === undefined) throw new PasswordError("the user's name is missing");
  if (batch && password === undefined) throw new PasswordError("-b needs the password behind the user's name");
  if (!batch && password !== undefined) throw new PasswordError("a password on the command line needs -b");
  if (user !== undefined && (user === "" || user.includes(":") || Buffer.byteLength(user) > 65535)) {
    throw new PasswordError("a user's name is not empty, has no ':' and at most 65535 bytes");
  }
  if (user !== undefined && (user.startsWith("#") || user.trim() !== user || /[\r\n]/.test(user))) {
    throw new PasswordError("a user's name does not begin with '#', has no spaces around it and no line break");
  }
  if (password !== undefined && Buffer.byteLength(password) > 65535) {
    throw new PasswordError("a password has at most 65535 bytes");
  }
}

function readLines(path: string): string[] {
  try {
    const lines = readFileSync(path, "utf8").split("\n");
    if (lines.at(-1) === "") lines.pop();
    return lines;
  } catch (error) {
    throw new PasswordError(`${path} cannot be read: ${fileReason(error)}`);
  }
}

function setLine(lines: string[], user: string, line: string): string[] {
  const index = lines.findIndex(one => parsePasswordLine(one)?.name === user);
  return index < 0 ? [...lines, line] : lines.with(index, line);
}

function deleteUser(path: string, user: string): void {
  const lines = readLines(path);
  const rest = lines.filter(line => parsePasswordLine(line)?.name !== user);
  if (rest.length === lines.length) throw new PasswordError(`there is no user '${user}' in ${path}`);
  writeLines(path, rest);
}

function upgrade(lines: string[], iterations: number): string[] {
  return lines.map((line, index) => {
    const entry = parsePasswordLine(line);
    // A hash stays, whatever its form; comments and blank lines too.
    if (entry === null || /^\$\d+\$/.test(entry.secret)) return line;
    if (entry.secret === "") throw new PasswordError(`line ${index + 1}: user '${entry.name}' has an empty password`);
    return `${entry.name}:${hashPassword(entry.secret, iterations)}`;
  });
}

/** All of it or nothing; a new file is its owner's alone. */
function writeLines(path: string, lines: string[]): void {
  const besidePath = `${path}.${process.pid}.new`;
  try {
    const old = statSync(path, { throwIfNoEntry: false });
    writeFileSync(besidePath, lines.map(line => `${line}\n`).join(""), { mode: 0o600 });
    if (old !== undefined) {
      chmodSync(besidePath, old.mode & 0o777);
      if (process.getuid?.() === 0) chownSync(besidePath, old.uid, old.gid);
    }
    renameSync(besidePath, path);
  } catch (error) {
    rmSync(besidePath, { force: true });
    throw new PasswordError(`${path} cannot be written: ${fileReason(error)}`);
  }
}
