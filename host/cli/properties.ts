/**
 * -D: properties of MQTT 5.0 by mosquitto's names, `-D COMMAND NAME VALUE`, and `-D COMMAND user-property NAME VALUE`.
 *
 * commander knows no flag of three or four values; so those are made one before it reads them (`joinProperties`).
 */
import { Buffer } from "node:buffer";
import type { Command } from "commander";
import { IN, type Properties } from "../client/properties.ts";
import { UsageError } from "./exit-codes.ts";

/** AUTH is for a method, and a command line has none. */
type Packet = Exclude<keyof typeof IN, "auth">;
type Kind = "number" | "flag" | "text" | "binary" | "pair" | "ids";

const NAMES: Readonly<Record<string, readonly [name: keyof Properties, kind: Kind, most?: number]>> = {
  "payload-format-indicator": ["payloadFormat", "number", 1],
  "message-expiry-interval": ["messageExpirySeconds", "number", 0xffff_ffff],
  "reason-string": ["reasonString", "text"],
  "content-type": ["contentType", "text"],
  "response-topic": ["responseTopic", "text"],
  "correlation-data": ["correlationData", "binary"],
  "subscription-identifier": ["subscriptionIds", "ids", 0x0fff_ffff],
  "session-expiry-interval": ["sessionExpirySeconds", "number", 0xffff_ffff],
  "authentication-method": ["authenticationMethod", "text"],
  "authentication-data": ["authenticationData", "binary"],
  "request-problem-information": ["requestProblemInformation", "flag", 1],
  "will-delay-interval": ["willDelaySeconds", "number", 0xffff_ffff],
  "request-response-information": ["requestResponseInformation", "flag", 1],
  "receive-maximum": ["receiveMaximum", "number", 0xffff],
  "topic-alias-maximum": ["topicAliasMaximum", "number", 0xffff],
  "topic-alias": ["topicAlias", "number", 0xffff],
  "user-property": ["userProperties", "pair"],
  "maximum-packet-size": ["maximumPacketSize", "number", 0xffff_ffff],
};

/** What -D says, packet by packet. */
export type PropertyFlags = Partial<Record<Packet, Properties>>;

/** `args` with each -D and its values as one value; whether a -D is a flag, or the value of one, the command knows. */
export function joinProperties(args: readonly string[], command: Command): string[] {
  const takesValue = new Set(
    command.options.filter(option => option.required).flatMap(({ short, long }) => [short, long]),
  );
  const joined: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index];
    if (argument === "-D" || argument === "--property") {
      const size = args[index + 2]?.toLowerCase() === "user-property" ? 4 : 3;
      joined.push("--property", JSON.stringify(args.slice(index + 1, index + 1 + size)));
      index += size;
    } else {
      joined.push(argument);
      if (takesValue.has(argument) && index + 1 < args.length) joined.push(args[++index]);
    }
  }
  return joined;
}

/** mosquitto's clients send the number that they are told; this one gives an alias to each topic that comes again, by itself. */
export function warnOfAlias({ property, quiet }: { property?: PropertyFlags; quiet?: boolean }): void {
  const alias = property?.publish?.topicAlias;
  if (alias === undefined || quiet) return;
  console.error(`Warning: topic-alias ${alias} is not sent: the client gives an alias to a topic that comes again`);
}

/** Reads one -D, and adds it to those before. Throws UsageError, in mosquitto's words. */
export function parseProperty(json: string, all: PropertyFlags = {}): PropertyFlags {
  const [typedPacket = "", typedName = "", ...values] = JSON.parse(json) as string[];
  // mosquitto's clients take both in any case.
  const [packet, name] = [typedPacket.toLowerCase(), typedName.toLowerCase()];
  if (!Object.hasOwn(IN, packet) || packet === "auth")
    throw new UsageError(`Invalid command given in --property argument: ${typedPacket}`);
  if (!Object.hasOwn(NAMES, name))
    throw new UsageError(`Invalid property name given in --property argument: ${typedName}`);
  const [key, kind, most = 0] = NAMES[name];
  if (values.length < (kind === "pair" ? 2 : 1)) {
    throw new UsageError("--property argument given but not enough arguments specified");
  }
  const allowed: readonly string[] = packet === "publish" ? [...IN.publish, "topicAlias"] : IN[packet as Packet];
  if (!allowed.includes(key)) {
    throw new UsageError(`${name} property not allowed for ${packet} in --property argument`);
  }
  const properties = all[packet as Packet] ?? {};
  if (kind !== "pair" && properties[key] !== undefined) {
    throw new UsageError(`Error in ${packet.toUpperCase()} properties: ${name} stands twice`);
  }
  const [value] = values;
  const number = () => {
    if (/^[0-9]+$/.test(value) && Number(value) <= most) return Number(value);
    throw new UsageError(`Property value (${value}) out of range for property ${name}; it is 0 to ${most}`);
  };
  const read = {
    number,
    flag: () => number() === 1,
    ids: () => [number()],
    text: () => value,
    binary: () => Buffer.from(value),
    pair: () => [...(properties.userProperties ?? []), [values[0], values[1]]],
  };
  return { ...all, [packet]: { ...properties, [key]: read[kind]() } };
}
