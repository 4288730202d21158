/**
 * -L: an address and a topic in one, in place of the flags that say the same. As mosquitto has it, what stands last counts: -L
 * puts its parts where -h, -p, -u, -P and -t put theirs, its port even where it is the scheme's own.
 */
import type { Command } from "commander";
import { type Address, parseAddress } from "../client/url.ts";
import { UsageError } from "./exit-codes.ts";

/** Sets the options of `command` that the URL speaks of; answers what no other flag says. Throws UsageError. */
export function takeUrl(text: string, command: Command): Pick<Address, "isSecure" | "isWebSocket"> {
  const { host, port, username, password, isSecure, isWebSocket, path } = addressOf(text);
  if (path === undefined) throw new UsageError("Invalid URL for -L argument specified - topic missing");
  const set = (name: string, value: unknown) => value !== undefined && command.setOptionValue(name, value);
  set("host", host);
  set("port", port);
  set("username", username);
  set("pw", password);
  const topicFlag = command.options.find(option => option.attributeName() === "topic");
  const topic = topicOf(path, text);
  // sub has several, and adds one.
  set("topic", topicFlag?.parseArg ? topicFlag.parseArg(topic, command.getOptionValue("topic") as never) : topic);
  return { isSecure, isWebSocket };
}

function addressOf(text: string): Address {
  try {
    return parseAddress(text);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function topicOf(path: string, text: string): string {
  try {
    return decodeURIComponent(path.slice(1));
  } catch {
    throw new UsageError(`Invalid URL for -L argument specified - its topic is no percent-encoded UTF-8: ${text}`);
  }
}
