/**
 * What a play has come to: states that must be reached now and then, or its checkers have had nothing to check.
 */
import type { HistoryEvent } from "../history/index.ts";
import type { Performance } from "./play.ts";

export const CAST_MARKS = [
  "came twice at QoS 1",
  "a will was published",
  "a client was back before its will was due",
  "a session had expired",
  "a session was resumed",
  "a newcomer got what was retained",
  "what was retained was ended",
  "a message expired on its way",
  "each of a group got its share",
  "a client identifier was taken over",
  "the power was cut with messages in the store",
  "a receive maximum was reached",
  "a client hung until its keep-alive had run out",
  "the server crashed",
  "the server crashed while it was writing",
] as const;

export type CastMark = (typeof CAST_MARKS)[number];

/** Those that the play has reached. */
export function marksOf({ history, actors, server }: Performance): Set<CastMark> {
  const marks = new Set<CastMark>();
  const mark = (name: CastMark, isReached: boolean) => isReached && marks.add(name);
  const of = <Kind extends HistoryEvent["kind"]>(kind: Kind) =>
    history.filter((event): event is Extract<HistoryEvent, { kind: Kind }> => event.kind === kind);
  const connecting = of("connecting");
  const connected = of("connected");
  const ended = of("ended");
  const received = of("received");
  const witnessed = received.filter(({ client, id }) => client === "witness" && id !== "");
  mark(
    "came twice at QoS 1",
    witnessed.some(({ qos, dup, id }, index) => qos === 1 && !dup && witnessed.findIndex(one => one.id === id) < index),
  );
  const wills = received.filter(({ topic }) => topic.startsWith("wills/"));
  mark("a will was published", wills.length > 0);
  mark(
    "a client was back before its will was due",
    ended.some(({ how, client, atMs, connection }) => {
      const delayS = connecting.find(one => one.connection === connection)?.will?.delayS ?? 0;
      const isBack = connected.some(
        other => other.client === client && other.atMs > atMs && other.atMs < atMs + delayS * 1000,
      );
      return how !== "goodbye" && delayS > 0 && isBack;
    }),
  );
  mark(
    "a session had expired",
    connected.some(({ client, isPresent, connection, atMs }) => {
      const isClean = connecting.find(one => one.connection === connection)?.clean ?? true;
      return !isClean && !isPresent && connected.some(other => other.client === client && other.atMs < atMs);
    }),
  );
  mark(
    "a session was resumed",
    connected.some(({ isPresent }) => isPresent),
  );
  mark(
    "a newcomer got what was retained",
    received.some(({ retain, client }) => retain && client.startsWith("visitor")),
  );
  mark(
    "what was retained was ended",
    of("publish").some(({ isEmpty }) => isEmpty === true),
  );
  mark(
    "a message expired on its way",
    of("publish").some(
      ({ expiryS, id }) =>
        expiryS !== undefined && !received.some(event => event.id === id && event.client === "witness"),
    ),
  );
  const members = actors.filter(({ role }) => role.clientId.startsWith("member"));
  mark(
    "each of a group got its share",
    members.length > 1 && members.every(({ role }) => received.some(({ client }) => client === role.clientId)),
  );
  mark(
    "a client identifier was taken over",
    actors.some(({ role }, index) => actors.findIndex(other => other.role.clientId === role.clientId) < index),
  );
  mark(
    "the power was cut with messages in the store",
    actors.some(({ counts }) => counts.inherited > 0 && counts.powerCuts > 0),
  );
  mark(
    "a receive maximum was reached",
    ended.some(({ flow }) => flow !== undefined && flow.receivedMost === flow.receivedLimit),
  );
  mark(
    "a client hung until its keep-alive had run out",
    of("dropped").some(({ atMs, connection }) => {
      const keepAliveS = connecting.find(one => one.connection === connection)?.keepAliveS ?? 0;
      const frozen = ended.find(one => one.connection === connection);
      return frozen?.quiet !== undefined && atMs - frozen.atMs + frozen.quiet.lastMs >= keepAliveS * 1500;
    }),
  );
  mark("the server crashed", server.crashCount > 0);
  mark("the server crashed while it was writing", server.tornCount > 0);
  return marks;
}
