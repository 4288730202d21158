/**
 * The brokers that bench/broker.ts compares, each in a process of its own on a free port of the loopback address.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

export type ServerName = "perigee" | "mosquitto" | "aedes";

export interface Server {
  readonly port: number;
  readonly pid: number;
  /** Resident memory, bytes. */
  memorySize(): number;
  stop(): Promise<void>;
}

/** The version of a peer, or null when it is not installed. */
export function versionOf(name: ServerName): string | null {
  if (name === "mosquitto") {
    // Debian puts it where PATH of a user does not look.
    const { stdout } = spawnSync("mosquitto", ["-h"], { env: pathWithSbin(), encoding: "utf8" });
    return /version (\S+)/.exec(stdout ?? "")?.[1] ?? null;
  }
  const file = name === "perigee" ? `${root}package.json` : `${root}node_modules/aedes/package.json`;
  return JSON.parse(readFileSync(file, "utf8")).version;
}

/** Starts a broker and resolves when it accepts connections. */
export async function startServer(name: ServerName): Promise<Server> {
  const port = await freePort();
  const [command, ...args] = commandOf(name, port);
  const child = spawn(command, args, { env: pathWithSbin(), stdio: "ignore" });
  const ended = new Promise<void>(resolve => child.once("close", () => resolve()));
  await untilListening(name, port, child);
  const pid = child.pid as number;
  return {
    port,
    pid,
    memorySize: () => 1024 * Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]),
    stop: () => {
      child.kill("SIGKILL");
      return ended;
    },
  };
}

function commandOf(name: ServerName, port: number): string[] {
  switch (name) {
    case "perigee":
      return [process.execPath, `${root}build/perigee.js`, "broker", "-p", String(port)];
    case "aedes":
      return [process.execPath, `${root}bench/broker/aedes.js`, String(port)];
    case "mosquitto": {
      const file = join(mkdtempSync(join(tmpdir(), "perigee-bench-")), "mosquitto.conf");
      // Its defaults, without a log that would cost it time.
      writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nlog_dest none\n`);
      return ["mosquitto", "-c", file];
    }
  }
}

function pathWithSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function untilListening(name: ServerName, port: number, child: ChildProcess): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (performance.now() < endMs && child.exitCode === null) {
    const isOpen = await new Promise<boolean>(resolve => {
      const socket = net.connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`${name} does not listen on port ${port}`);
}
