/**
 * The flags that pub, sub and rr have in common, by mosquitto's names: one table, so that nothing is said twice.
 */
import { type Command, Option } from "commander";
import type { Qos } from "../client/index.ts";
import type { Address } from "../client/url.ts";
import { UsageError } from "./exit-codes.ts";
import { type PropertyFlags, parseProperty } from "./properties.ts";
import { takeUrl } from "./url-flag.ts";

declare const PERIGEE_VERSION: string;

export interface ConnectionFlags {
  host: string;
  port?: number;
  url?: Pick<Address, "isSecure" | "isWebSocket">;
  unix?: string;
  A?: string;
  S?: boolean;
  proxy?: string;
  nodelay?: boolean;
  id?: string;
  idPrefix?: string;
  disableCleanSession?: boolean;
  keepalive: number;
  x?: number;
  username?: string;
  pw?: string;
  qos: Qos;
  maxInflight: number;
  protocolVersion?: 3 | 4 | 5;
  property?: PropertyFlags;
  willTopic?: string;
  willPayload?: string;
  willQos?: Qos;
  willRetain?: boolean;
  cafile?: string;
  capath?: string;
  cert?: string;
  key?: string;
  keyform?: string;
  ciphers?: string;
  insecure?: boolean;
  tlsAlpn?: string;
  tlsVersion?: "tlsv1.1" | "tlsv1.2" | "tlsv1.3";
  tlsUseOsCerts?: boolean;
  psk?: string;
  pskIdentity?: string;
  debug?: boolean;
  quiet?: boolean;
}

/** Flags of mosquitto's commands that Node cannot obey. */
const IMPOSSIBLE: readonly [flags: string, why: string][] = [
  ["--tls-engine <engine>", "Node loads no OpenSSL engines"],
  ["--tls-engine-kpass-sha1 <hash>", "Node loads no OpenSSL engines"],
];

const TLS_VERSIONS = ["tlsv1.3", "tlsv1.2", "tlsv1.1"];

/** Never: a session that does not expire, section 3.1.2.11.2. */
const NEVER = 0xffff_ffff;

