/**
 * The cast that a seed draws: a witness who sees everything, sensors that lose their power and their connection, listeners that come and go,
 * a group that shares, visitors that come for what is retained, and somebody who takes another's name.
 *
 * Each has a part of the truth that a checker asks for: the witness and the listeners are what QoS and order are judged by,
 * the sensors' power cuts call for wills, the groups share, the visitors read what is retained.
 */
import type { RandomStream } from "../../link/index.ts";
import { NEVER_S, type Qos } from "../history/index.ts";
import type { Act, Role, Stream } from "./role.ts";

/** The witness is there before anybody else says anything. */
const CURTAIN_S = 2;

/** Draws a play of `durationS` seconds, 20 at least; absences may last longer. */
export function drawCast(random: RandomStream, durationS: number): Role[] {
  const pick = <Value>(values: readonly Value[]): Value => values[random.below(values.length)];
  const within = (from: number, until: number) => from + random.below(Math.max(1, Math.floor(until - from)));
  const qos = (): Qos => pick([0, 1, 2] as const);

  const base: Omit<Role, "clientId"> = {
    place: "near",
    version: 5,
    clean: false,
    sessionExpiryS: NEVER_S,
    keepAliveS: 30,
    receiveMaximum: 100,
    window: 20,
    filters: [],
    streams: [],
    acts: [],
    stays: true,
  };

  /** Comes and goes: up to `most` absences of some kinds. */
  const absences = (kinds: readonly Act["does"][], most: number): Act[] => {
    const acts: Act[] = [];
    let atS = within(5, durationS / 2);
    for (let count = random.below(most + 1); count > 0 && atS < durationS - 10; count -= 1) {
      const does = pick(kinds);
      acts.push({ atS, does });
      if (does !== "cut") {
        // The longest outlast keep-alives, sessions and what the checkers allow for packets on their way.
        atS += 1 + random.below(pick([3, 20, 90, 400]));
        acts.push({ atS, does: "begin" });
      }
      atS += within(3, durationS / 3);
    }
    return acts;
  };

  const witness: Role = {
    ...base,
    clientId: "witness",
    filters: [{ filter: "#", qos: 2 }],
    acts: [{ atS: 0, does: "begin" }],
  };

  const sensors = Array.from({ length: 1 + random.below(3) }, (_, index): Role => {
    const clientId = `sensor-${index + 1}`;
    const version = pick([4, 5, 5] as const);
    const beginS = CURTAIN_S + random.below(5);
    const span = { fromS: beginS + 1, untilS: durationS - 1 };
    const streams: Stream[] = [{ ...span, topic: `data/${clientId}`, qos: qos(), everyMs: 200 + random.below(4000) }];
    if (random.below(2) === 0) {
      const retained = { retain: true, emptyEvery: 3 + random.below(4) };
      streams.push({
        ...span,
        ...retained,
        topic: `state/${clientId}`,
        qos: pick([1, 2] as const),
        everyMs: 3000 + random.below(9000),
      });
    }
    if (version === 5 && random.below(2) === 0) {
      const expiryS = 2 + random.below(15);
      streams.push({
        ...span,
        topic: `brief/${clientId}`,
        qos: pick([1, 2] as const),
        everyMs: 2000 + random.below(4000),
        expiryS,
      });
    }
    return {
      ...base,
      clientId,
      place: pick(["near", "far", "far"] as const),
      version,
      sessionExpiryS: pick([NEVER_S, NEVER_S, 20, 90]),
      keepAliveS: pick([5, 10, 30]),
      window: pick([1, 3, 20]),
      ...(random.below(3) === 0
        ? {}
        : { will: { topic: `wills/${clientId}`, qos: 2, delayS: version === 5 ? pick([0, 0, 3, 25]) : 0 } }),
      streams,
      acts: [{ atS: beginS, does: "begin" }, ...absences(["goodbye", "cut", "power", "power", "freeze", "freeze"], 4)],
      stays: true,
    };
  });

  const listeners = Array.from({ length: random.below(3) }, (_, index): Role => {
    const filters = [{ filter: "data/+", qos: qos() }];
    if (random.below(2) === 0) filters.push({ filter: "brief/#", qos: qos() });
    return {
      ...base,
      clientId: `listener-${index + 1}`,
      place: pick(["near", "far"] as const),
      version: pick([4, 5, 5] as const),
      sessionExpiryS: pick([NEVER_S, 30]),
      receiveMaximum: pick([1, 2, 5, 60]),
      filters,
      acts: [{ atS: CURTAIN_S, does: "begin" }, ...absences(["goodbye", "cut", "power"], 3)],
    };
  });

  const groupQos = pick([1, 2] as const);
  const group = Array.from({ length: pick([0, 0, 2, 3]) }, (_, index): Role => {
    return {
      ...base,
      clientId: `member-${index + 1}`,
      place: index === 0 ? "near" : pick(["near", "far"] as const),
      sessionExpiryS: index === 0 ? NEVER_S : pick([NEVER_S, 5]),
      receiveMaximum: pick([1, 5, 60]),
      filters: [{ filter: "$share/crew/data/#", qos: groupQos }],
      acts: [{ atS: CURTAIN_S, does: "begin" }, ...(index === 0 ? [] : absences(["goodbye", "cut"], 3))],
    };
  });

  const visitors = Array.from({ length: random.below(4) }, (_, index): Role => {
    const atS = within(CURTAIN_S + 5, durationS - 15);
    const clientId = `visitor-${index + 1}`;
    return {
      ...base,
      clientId,
      version: pick([4, 5] as const),
      clean: true,
      sessionExpiryS: 0,
      will: { topic: `wills/${clientId}`, qos: 2, delayS: 0 },
      filters: [{ filter: "state/+", qos: pick([1, 2] as const) }],
      acts: [
        { atS, does: "begin" },
        { atS: atS + 4 + random.below(6), does: "goodbye" },
      ],
      stays: false,
    };
  });

  const impostors: Role[] = [];
  if (random.below(3) === 0) {
    const { clientId, version, sessionExpiryS } = pick(sensors);
    const atS = within(CURTAIN_S + 8, durationS - 20);
    impostors.push({
      ...base,
      clientId,
      version,
      sessionExpiryS,
      acts: [
        { atS, does: "begin" },
        { atS: atS + 1 + random.below(5), does: "goodbye" },
      ],
      stays: false,
    });
  }
  return [witness, ...sensors, ...listeners, ...group, ...visitors, ...impostors];
}
