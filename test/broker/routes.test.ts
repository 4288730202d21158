/** What the tree of subscriptions says of a topic: each receiver once, with all that its grants ask for; groups beside. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Qos } from "../../host/broker/codec/control.ts";
import { Session } from "../../host/broker/session.ts";
import { checkShare, parseShare } from "../../host/broker/shared-subscription.ts";
import { type Grant, plainGrant, type Route, Subscriptions } from "../../host/broker/subscriptions.ts";
import { topicOf } from "../../host/broker/topics.ts";
import { matches } from "./matching.ts";

const SHARE = /^\$share\/([^/]+)\/(.+)$/;

/** Few names, so that much matches. */
const level = fc.constantFrom("a", "a", "a", "$x");
const topic = fc.array(level, { minLength: 1, maxLength: 2 }).map(levels => levels.join("/"));
const plainFilter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant("+")), { minLength: 1, maxLength: 2 }), fc.constantFrom("", "/#", "#"))
  .map(([levels, end]) => (end === "#" ? end : levels.join("/") + end));
const filter = fc
  .tuple(fc.constantFrom("", "", "$share/g/", "$share/h/"), plainFilter)
  .map(([share, text]) => share + text);
const grant: fc.Arbitrary<Grant> = fc.oneof(
  fc.constantFrom<Qos>(0, 1, 2).map(plainGrant),
  fc.record({
    qos: fc.constantFrom<Qos>(0, 1, 2),
    noLocal: fc.boolean(),
    retainAsPublished: fc.boolean(),
    id: fc.constantFrom(0, 0, 1, 2, 3),
  }),
);
const step = fc.record({ filter, session: fc.nat(2), grant, isAdding: fc.constantFrom(true, true, false) });

/** In an order of its own. */
const sorted = (texts: string[]): string[] => texts.sort();

function told({ session, group, qos, grants, hasNoLocal, isRetainAsPublished, via }: Route): string {
  if (group !== null)
    return `${group.text} ${session} ${qos} ${grants.length} ${hasNoLocal} ${isRetainAsPublished} ${via}`;
  const ids = via === null ? "none" : `${[...via.subscriptionIds].sort()} ${via.group}`;
  return `${session?.clientId} ${qos} ${sorted(grants.map(grant => JSON.stringify(grant)))} ${hasNoLocal} ${isRetainAsPublished} ${ids}`;
}

function expected(clientId: string, grants: Grant[]): string {
  const ids = grants.flatMap(({ id }) => (id > 0 ? [id] : []));
  const qos = Math.max(...grants.map(({ qos }) => qos));
  const texts = sorted(grants.map(grant => JSON.stringify(grant)));
  const options = [grants.some(({ noLocal }) => noLocal), grants.some(each => each.retainAsPublished)];
  return `${clientId} ${qos} ${texts} ${options.join(" ")} ${ids.length > 0 ? `${ids.sort()} null` : "none"}`;
}

