/**
 * The broker on real sockets, and real programs against it: what the socket suites share.
 *
 * Nothing here sleeps. A suite waits for a line of the broker's log, which says that the peer's packet has been handled.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Listener, type ListenOptions, listen } from "../../host/broker/index.ts";

const cleanups: (() => Promise<unknown> | unknown)[] = [];

/** Runs when the test is over, whatever its end: test/after-each.ts sees to that. */
export function onEnd(cleanup: () => Promise<unknown> | unknown): void {
  cleanups.push(cleanup);
}

/** Ends what the test has begun, the latest first. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

/** A broker on a free port of the loopback addresses, its log, and a way to wait for a line of it. */
export class Served {
  readonly lines: string[] = [];
  listener!: Listener;
  #waiting: { pattern: RegExp; resolve: () => void }[] = [];

  static async start(options: ListenOptions = {}): Promise<Served> {
    const served = new Served();
    served.listener = await listen({
      port: 0,
      logPackets: true,
      ...options,
      onLog: (_level, line) => served.#hear(line),
    });
    onEnd(() => served.listener.close());
    return served;
  }

  get port(): number {
    return this.listener.port;
  }

  /** Resolves at the next line that matches, or at once when one has come before. */
  until(pattern: RegExp): Promise<void> {
    if (this.lines.some(line => pattern.test(line))) return Promise.resolve();
    return new Promise(resolve => this.#waiting.push({ pattern, resolve }));
  }

  #hear(line: string): void {
    this.lines.push(line);
    const isHeard = ({ pattern }: { pattern: RegExp }) => pattern.test(line);
    for (const { resolve } of this.#waiting.filter(isHeard)) resolve();
    this.#waiting = this.#waiting.filter(waiting => !isHeard(waiting));
  }
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A program that runs beside the test. */
export interface Running {
  process: ChildProcess;
  finished: Promise<Finished>;
}

export function start(command: string, args: readonly string[], input = ""): Running {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  onEnd(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", data => {
    stdout += data;
  });
  child.stderr.on("data", data => {
    stderr += data;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", code => resolve({ code, stdout, stderr }));
  });
  return { process: child, finished };
}

export function run(command: string, args: readonly string[], input = ""): Promise<Finished> {
  return start(command, args, input).finished;
}

export interface Certificate {
  certFile: string;
  keyFile: string;
  cert: Buffer;
  key: Buffer;
}

/** A certificate for localhost that is its own authority, in files of a directory of its own. Needs openssl. */
export function makeCertificate(commonName = "localhost"): Certificate {
  const directory = mkdtempSync(join(tmpdir(), "perigee-"));
  const certFile = join(directory, "cert.pem");
  const keyFile = join(directory, "key.pem");
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const names = ["-subj", `/CN=${commonName}`, "-addext", `subjectAltName=DNS:${commonName},IP:127.0.0.1`];
  const { status, stderr } = spawnSync("openssl", [...request, ...names, "-keyout", keyFile, "-out", certFile]);
  if (status !== 0) throw new Error(`openssl failed: ${stderr}`);
  return { certFile, keyFile, cert: readFileSync(certFile), key: readFileSync(keyFile) };
}
