/**
 * Arguments as they were typed. Node decodes them, and turns bytes that are no UTF-8 into U+FFFD without a word: another topic
 * would be published to than the one that was meant. Linux keeps the bytes; elsewhere the replacement alone tells.
 */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { UsageError } from "./exit-codes.ts";

const REPLACEMENT = "\ufffd";

const ADVICE = "a payload of any bytes comes from a file (-f) or from stdin (-s)";

/** Throws UsageError for an argument that is not UTF-8, naming the flag before it. `file`: where the system keeps the bytes. */
export function checkArguments(args: readonly string[], file = "/proc/self/cmdline"): void {
  if (!args.some(argument => argument.includes(REPLACEMENT))) return;
  const typed = bytesOf(file)?.slice(-args.length);
  for (const [index, argument] of args.entries()) {
    if (!argument.includes(REPLACEMENT) || typed?.[index]?.equals(Buffer.from(argument))) continue;
    const flag = args[index - 1] ?? "";
    const name = flag.startsWith("-") ? `The value of ${flag}` : `The argument "${argument}"`;
    if (typed !== undefined) throw new UsageError(`${name} is not UTF-8 [MQTT-1.5.3-1]; ${ADVICE}`);
    const text = `${name} has U+FFFD, which here stands for bytes that are not UTF-8`;
    throw new UsageError(`${text}; ${ADVICE}, and a topic with a real U+FFFD from -L, as %EF%BF%BD`);
  }
}

/** All arguments of this process, each as its bytes; undefined where the system does not keep them. */
function bytesOf(file: string): Buffer[] | undefined {
  let all: Buffer;
  try {
    all = readFileSync(file);
  } catch {
    return undefined;
  }
  const parts: Buffer[] = [];
  for (let start = 0; start < all.length; ) {
    const end = all.indexOf(0, start);
    parts.push(all.subarray(start, end < 0 ? undefined : end));
    start = end < 0 ? all.length : end + 1;
  }
  return parts;
}
