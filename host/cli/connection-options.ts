/**
 * The flags that pub and sub have in common, by mosquitto's names, and what the client makes of them.
 */
import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import type { ClientOptions, Qos } from "../client/index.ts";
import { drawClientId } from "../client/options.ts";
import { parseAddress } from "../client/url.ts";
import { InputError, UsageError } from "./exit-codes.ts";
import { packetLines } from "./packet-lines.ts";

export interface ConnectionFlags {
  host: string;
  port?: number;
  url?: string;
  id?: string;
  idPrefix?: string;
  disableCleanSession?: boolean;
  keepalive: number;
  username?: string;
  pw?: string;
  qos: Qos;
  maxInflight: number;
  willTopic?: string;
  willPayload?: string;
  willQos?: Qos;
  willRetain?: boolean;
  cafile?: string;
  cert?: string;
  key?: string;
  insecure?: boolean;
  debug?: boolean;
  quiet?: boolean;
}

/** So often in a row a server may break a rule before it is given up. */
const VIOLATIONS_MAX = 3;

/** Reconnects of a command that somebody waits for are at most this far apart, ms. */
const BACKOFF_MAX_MS = 30_000;

/** Adds the flags to a command. */
export function addConnectionOptions(command: Command): Command {
  return command
    .helpOption("--help", "show this help")
    .allowExcessArguments()
    .hook("preAction", () => {
      if (command.args.length > 0) throw new UsageError(`Unknown argument '${command.args[0]}'`);
    })
    .optionsGroup("Server:")
    .option("-h, --host <host>", "host to connect to", "localhost")
    .option("-p, --port <port>", "port (default: 1883, with TLS 8883)", integerOf("port", 1, 65_535))
    .option("-L, --url <url>", "all in one: mqtt(s)://[user[:password]@]host[:port]/topic")
    .option("-u, --username <name>", "user name")
    .option("-P, --pw <password>", "password; needs -u")
    .option("--cafile <file>", "authorities that the server's certificate must lead to, PEM: turns TLS on")
    .option("--cert <file>", "certificate of this client, PEM; needs --key")
    .option("--key <file>", "private key of --cert, PEM")
    .option("--insecure", "with TLS: do not compare the certificate's host name with the host")
    .optionsGroup("Session:")
    .option("-i, --id <id>", "client id (default: perigee and 12 drawn letters and digits)")
    .option("-I, --id-prefix <prefix>", "client id: this and the process id")
    .option("-c, --disable-clean-session", "let the server keep the session between connections; needs -i")
    .option("-k, --keepalive <seconds>", "at most so long without a packet; 0 for ever", parseKeepalive, 60)
    .option("-q, --qos <0|1|2>", "quality of service", parseQos, 0)
    .option(
      "-M, --max-inflight <count>",
      "messages that may be unacknowledged",
      integerOf("max inflight", 1, 65_535),
      20,
    )
    .addOption(new Option("-V, --protocol-version <version>", "mqttv311, the only one yet").argParser(parseVersion))
    .optionsGroup("Will, sent by the server if this client is cut off:")
    .option("--will-topic <topic>", "its topic")
    .option("--will-payload <payload>", "its payload")
    .option("--will-qos <0|1|2>", "its quality of service", parseQos)
    .option("--will-retain", "the server keeps it")
    .optionsGroup("Output:")
    .option("-d, --debug", "a line for every packet")
    .option("--quiet", "no errors on stderr; the exit status still tells");
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

function parseVersion(text: string): string {
  if (["mqttv311", "311", "4"].includes(text)) return text;
  throw new UsageError(`Invalid protocol version given: ${text}; this client speaks mqttv311 only`);
}

export interface Target {
  readonly url: string;
  readonly options: ClientOptions;
  /** The topic of -L, if it was given. */
  readonly topic?: string;
}

/** Throws UsageError, InputError or PerigeeError, naming the flag. */
export function targetOf(flags: ConnectionFlags): Target {
  const isSecure = flags.cafile !== undefined || flags.cert !== undefined;
  let { username, pw } = flags;
  let { host, port } = flags;
  let scheme = isSecure ? "mqtts" : "mqtt";
  let topic: string | undefined;
  if (flags.url !== undefined) {
    const address = parseAddress(flags.url);
    host = address.host;
    port ??= address.port;
    username ??= address.username;
    pw ??= address.password;
    if (address.isSecure) scheme = "mqtts";
    topic = decodeURIComponent(new URL(flags.url).pathname.slice(1));
  }
  if (host === "" || /[\s/?#@]/.test(host)) throw new UsageError(`Invalid host given: '${host}'`);
  const options: ClientOptions = {
    clientId: flags.idPrefix === undefined ? (flags.id ?? drawClientId()) : `${flags.idPrefix}${process.pid}`,
    clean: !flags.disableCleanSession,
    keepAliveSeconds: flags.keepalive,
    username,
    password: pw,
    window: flags.maxInflight,
    backoffMaxMs: BACKOFF_MAX_MS,
    violationsMax: VIOLATIONS_MAX,
    will: willOf(flags),
    tls: tlsOf(flags),
  };
  if (flags.idPrefix !== undefined && flags.id !== undefined) {
    throw new UsageError("-i and -I argument cannot be used together");
  }
  if (flags.disableCleanSession && !flags.id && flags.idPrefix === undefined) {
    throw new UsageError("You must provide a client id (-i) if you are using the -c option");
  }
  if (pw !== undefined && username === undefined) {
    throw new UsageError("A password (-P) needs a user name (-u) [MQTT-3.1.2-22]");
  }
  if (flags.debug) {
    const linesOf = packetLines(options.clientId || "(null)");
    options.onPacket = (direction, head, size) => {
      for (const line of linesOf(direction, head, size)) process.stdout.write(`${line}\n`);
    };
  }
  const authority = host.includes(":") ? `[${host}]` : host;
  return { url: `${scheme}://${authority}${port === undefined ? "" : `:${port}`}`, options, topic: topic || undefined };
}

function willOf(flags: ConnectionFlags): ClientOptions["will"] {
  const { willTopic: topic, willPayload: payload, willQos: qos, willRetain: retain } = flags;
  if (topic !== undefined) return { topic, payload, qos, retain };
  const given = payload !== undefined ? "payload" : qos !== undefined ? "qos" : retain ? "retain" : undefined;
  if (given !== undefined) throw new UsageError(`--will-${given} given, but no --will-topic`);
  return undefined;
}

function tlsOf(flags: ConnectionFlags): ClientOptions["tls"] {
  const { cafile, cert, key, insecure } = flags;
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError("Both --cert and --key must be provided if one of them is set");
  }
  return {
    ca: readPem("--cafile", cafile, "CERTIFICATE"),
    cert: readPem("--cert", cert, "CERTIFICATE"),
    key: readPem("--key", key, "PRIVATE KEY"),
    checkServerIdentity: !insecure,
  };
}

/** A file that is not what it should be would only show as a refused handshake. */
function readPem(flag: string, path: string | undefined, kind: string): Buffer | undefined {
  if (path === undefined) return undefined;
  const bytes = readInput(flag, path);
  if (!new RegExp(`-----BEGIN [A-Z ]*${kind}-----`).test(bytes.toString("latin1"))) {
    throw new InputError(`No ${kind.toLowerCase()} in ${flag} "${path}": a PEM file is wanted`);
  }
  return bytes;
}

const READ_FAULTS: Record<string, string> = {
  ENOENT: "No such file or directory",
  EACCES: "Permission denied",
  EISDIR: "Is a directory",
  ERR_FS_FILE_TOO_LARGE: "Larger than 2 GiB",
};

/** The bytes of a file. Throws InputError, naming the flag and the file. */
export function readInput(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new InputError(`Unable to read ${flag} "${path}": ${READ_FAULTS[code] ?? message}`);
  }
}
