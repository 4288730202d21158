/**
 * `perigee broker`: the reference broker on a port, with the habits of mosquitto.
 */
import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { ListenError, type Listener, type ListenOptions, type LogLevel, listen, traceLine } from "../broker/index.ts";

interface Flags {
  port?: number;
  host?: string;
  verbose?: boolean;
  trace?: boolean;
  cafile?: string;
  cert?: string;
  key?: string;
  user?: Map<string, string>;
}

/** Exit codes: what went wrong decides, so that a script can tell them apart. Commander itself uses 1. */
const EXIT_USAGE = 1;
const EXIT_FILE = 2;
const EXIT_ADDRESS = 3;

const EXAMPLES = `
Without -b only this machine can connect. With --user every client must give one of these names and its password.
A certificate and its key turn the port into TLS (default 8883); with --cafile each client must show a certificate.

Examples:
  perigee broker                                  port 1883, this machine only, anybody may connect
  perigee broker -b 0.0.0.0 --user sensor:secret  for the whole network, with a password
  perigee broker -v                               and a line for every packet
  perigee broker --trace                          every packet decoded, with the session's state after it
  perigee broker -p 8883 --cert server.pem --key server.key
Try it:
  mosquitto_sub -t 'sensors/#' -v        mosquitto_pub -t sensors/1 -m 21.5

Exit status: 0 ended by SIGINT or SIGTERM, ${EXIT_USAGE} bad command line, ${EXIT_FILE} a file cannot be read or used,
${EXIT_ADDRESS} the address cannot be listened on.`;

/** The sub-command, for the program to add. */
export function brokerCommand(): Command {
  return new Command("broker")
    .description("run the reference broker: MQTT 3.1.1 and 5.0, strict, and it says which rule a client broke")
    .helpOption("-h, --help", "show this help")
    .option("-p, --port <port>", "port to listen on; 0 takes a free one (default: 1883, with TLS 8883)", parsePort)
    .option("-b, --host <address>", "address to bind; 0.0.0.0 or :: for all (default: this machine only)")
    .option("-v, --verbose", "log every packet")
    .option("--trace", "print every packet both ways, decoded, with the session's state after it")
    .option("--cert <file>", "certificate of the server, PEM: turns TLS on")
    .option("--key <file>", "private key of the certificate, PEM")
    .option("--cafile <file>", "authorities of client certificates, PEM: every client must show one")
    .option("--user <name:password>", "let this user in, and nobody without a name; repeats", parseUser)
    .addHelpText("after", EXAMPLES)
    .action(run);
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
  return users.set(text.slice(0, colonIndex), text.slice(colonIndex + 1));
}

/** A file that cannot be read. */
class FileError extends Error {}

/** Flags that do not go together. */
class UsageError extends Error {}

async function run(flags: Flags): Promise<void> {
  let listener: Listener;
  try {
    listener = await listen(optionsOf(flags));
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    process.stderr.write(`perigee broker: ${(error as Error).message}\n`);
    return;
  }
  // Before the line that says it runs: whoever waits for that line may send a signal at once.
  const signal = nextSignal();
  log("information", `perigee broker running on ${listener.addresses.join(" and ")}`);
  if (flags.host === undefined) {
    log("information", "Only clients on this machine can connect; -b ADDRESS opens the broker to others.");
  }
  log("information", `perigee broker ending on ${await signal}`);
  await listener.close();
}

function optionsOf(flags: Flags): ListenOptions {
  const options: ListenOptions = {
    port: flags.port,
    host: flags.host,
    users: flags.user,
    logPackets: flags.verbose,
    onLog: log,
    onTrace: flags.trace ? traced => process.stdout.write(`${traceLine(traced)}\n`) : undefined,
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
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: "no such file",
      EACCES: "permission denied",
      EISDIR: "is a directory",
    };
    throw new FileError(`cannot read ${flag} ${path}: ${reasons[code ?? ""] ?? message}`);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof FileError) return EXIT_FILE;
  if (error instanceof ListenError) return error.isOfCertificate ? EXIT_FILE : EXIT_ADDRESS;
  if (error instanceof UsageError) return EXIT_USAGE;
  throw error;
}

/** mosquitto's form: seconds since 1970, then the line. Packets (`debug`) only come when they were asked for. */
function log(level: LogLevel, line: string): void {
  const mark = level === "error" || level === "warning" ? `${level}: ` : "";
  process.stderr.write(`${Math.floor(Date.now() / 1000)}: ${mark}${line}\n`);
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
  });
}
