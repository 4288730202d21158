/**
 * A play in virtual time: a cast of clients, near and far, a server that may crash, and links with faults. When the parts are over the links
 * heal and everybody comes back for what is left; then the history is judged.
 */
import { Broker, type BrokerOptions } from "../../broker/index.ts";
import { type LinkSpec, TCP_PROFILES } from "../../link/index.ts";
import { Air, Station, VirtualTime } from "../../simulation/index.ts";
import { type Broken, checkHistory, type HistoryEvent } from "../history/index.ts";
import { Actor } from "./actor.ts";
import { BesideLine } from "./beside-line.ts";
import type { Role } from "./role.ts";
import { type Crash, StoredServer } from "./stored-server.ts";

/** How long everybody has to settle once the links are healed. */
const LIVENESS_BOUND_MS = 3_600_000;
const LIVENESS_STEP_MS = 1000;
/** How long what was sent may still be on its way: TCP has given up, or not, and a slow link has a queue. */
const SLACK_MS = 60_000;
/** A will may be due as late as this after the end of its connection. */
const EPILOGUE_MS = 240_000;

export interface Play {
  readonly seed: bigint;
  readonly roles: readonly Role[];
  readonly link: LinkSpec;
  readonly tcp: string;
  /** Seconds until the links heal. Later nobody does anything but come back. */
  readonly durationS: number;
  /** How long the server's disk takes, ms. */
  readonly writeMs: number;
  readonly crashes: readonly Crash[];
  readonly newBroker?: (options: BrokerOptions) => Broker;
}

export interface Performance {
  readonly history: readonly HistoryEvent[];
  readonly broken: readonly Broken[];
  readonly actors: readonly Actor[];
  readonly server: StoredServer;
}

/** Plays it. The same play is the same history, to the microsecond. */
export function perform(play: Play): Performance {
  const time = new VirtualTime();
  const history: HistoryEvent[] = [];
  const options: BrokerOptions = {
    sysIntervalMs: 0,
    maxQueued: Number.MAX_SAFE_INTEGER,
    maxQueuedBytes: Number.MAX_SAFE_INTEGER,
  };
  const newBroker = play.newBroker ?? ((brokerOptions: BrokerOptions) => new Broker(brokerOptions));
  const server = new StoredServer(newBroker, options, play.writeMs, play.crashes, history);
  const station = new Station(time, server);
  let connectionCount = 0;
  const nextConnection = () => {
    connectionCount += 1;
    return connectionCount;
  };
  const stage = { scheduler: time, history, nextConnection };
  const airs: Air[] = [];
  const actors = play.roles.map((role, index) => {
    const name =
      play.roles.findIndex(({ clientId }) => clientId === role.clientId) === index ? undefined : `other ${index}`;
    if (role.place === "near") return new Actor(stage, role, new BesideLine(station), name);
    const air = new Air(time, play.link, play.seed, `cast/${index}`, TCP_PROFILES[play.tcp], station);
    airs.push(air);
    return new Actor(stage, role, air, name);
  });
  station.settleSoon();
  const run = (ms: number) => time.runUntil(time.nowUs + Math.floor(ms * 1000));
  run(play.durationS * 1000);
  for (const air of airs) air.link.heal();
  const boundUs = time.nowUs + LIVENESS_BOUND_MS * 1000;
  const isSettled = () => actors.every(actor => actor.isSettled);
  while (time.nowUs < boundUs && !isSettled()) {
    for (const actor of actors) actor.finish();
    run(LIVENESS_STEP_MS);
  }
  const settled = isSettled();
  const unsettled = actors.filter(actor => !actor.isSettled).map(({ role }) => role.clientId);
  // Acknowledged is acknowledged: what of it is still on its way to others comes now, and so do wills.
  for (const actor of actors) actor.tellInherited();
  let eventCount = -1;
  run(EPILOGUE_MS);
  for (const endUs = time.nowUs + LIVENESS_BOUND_MS * 1000; eventCount < history.length && time.nowUs < endUs; ) {
    eventCount = history.length;
    run(SLACK_MS);
  }
  const broken = checkHistory(history, SLACK_MS);
  if (!settled) {
    broken.unshift({
      promise: "liveness",
      text: `an hour after the links had healed these were not done: ${unsettled.join(", ")}`,
    });
  }
  return { history, broken, actors, server };
}
