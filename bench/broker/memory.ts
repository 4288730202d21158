/**
 * What an idle connection takes: resident memory of the process before and after a thousand of them; then as many more
 * as make ten thousand. A garbage collector that has just run, or not yet, moves one measurement by a third, so it is the
 * median of three processes.
 */
import { startGenerator } from "./generator.ts";
import { type Server, type ServerName, startServer } from "./servers.ts";

export const MEMORY_ROUND_COUNT = 3;
export const IDLE_COUNT = 1000;
export const HELD_COUNT = 10_000;

export interface Memory {
  sizePerConnection: number;
  heldCount: number;
}

export async function measureMemory(name: ServerName): Promise<Memory> {
  const rounds: Memory[] = [];
  for (let round = 0; round < MEMORY_ROUND_COUNT; round++) rounds.push(await measureOnce(name));
  console.error(`memory, ${name}: ${rounds.map(({ sizePerConnection }) => sizePerConnection).join(", ")} B`);
  const sizes = rounds.map(({ sizePerConnection }) => sizePerConnection).sort((a, b) => a - b);
  return {
    sizePerConnection: sizes[sizes.length >> 1],
    heldCount: Math.min(...rounds.map(({ heldCount }) => heldCount)),
  };
}

async function measureOnce(name: ServerName): Promise<Memory> {
  const server = await startServer(name);
  const holders: Holder[] = [];
  try {
    const before = server.memorySize();
    holders.push(await hold(server, IDLE_COUNT));
    const sizePerConnection = (server.memorySize() - before) / IDLE_COUNT;
    holders.push(await hold(server, HELD_COUNT - IDLE_COUNT));
    return { sizePerConnection, heldCount: holders.reduce((sum, { held }) => sum + held, 0) };
  } finally {
    for (const { end } of holders) end();
    await server.stop();
  }
}

interface Holder {
  held: number;
  end(): void;
}

function hold(server: Server, count: number): Promise<Holder> {
  return new Promise((resolve, reject) => {
    const child = startGenerator(server, ["hold", count]);
    child.once("close", code => reject(new Error(`load hold ${count} ended with ${code}`)));
    child.stdout?.once("data", data => resolve({ ...JSON.parse(String(data)), end: () => child.stdin?.end() }));
  });
}
