/**
 * `perigee broker`: the reference broker on a port, with the habits of mosquitto.
 */
import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import {
  type Broker,
  ConfigurationError,
  ConfiguredServer,
  type Entrance,
  type HttpPort,
  ListenError,
  type ListenOptions,
  LOG_FORMATS,
  Log,
  type LogFormat,
  listen,
  readConfiguration,
  type ServerOptions,
  StoreError,
  traceLine,
} from "../broker/index.ts";
import { becomeUser } from "./become-user.ts";
import { openHttp } from "./broker-http.ts";
import { LinkedPortError, openLinkedPort } from "./broker-link.ts";
import { answerUserSignals } from "./broker-signals.ts";
import { isDaemon, startDaemon, tellOutcome } from "./daemon.ts";
import { removePidFile } from "./pid-file.ts";
import { fileReason, readBytes, SETTINGS_SIZE_MAX } from "./read-file.ts";

interface Flags {
  config?: string;
  daemon?: boolean;
  port?: number;
  host?: string;
  verbose?: boolean;
  trace?: boolean;
  http?: number;
  link?: string;
  logFormat?: LogFormat;
  cafile?: string;
  cert?: string;
  key?: string;
  user?: Map<string, string>;
}

/** Exit codes: what went wrong decides, so that a script can tell them apart. Commander itself uses 1. */
const EXIT_USAGE = 1;
const EXIT_FILE = 2;
const EXIT_ADDRESS = 3;
const EXIT_STORE = 4;

const EXAMPLES = `
Without -b only this machine can connect. With --user every client must give one of these names and its password.
A certificate and its key turn the port into TLS (default 8883); with --cafile each client must show a certificate.

With -c the broker is what a mosquitto.conf says: listeners, TLS, WebSocket, passwords, access lists. SIGHUP reads access,
certificates and the log again; keys that are not honoured are named, and 'perigee passwd' keeps the password file.

Examples:
  perigee broker                                  port 1883, this machine only, anybody may connect
  perigee broker -b 0.0.0.0 --user sensor:secret  for the whole network, with a password
  perigee broker -v                               and a line for every packet
  perigee broker --trace                          every packet decoded, with the session's state after it
  perigee broker --link starlink                  every client behind a satellite
  perigee broker --http 8080                      and a web client on http://127.0.0.1:8080/
  perigee broker -p 8883 --cert server.pem --key server.key
  perigee broker -c /etc/mosquitto/mosquitto.conf
Try it:
  mosquitto_sub -t 'sensors/#' -v        mosquitto_pub -t sensors/1 -m 21.5

Exit status: 0 ended by SIGINT or SIGTERM, ${EXIT_USAGE} bad command line, ${EXIT_FILE} a file cannot be read or used,
${EXIT_ADDRESS} the address cannot be listened on, ${EXIT_STORE} the store of persistence is damaged, in use, or of another version.`;

/** The sub-command, for the program to add. */
export function brokerCommand(): Command {
  return new Command("broker")
    .description("run the reference broker: MQTT 3.1.1 and 5.0, strict, and it says which rule a client broke")
    .helpOption("-h, --help", "show this help")
    .option("-p, --port <port>", "port to listen on; 0 takes a free one (default: 1883, with TLS 8883)", parsePort)
    .option("-c, --config <file>", "configuration, as mosquitto's; -p then is for a file without listeners")
    .option("-d, --daemon", "go into the background once it serves; it logs only where log_dest says")
    .option("-b, --host <address>", "address to bind; 0.0.0.0 or :: for all (default: this machine only)", parseHost)
    .option("-v, --verbose", "log every packet")
    .addOption(
      new Option(
        "--log-format <format>",
        "how the log looks (default: pretty on a terminal, mosquitto elsewhere)",
      ).choices(LOG_FORMATS),
    )
    .option("--trace", "print every packet both ways, decoded, with the session's state after it")
    .option("--http <port>", "serve the web client, /metrics and /healthz on this port; 0 takes a free one", parsePort)
    .option("--link <name>", "put this link before the port, in real time: a name, or a file ending in .json")
    .option("--cert <file>", "certificate of the server, PEM: turns TLS on")
    .option("--key <file>", "private key of the certificate, PEM")
    .option("--cafile <file>", "authorities of client certificates, PEM: every client must show one")
    .option("--user <name:password>", "let this user in, and nobody without a name; repeats", parseUser)
    .addHelpText("after", EXAMPLES)
    .action(run);
}