/** Adds the flags to a command. */
export function addConnectionOptions(command: Command, version = "mqttv311"): Command {
  command
    .helpOption("--help", "show this help")
    .allowExcessArguments()
    .hook("preAction", () => {
      if (command.args.length > 0) throw new UsageError(`Unknown argument '${command.args[0]}'`);
    })
    .optionsGroup("Server:")
    .option("-h, --host <host>", "host to connect to", "localhost")
    .option("-p, --port <port>", "port (default: 1883, with TLS 8883)", integerOf("port", 1, 65_535))
    .option("-L, --url <url>", "all in one: mqtt(s) or ws(s)://[user[:password]@]host[:port]/topic", text =>
      takeUrl(text, command),
    )
    .option("--unix <path>", "connect to this Unix socket instead of a host and a port")
    .option("-u, --username <name>", "user name")
    .option("-P, --pw <password>", "password; needs -u in MQTT 3.1.1")
    .option("-A <address>", "address of this machine to connect from")
    .option("-S", "ask the DNS for the server of this host: _mqtt._tcp, with TLS _secure-mqtt._tcp")
    .option("--proxy <url>", "go through a SOCKS5 proxy: socks5h://[user[:password]@]host[:port]")
    .option("--nodelay", "send small packets at once, as is always done here")
    .optionsGroup("TLS:")
    .option("--cafile <file>", "authorities that the server's certificate must lead to, PEM: turns TLS on")
    .option("--capath <folder>", "the same, every file of a folder")
    .option("--tls-use-os-certs", "the same, of this system; so it is for mqtts:// and port 8883 alone")
    .option("--cert <file>", "certificate of this client, PEM; needs --key")
    .option("--key <file>", "private key of --cert, PEM")
    .option("--keyform <form>", "form of --key: pem")
    .option("--insecure", "do not compare the certificate's host name with the host")
    .option("--tls-version <version>", `the only version to speak: ${TLS_VERSIONS.join(", ")}`, parseTlsVersion)
    .option("--tls-alpn <protocol>", "protocol to ask for, where one port serves several")
    .option("--ciphers <list>", "ciphers, in OpenSSL's words")
    .option("--psk <hex>", "a key shared with the server, instead of certificates; needs --psk-identity")
    .option("--psk-identity <name>", "name of the shared key")
    .optionsGroup("Session:")
    .option("-i, --id <id>", "client id (default: perigee and 12 drawn letters and digits)")
    .option("-I, --id-prefix <prefix>", "client id: this and the process id")
    .option("-c, --disable-clean-session", "let the server keep the session between connections; needs -i")
    .option("-x <seconds>", "MQTT 5.0: how long it keeps it; -1 for ever, as with -c", parseExpiry)
    .option("-k, --keepalive <seconds>", "at most so long without a packet; 0 for ever", parseKeepalive, 60)
    .option("-q, --qos <0|1|2>", "quality of service", parseQos, 0)
    .option(
      "-M, --max-inflight <count>",
      "messages that may be unacknowledged",
      integerOf("max inflight", 1, 65_535),
      20,
    )
    .addOption(
      new Option("-V, --protocol-version <version>", `mqttv31, mqttv311 or mqttv5 (default: ${version})`).argParser(
        parseVersion,
      ),
    )
    .option("-D, --property <what>", "MQTT 5.0: a property: -D publish content-type text/plain", parseProperty)
    .optionsGroup("Will, sent by the server if this client is cut off:")
    .option("--will-topic <topic>", "its topic")
    .option("--will-payload <payload>", "its payload")
    .option("--will-qos <0|1|2>", "its quality of service", parseQos)
    .option("--will-retain", "the server keeps it")
    .optionsGroup("Output:")
    .option("-d, --debug", "a line for every packet")
    .option("--quiet", "no errors on stderr; the exit status still tells")
    .version(`perigee ${command.name()} version ${PERIGEE_VERSION}`, "--version", "show the version");
  for (const [flags, why] of IMPOSSIBLE) {
    const refuse = () => {
      throw new UsageError(`${flags.split(" ")[0]} cannot be obeyed: ${why}`);
    };
    command.addOption(new Option(flags).argParser(refuse).hideHelp());
  }
  return command;
}

/** An integer in a range, as commander wants it; the error names the flag's `what` and the offender. */
export function integerOf(what: string, least: number, most: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new UsageError(`Invalid ${what} given: ${text}; it is an integer from ${least} to ${most}`);
  };
}

function parseKeepalive(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : -1;
  if (value === 0 || (value >= 5 && value <= 65_535)) return value;
  throw new UsageError(`Invalid keepalive given: ${text}; it is 0, or 5 to 65535`);
}

function parseQos(text: string): Qos {
  if (text !== "0" && text !== "1" && text !== "2") throw new UsageError(`Invalid QoS given: ${text}; it is 0, 1 or 2`);
  return Number(text) as Qos;
}

function parseExpiry(text: string): number {
  if (text === "-1" || text === "∞") return NEVER;
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= NEVER) return value;
  throw new UsageError(`session-expiry-interval out of range: ${text}; it is 0 to 4294967294, or -1 for ever`);
}

function parseTlsVersion(text: string): string {
  if (TLS_VERSIONS.includes(text)) return text;
  throw new UsageError(`Invalid TLS version given: ${text}; there are ${TLS_VERSIONS.join(", ")}`);
}

function parseVersion(text: string): 3 | 4 | 5 {
  if (["mqttv31", "31", "3"].includes(text)) return 3;
  if (["mqttv311", "311", "4"].includes(text)) return 4;
  if (["mqttv5", "5"].includes(text)) return 5;
  throw new UsageError(`Invalid protocol version given: ${text}; this client speaks mqttv31, mqttv311 and mqttv5`);
}
