/**
 * A play in real time against a server of somebody else's: the same cast, over TCP, and the same checkers.
 *
 * All topics are under one name and all identifiers begin with it, so that nobody else on the server is disturbed or mistaken for one of the
 * cast; at the end sessions and retained messages are taken back.
 */
import { randomBytes } from "node:crypto";
import { connect, PerigeeError } from "../../client/index.ts";
import { RandomStream } from "../../link/index.ts";
import { RealTime } from "../../proxy/real-time.ts";
import { type Broken, checkHistory, type HistoryEvent } from "../history/index.ts";
import { Actor } from "./actor.ts";
import { drawCast } from "./draw-cast.ts";
import { onServer } from "./on-server.ts";
import type { Role } from "./role.ts";
import { TcpLine } from "./tcp-line.ts";

const POLL_MS = 100;
/** How long what was sent may be on its way, and how late a server may notice what is due. */
const SLACK_MS = 5000;
/** How long everybody has to settle after the last act. */
const SETTLING_MS = 60_000;
export interface Rehearsal {
  readonly host: string;
  readonly port: number;
  readonly seed: number;
  readonly seconds: number;
  /** What the cast speaks; both unless the server is older. */
  readonly versions: readonly (4 | 5)[];
  readonly username?: string;
  readonly password?: string;
  /** Told every now and then how far it is, 0 to 1. */
  readonly progress?: (share: number) => void;
}

export interface Rehearsed {
  readonly roles: readonly Role[];
  readonly history: readonly HistoryEvent[];
  readonly broken: readonly Broken[];
  /** Why the server still has sessions and retained messages of the cast; absent where they were taken back. */
  readonly leftBehind?: string;
}

/** Plays it, and judges. Rejects with the client's PerigeeError where there is no server that lets the cast in. */
export async function rehearse(rehearsal: Rehearsal): Promise<Rehearsed> {
  const { host, port, seed, seconds, versions, username, password, progress } = rehearsal;
  const url = `mqtt://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const version = versions.includes(5) ? 5 : 4;
  const credentials = { username, password };
  // Whoever is not let in should hear of it at once.
  const probe = await connect(url, { protocolVersion: version, reconnect: false, ...credentials });
  await probe.close();

  const drawn = drawCast(new RandomStream(BigInt(seed), "rehearsal"), seconds);
  // Another play on the same server, or what one that was broken off has left there, must not be taken for this one's.
  const name = `perigee-check-${seed}-${randomBytes(3).toString("hex")}`;
  const roles = drawn.flatMap(role => onServer(role, name, versions) ?? []);
  const time = new RealTime();
  const history: HistoryEvent[] = [];
  let connectionCount = 0;
  const nextConnection = () => {
    connectionCount += 1;
    return connectionCount;
  };
  const stage = { scheduler: time, history, nextConnection, credentials };
  const lines = roles.map(() => new TcpLine(time, host, port));
  const actors: Actor[] = [];
  time.enter(() => {
    for (const [index, role] of roles.entries()) {
      const isFirst = roles.findIndex(({ clientId }) => clientId === role.clientId) === index;
      actors.push(new Actor(stage, role, lines[index], isFirst ? undefined : `${role.clientId} (${index})`));
    }
  });
  const lastS = Math.max(seconds, ...roles.flatMap(({ acts }) => acts.map(({ atS }) => atS)));
  const isSettled = () => actors.every(actor => actor.isSettled);
  const boundMs = lastS * 1000 + SETTLING_MS;
  let nowMs = 0;
  while (nowMs < boundMs && (nowMs < lastS * 1000 || !isSettled())) {
    await passed(POLL_MS);
    time.enter(() => {
      nowMs = time.nowUs / 1000;
      if (nowMs >= lastS * 1000) for (const actor of actors) actor.finish();
    });
    progress?.(Math.min(1, nowMs / (lastS * 1000 + SLACK_MS)));
  }
  const unsettled = actors.filter(actor => !actor.isSettled).map(({ role }) => role.clientId);
  time.enter(() => {
    for (const actor of actors) actor.tellInherited();
  });
  await passed(SLACK_MS);
  // So that the end of the history is the end of the wait.
  const end = history.slice();
  time.stop();
  for (const line of lines) line.close();
  const broken = checkHistory(end, SLACK_MS);
  if (unsettled.length > 0) {
    const text = `${SETTLING_MS / 1000} s after the last act these were not done: ${unsettled.join(", ")}`;
    broken.unshift({ promise: "liveness", text });
  }
  const judged = { roles, history: end, broken };
  try {
    await sweep(url, roles, version, credentials);
    return judged;
  } catch (error) {
    // A server that is gone by now has been judged all the same.
    if (!(error instanceof PerigeeError)) throw error;
    return { ...judged, leftBehind: error.message };
  }
}

/** Takes back what the cast has left on the server. */
async function sweep(
  url: string,
  roles: readonly Role[],
  protocolVersion: 4 | 5,
  credentials: { username?: string; password?: string },
): Promise<void> {
  for (const { clientId, streams } of roles) {
    const client = await connect(url, { protocolVersion, clientId, clean: true, reconnect: false, ...credentials });
    for (const { topic, retain } of streams) if (retain) await client.publish(topic, "", { qos: 1, retain: true });
    await client.close();
  }
}

function passed(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