describe("the routes of a topic", () => {
  it("have every grant of a session in one, and each group once, after any adding and removing", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 25 }),
        fc.array(topic, { minLength: 1, maxLength: 4 }),
        (steps, topics) => {
          const subscriptions = new Subscriptions();
          const sessions = ["x", "y", "z"].map(name => new Session(name, true));
          const model = sessions.map(() => new Map<string, Grant>());
          const known = topics.map(topicOf);
          const remove = (filter: string, index: number): void => {
            const share = parseShare(filter);
            subscriptions.remove(share?.filter ?? filter, sessions[index], share);
          };
          for (const { filter, session, grant, isAdding } of steps) {
            const { version } = subscriptions;
            const share = parseShare(filter);
            if (isAdding) {
              const group = subscriptions.add(share?.filter ?? filter, sessions[session], grant, share);
              expect(group?.text ?? null).toBe(share === null ? null : filter);
              expect(group?.members.get(sessions[session]) ?? grant).toBe(grant);
            } else {
              remove(filter, session);
            }
            const isChange = isAdding || model[session].has(filter);
            expect(subscriptions.version).toBe(version + (isChange ? 1 : 0));
            if (isAdding) model[session].set(filter, grant);
            else model[session].delete(filter);
            const all = model.flatMap(filters => [...filters.keys()]);
            const shared = all.filter(filter => SHARE.test(filter));
            expect([subscriptions.count, subscriptions.sharedCount]).toEqual([all.length, shared.length]);
            for (const topic of known) {
              const direct = model.flatMap((filters, index) => {
                const grants = [...filters].flatMap(([filter, grant]) => {
                  return !SHARE.test(filter) && matches(filter, topic.text) ? [grant] : [];
                });
                return grants.length > 0 ? [expected(sessions[index].clientId, grants)] : [];
              });
              const groups = [...new Set(shared)].filter(text => matches(SHARE.exec(text)?.[2] ?? "", topic.text));
              const routes = subscriptions.match(topic);
              expect(sorted(routes.map(told))).toEqual(
                sorted([...direct, ...groups.map(text => `${text} null 0 0 false false null`)]),
              );
              // Nothing has changed since, so that it need not be looked for again.
              expect(subscriptions.match(topic)).toBe(routes);
            }
          }
          for (const [index, filters] of model.entries()) for (const filter of filters.keys()) remove(filter, index);
          expect([subscriptions.count, subscriptions.sharedCount]).toEqual([0, 0]);
          for (const topic of known) expect(subscriptions.match(topic)).toEqual([]);
        },
      ),
      { seed: 49, numRuns: 40 },
    );
  });

  it("are one more grant on a list that others share, and the others keep theirs", () => {
    const subscriptions = new Subscriptions();
    const [one, other] = ["one", "other"].map(name => new Session(name, true));
    for (const filter of ["a", "+", "#"]) subscriptions.add(filter, one, plainGrant(1));
    subscriptions.add("a", other, plainGrant(1));
    const grants = Object.fromEntries(
      subscriptions.match(topicOf("a")).map(({ session, grants }) => [session?.clientId, grants.length]),
    );
    expect(grants).toEqual({ one: 3, other: 1 });
    subscriptions.add("b", other, plainGrant(1));
    expect(
      subscriptions
        .match(topicOf("b"))
        .map(({ grants }) => grants.length)
        .sort(),
    ).toEqual([1, 2]);
  });
});

describe("the filter of a shared subscription (4.8.2)", () => {
  it.each([
    ["$share/g/t", "g", "t"],
    ["$share/g/t/#", "g", "t/#"],
    ["$share/g/#", "g", "#"],
    ["$share/g//", "g", "/"],
    ["$share/a b/+/t", "a b", "+/t"],
  ])("%s is of %s, for %s", (text, name, filter) => {
    expect(parseShare(text)).toEqual({ name, filter });
    expect(() => checkShare(text)).not.toThrow();
  });

  it.each(["t", "share/g/t", "$shared/g/t", "$shar", "$share", "a/$share/g/t", "$SHARE/g/t"])("%s is none", text => {
    expect(parseShare(text)).toBeNull();
    expect(() => checkShare(text)).not.toThrow();
  });

  it.each([
    ["$share/", "[MQTT-4.8.2-1] the share name of a shared subscription is empty"],
    ["$share//", "[MQTT-4.8.2-1] the share name of a shared subscription is empty"],
    ["$share//t", "[MQTT-4.8.2-1] the share name of a shared subscription is empty"],
    ["$share/g", "[MQTT-4.8.2-2] a shared subscription is $share/NAME/FILTER, its name without wildcards: '$share/g'"],
    ["$share/g/", "[MQTT-4.8.2-2]"],
    ["$share/#/t", "[MQTT-4.8.2-2]"],
    ["$share/g+/t", "[MQTT-4.8.2-2]"],
    ["$share/+", "[MQTT-4.8.2-2]"],
  ])("%s has the wrong form", (text, message) => {
    expect(parseShare(text)).toBeNull();
    expect(() => checkShare(text)).toThrow(message);
  });
});