/** Node takes an empty address for all of them: a script's unset variable would open the broker to the network. */
function parseHost(text: string): string {
  if (text.trim() === "")
    throw new InvalidArgumentError("An address is a name or a number, not nothing; 0.0.0.0 or :: for all.");
  return text;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}

function parseUser(text: string, users: Map<string, string> = new Map()): Map<string, string> {
  const colonIndex = text.indexOf(":");
  if (colonIndex < 1 || colonIndex === text.length - 1) {
    throw new InvalidArgumentError("A user is NAME:PASSWORD, and neither is empty.");
  }
  const name = text.slice(0, colonIndex);
  if (users.has(name)) throw new InvalidArgumentError(`The user ${name} stands twice.`);
  return users.set(name, text.slice(colonIndex + 1));
}

/** A file that cannot be read. */
class FileError extends Error {}

/** Flags that do not go together. */
class UsageError extends Error {}

/** What runs, however it was told. */
interface Running {
  readonly broker: Broker;
  /** Of its first listener. */
  readonly entrance?: Entrance;
  readonly addresses: readonly string[];
  /** SIGHUP. */
  reload(): void;
  close(): Promise<void>;
}

async function run(flags: Flags): Promise<void> {
  if (flags.daemon && !isDaemon()) {
    process.exitCode = await startDaemon(tell);
    return;
  }
  const log = new Log(flags.verbose ?? false);
  await log.use(flags.logFormat ?? (process.stderr.isTTY ? "pretty" : "mosquitto"));
  let running: Running;
  let http: HttpPort | undefined;
  try {
    running = flags.config === undefined ? await runFlags(flags, log) : await runConfigured(flags, flags.config, log);
    http = await runHttp(flags, running, log);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    tell((error as Error).message);
    tellOutcome({ error: (error as Error).message });
    return;
  }
  // Before the line that says it runs: whoever waits for that line may send a signal at once.
  const signal = nextSignal();
  process.on("SIGHUP", () => running.reload());
  answerUserSignals(running.broker, line => log.write("information", line));
  tellOutcome({});
  log.write("information", `perigee broker running on ${running.addresses.join(" and ")}`);
  if (flags.config === undefined && flags.host === undefined) {
    log.write("information", "Only clients on this machine can connect; -b ADDRESS opens the broker to others.");
  }
  if (http) log.write("information", `The web client, /metrics and /healthz are on http://${http.address}/`);
  log.write("information", `perigee broker ending on ${await signal}`);
  await http?.close();
  await running.close();
  // As a link in real time ends: see link.ts.
  if (flags.link !== undefined) process.exit();
}

function tell(error: string): void {
  process.stderr.write(`perigee broker: ${error}\n`);
}

async function runHttp(flags: Flags, running: Running, log: Log): Promise<HttpPort | undefined> {
  if (flags.http === undefined) return undefined;
  const { broker, entrance } = running;
  try {
    return await openHttp(broker, entrance, flags.http, flags.host, line => log.write("warning", line));
  } catch (error) {
    await running.close();
    throw error;
  }
}

