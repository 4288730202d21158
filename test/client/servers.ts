/**
 * The servers that the client is tried on, each started by one function of the same shape: Perigee's own broker,
 * aedes (in this process), and mosquitto (a process of its own).
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import tls from "node:tls";
import { Aedes } from "aedes";
import { listen } from "../../host/broker/index.ts";
import { onEnd } from "../broker/real.ts";
import { havePeers } from "../peers.ts";

export interface ServerOptions {
  /** The only user that may come in. */
  user?: { name: string; password: string };
  /** Files, PEM. */
  tls?: { certFile: string; keyFile: string; cert: Buffer; key: Buffer };
}

export interface Server {
  readonly port: number;
}

export interface ServerKind {
  readonly name: string;
  readonly isHere: boolean;
  start(options?: ServerOptions): Promise<Server>;
}

async function startPerigee({ user, tls }: ServerOptions = {}): Promise<Server> {
  const users = user && new Map([[user.name, user.password]]);
  const listener = await listen({ port: 0, users, tls: tls && { cert: tls.cert, key: tls.key } });
  onEnd(() => listener.close());
  return listener;
}

async function startAedes({ user, tls: certificate }: ServerOptions = {}): Promise<Server> {
  const aedes = await Aedes.createBroker({
    authenticate: (_client, name, password, done) =>
      done(null, user === undefined || (name === user.name && password?.toString() === user.password)),
  });
  const server = certificate ? tls.createServer(certificate, aedes.handle) : net.createServer(aedes.handle);
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  onEnd(async () => {
    const closed = new Promise(resolve => server.close(resolve));
    await new Promise<void>(resolve => aedes.close(resolve));
    await closed;
  });
  return { port: (server.address() as net.AddressInfo).port };
}

async function startMosquitto({ user, tls }: ServerOptions = {}): Promise<Server> {
  const mosquitto = new Mosquitto();
  if (user) {
    const file = join(mosquitto.directory, "passwords");
    writeFileSync(file, "");
    spawnSync("mosquitto_passwd", ["-b", file, user.name, user.password]);
    mosquitto.settings.push(`password_file ${file}`);
  } else {
    mosquitto.settings.push("allow_anonymous true");
  }
  if (tls) mosquitto.settings.push(`certfile ${tls.certFile}`, `keyfile ${tls.keyFile}`);
  await mosquitto.start();
  return mosquitto;
}

const SAVING = /Saving in-memory database/;

/** A mosquitto with settings of its own, which can be killed and started again on the same port. */
export class Mosquitto implements Server {
  readonly directory = mkdtempSync(join(tmpdir(), "perigee-mosquitto-"));
  readonly settings: string[] = [];
  port = 0;
  #process: ReturnType<typeof spawn> | undefined;
  #lines: string[] = [];
  #listeners = new Set<() => void>();

  constructor() {
    chmodSync(this.directory, 0o755);
    onEnd(() => this.kill());
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    if (this.port === 0) this.port = await freePort();
    const file = join(this.directory, "mosquitto.conf");
    const isRoot = process.getuid?.() === 0;
    // As root it would become another user, who may not read the directory.
    const lines = [`listener ${this.port} 127.0.0.1`, ...this.settings, ...(isRoot ? ["user root"] : [])];
    writeFileSync(file, `${lines.join("\n")}\n`);
    const child = spawn("mosquitto", ["-c", file, "-v"], { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    this.#lines = [];
    createInterface({ input: child.stderr }).on("line", line => {
      this.#lines.push(line);
      for (const listener of this.#listeners) listener();
    });
    await this.until(/mosquitto version \S+ running/);
  }

  /** Resolves when `count` lines of its log match, counted since it was started. */
  until(pattern: RegExp, count = 1): Promise<void> {
    return new Promise(resolve => {
      const listener = (): void => {
        if (this.#lines.filter(line => pattern.test(line)).length < count) return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
      listener();
    });
  }

  /** The lines of its log since it was started. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Makes it write its persistent state, which it does by itself only now and then. Resolves when it has. */
  async save(): Promise<void> {
    const savedCount = this.#lines.filter(line => SAVING.test(line)).length;
    this.#process?.kill("SIGUSR1");
    await this.until(SAVING, savedCount + 1);
    // It says so before it does so, but does nothing else in between: whatever it says next, it has written.
    const connection = /New connection from/;
    const connectionCount = this.#lines.filter(line => connection.test(line)).length;
    const socket = net.connect(this.port, "127.0.0.1");
    await this.until(connection, connectionCount + 1);
    socket.destroy();
  }

  /** SIGKILL: nothing is saved, nobody is told. Resolves when it is gone and all it said is in `lines`. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise(resolve => child.once("close", resolve));
    child.kill("SIGKILL");
    await gone;
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

export const SERVERS: readonly ServerKind[] = [
  { name: "perigee", isHere: true, start: startPerigee },
  { name: "aedes", isHere: true, start: startAedes },
  { name: "mosquitto", isHere: havePeers("mosquitto"), start: startMosquitto },
];
