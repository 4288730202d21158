/**
 * What the brokers deliver under load. The brokers take turns within a round, so that other work on the machine meets all
 * of them alike, and the best of all rounds counts: other work only ever makes a run slower.
 */
import { type Arguments, startGenerator } from "./generator.ts";
import { type Server, type ServerName, startServer } from "./servers.ts";

export const ROUND_COUNT = 3;
export const WARM_MS = 1000;
export const RUN_MS = 2000;

export interface Case {
  /** For --only. */
  key: string;
  name: string;
  /** What load.c is told before the times. */
  args: Arguments;
  /** Of mosquitto, and of aedes: perigee reaches both. */
  bars: { mosquitto: number; aedes: number };
}

export const CASES: readonly Case[] = [
  { key: "qos0", name: "1 to 1, QoS 0", args: ["flow", 1, 1, 0, 0, 500], bars: { mosquitto: 1, aedes: 2 } },
  { key: "qos1", name: "1 to 1, QoS 1, window 20", args: ["flow", 1, 1, 1, 20, 500], bars: { mosquitto: 1, aedes: 2 } },
  {
    key: "qos2",
    name: "1 to 1, QoS 2, window 20",
    args: ["flow", 1, 1, 2, 20, 500],
    bars: { mosquitto: 0.8, aedes: 2 },
  },
  { key: "fan-in", name: "100 to 1, QoS 1", args: ["flow", 100, 1, 1, 20, 500], bars: { mosquitto: 1, aedes: 2 } },
  { key: "fan-out", name: "1 to 100, QoS 0", args: ["flow", 1, 100, 0, 0, 50], bars: { mosquitto: 1, aedes: 2 } },
  { key: "connects", name: "connects", args: ["connects", 50, 0, 0, 0, 0], bars: { mosquitto: 0, aedes: 2 } },
];

/** What load.c prints. */
interface Result {
  perSecond: number;
  cpuUs: number;
  isStalled: boolean;
  count: number;
}

export interface Best {
  perSecond: number;
  cpuUs: number;
  stallCount: number;
  /** Deliveries before the first stall. */
  stalledAt: number;
}

export async function measureCase({ name, args }: Case, present: readonly ServerName[]) {
  const best = new Map<ServerName, Best>();
  for (let round = 0; round < ROUND_COUNT; round++) {
    for (const server of present) {
      const result = await measureOnce(server, args);
      console.error(`${name}, ${server}: ${Math.round(result.perSecond)}/s, ${result.cpuUs} us`);
      const before = best.get(server);
      best.set(server, {
        perSecond: Math.max(result.perSecond, before?.perSecond ?? 0),
        cpuUs: Math.min(result.cpuUs, before?.cpuUs ?? Number.POSITIVE_INFINITY),
        stallCount: (before?.stallCount ?? 0) + Number(result.isStalled),
        stalledAt: before?.stalledAt || (result.isStalled ? result.count : 0),
      });
    }
  }
  return best;
}

async function measureOnce(name: ServerName, args: Arguments): Promise<Result> {
  const server = await startServer(name);
  try {
    return await runLoad(server, [...args, WARM_MS, RUN_MS]);
  } finally {
    await server.stop();
  }
}

function runLoad(server: Server, args: Arguments): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = startGenerator(server, args);
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", data => {
      stdout += data;
    });
    child.stderr?.on("data", data => {
      stderr += data;
    });
    child.on("close", code =>
      code === 0 ? resolve(JSON.parse(stdout)) : reject(new Error(`load ${args.join(" ")}: ${stderr}`)),
    );
  });
}