async function runFlags(flags: Flags, log: Log): Promise<Running> {
  const options = optionsOf(flags, log);
  const reload = () => log.write("information", "SIGHUP: there is no configuration to read again");
  if (flags.link !== undefined) {
    const behind = await listen({ ...options, host: "127.0.0.1", port: 0 });
    const { broker } = behind;
    const port = flags.port ?? (flags.cert === undefined ? 1883 : 8883);
    try {
      const front = await openLinkedPort(flags.link, flags.host ?? "127.0.0.1", port, behind.addresses[0]);
      const close = async () => {
        await front.close();
        await behind.close();
      };
      return { broker, addresses: [`${front.address} behind ${flags.link}`], reload, close };
    } catch (error) {
      await behind.close();
      throw error;
    }
  }
  const listener = await listen(options);
  return { broker: listener.broker, addresses: listener.addresses, reload, close: () => listener.close() };
}

async function runConfigured(flags: Flags, path: string, log: Log): Promise<Running> {
  const stray = (["host", "cert", "key", "cafile", "user", "link"] as const).find(name => flags[name] !== undefined);
  if (stray !== undefined) throw new UsageError(`--${stray} does not go with -c: write it into ${path}`);
  const configured = await ConfiguredServer.start(readConfiguration(path), log, flags.port, observing(flags));
  const { server, plan } = configured;
  if (plan.isLocalOnly) {
    log.write("information", "No listener is configured: only clients on this machine can connect.");
  }
  try {
    if (plan.pidPath !== undefined) writeFileSync(plan.pidPath, `${process.pid}\n`);
    if (plan.user !== undefined) becomeUser(plan.user);
  } catch (error) {
    await configured.close();
    throw new FileError(`${plan.user === undefined ? "pid_file" : "pid_file or user"}: ${(error as Error).message}`);
  }
  return {
    broker: server.broker,
    entrance: server.listeners[0]?.entrance,
    addresses: server.listeners.map(({ address }) => address),
    reload: () => {
      try {
        configured.reload(readConfiguration(path));
        log.write("notice", `SIGHUP: ${path} is read again`);
      } catch (error) {
        if (!(error instanceof ConfigurationError || error instanceof ListenError)) throw error;
        log.write("error", `SIGHUP: nothing has changed: ${error.message}`);
      }
    },
    close: async () => {
      await configured.close();
      if (plan.pidPath !== undefined) removePidFile(plan.pidPath, line => log.write("warning", line));
    },
  };
}

/** What watches the broker, with a configuration file or without. */
function observing(flags: Flags): ServerOptions {
  return { onTrace: flags.trace ? traced => process.stdout.write(`${traceLine(traced)}\n`) : undefined };
}

function optionsOf(flags: Flags, log: Log): ListenOptions {
  const options: ListenOptions = {
    port: flags.port,
    host: flags.host,
    users: flags.user,
    logPackets: flags.verbose,
    onLog: log.write,
    ...observing(flags),
  };
  if ((flags.cert === undefined) !== (flags.key === undefined)) {
    throw new UsageError(flags.cert === undefined ? "--key needs --cert" : "--cert needs --key");
  }
  if (flags.cert !== undefined && flags.key !== undefined) {
    options.tls = { cert: read("--cert", flags.cert), key: read("--key", flags.key) };
    if (flags.cafile !== undefined) options.tls.ca = read("--cafile", flags.cafile);
  } else if (flags.cafile !== undefined) {
    throw new UsageError("--cafile needs --cert and --key");
  }
  return options;
}

function read(flag: string, path: string): Buffer {
  try {
    return readBytes(path, SETTINGS_SIZE_MAX);
  } catch (error) {
    throw new FileError(`cannot read ${flag} ${path}: ${fileReason(error)}`);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof FileError || error instanceof ConfigurationError) return EXIT_FILE;
  if (error instanceof ListenError) return error.isOfCertificate ? EXIT_FILE : EXIT_ADDRESS;
  if (error instanceof StoreError) return EXIT_STORE;
  if (error instanceof LinkedPortError) return error.isOfAddress ? EXIT_ADDRESS : EXIT_USAGE;
  if (error instanceof UsageError) return EXIT_USAGE;
  throw error;
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
  });
}
