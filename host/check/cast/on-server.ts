/**
 * A role as it can be played on a server of somebody else's: under names of its own, in a version that the server speaks, and without
 * absences for which nobody would wait.
 */
import type { Act, Role } from "./role.ts";

const ABSENCE_MAX_S = 20;

/** The role there; undefined where the versions have no words for it. `name` stands before every identifier and topic. */
export function onServer(role: Role, name: string, versions: readonly (4 | 5)[]): Role | undefined {
  const version = versions.includes(role.version) ? role.version : versions[0];
  const isShared = role.filters.some(({ filter }) => filter.startsWith("$share/"));
  if (isShared && version === 4) return undefined;
  const under = (topic: string) => topic.replace(/^(\$share\/[^/]+\/)?/, `$1${name}/`);
  const { will } = role;
  return {
    ...role,
    clientId: `${name}-${role.clientId}`,
    place: "near",
    version,
    filters: role.filters.map(({ filter, qos }) => ({ filter: under(filter), qos })),
    streams: role.streams
      .filter(({ expiryS }) => version === 5 || expiryS === undefined)
      .map(stream => ({ ...stream, topic: under(stream.topic) })),
    acts: shortened(role.acts),
    ...(will && { will: { ...will, topic: under(will.topic), delayS: version === 5 ? will.delayS : 0 } }),
  };
}

/** The acts with no more than `ABSENCE_MAX_S` between going and coming back. */
function shortened(acts: readonly Act[]): Act[] {
  let earlierS = 0;
  return acts.map(({ atS, does }, index) => {
    const before = acts[index - 1];
    if (does === "begin" && before !== undefined) earlierS += Math.max(0, atS - before.atS - ABSENCE_MAX_S);
    return { atS: atS - earlierS, does };
  });
}
