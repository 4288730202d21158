/** Topic aliases both ways (3.3.2.3.4). */
import { describe, expect, it } from "vitest";
import { AliasTable } from "../../host/broker/aliases.ts";
import { World } from "./endpoint.ts";

describe("aliases of a client", () => {
  it("stand for a topic until they are given to another [MQTT-3.3.2-7]", () => {
    const world = new World();
    const watcher = world.connect("watcher");
    watcher.subscribe("#");
    const client = world.connect5("c");
    client.publish5("first", "1", { topicAlias: 10 });
    client.publish5("", "2", { topicAlias: 10 });
    client.publish5("second", "3", { topicAlias: 10 });
    client.publish5("", "4", { topicAlias: 10 });
    expect(watcher.takeTexts()).toEqual(["first=1", "first=2", "second=3", "second=4"]);
  });

  it("end with the connection [MQTT-3.3.2-7], and are each client's own", () => {
    const world = new World();
    const options = { sessionExpiryS: 100 };
    const client = world.connect5("c", options);
    client.publish5("t", "1", { topicAlias: 1 });
    const other = world.connect5("other");
    other.publish5("", "2", { topicAlias: 1 });
    expect(other.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x82 }]);
    client.drop();
    const back = world.connect5("c", options, { cleanSession: false });
    back.publish5("", "3", { topicAlias: 1 });
    expect(back.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x82 }]);
  });
});

describe("aliases of the server", () => {
  const topics = (client: ReturnType<World["connect5"]>) =>
    client.takePublishes().map(({ topic, properties }) => `${topic}#${properties?.topicAlias ?? 0}`);

  it("come with the first PUBLISH and replace the topic from then on", () => {
    const world = new World();
    const client = world.connect5("c", { topicAliasMaximum: 5 });
    client.subscribe("#", 1);
    const publisher = world.connect("p");
    for (const topic of ["sensors/1", "sensors/2", "sensors/1", "sensors/2"]) publisher.publish(topic, "x", 1);
    expect(topics(client)).toEqual(["sensors/1#1", "sensors/2#2", "#1", "#2"]);
  });

  it("are not given to a client that takes none [MQTT-3.1.2-27], nor for a topic as short as they are", () => {
    const world = new World();
    const clients = [world.connect5("a"), world.connect5("b", { topicAliasMaximum: 5 })];
    for (const client of clients) client.subscribe("#");
    for (let round = 0; round < 2; round++) world.connect("p").publish("abc", "x");
    for (const client of clients) expect(topics(client)).toEqual(["abc#0", "abc#0"]);
  });

  it("are no more than the client takes [MQTT-3.1.2-26] nor than the server spends", () => {
    for (const [options, topicAliasMaximum, most] of [
      [{}, 3, 3],
      [{ maxOutboundTopicAlias: 2 }, 65_535, 2],
      [{ maxOutboundTopicAlias: 0 }, 65_535, 0],
    ] as const) {
      const world = new World(options);
      const client = world.connect5("c", { topicAliasMaximum });
      client.subscribe("#");
      const publisher = world.connect("p");
      for (let index = 0; index < 500; index++) publisher.publish(`topics/${(index * index) % 17}`, "x");
      const aliases = client.takePublishes().map(({ properties }) => properties?.topicAlias ?? 0);
      expect(Math.max(...aliases)).toBe(most);
    }
  });

  it("always say what was published, whoever comes and goes", () => {
    const world = new World();
    const client = world.connect5("c", { topicAliasMaximum: 4 });
    client.subscribe("#");
    const publisher = world.connect("p");
    const learnt = new Map<number, string>();
    const sent: string[] = [];
    for (let index = 0; index < 2000; index++) {
      sent.push(`fleet/${index % 7 < 3 ? index % 3 : (index * 7919) % 41}`);
      publisher.publish(sent[index], "x");
    }
    let aliasedCount = 0;
    const got = client.takePublishes().map(({ topic, properties }) => {
      const alias = properties?.topicAlias ?? 0;
      if (alias > 0 && topic !== "") learnt.set(alias, topic);
      if (topic === "") aliasedCount++;
      return topic === "" ? learnt.get(alias) : topic;
    });
    expect(got).toEqual(sent);
    // The three steady topics make three in seven.
    expect(aliasedCount).toBeGreaterThan(700);
  });

  it("begin anew with each connection, for what is sent again as well", () => {
    const world = new World();
    const options = { sessionExpiryS: 100, topicAliasMaximum: 5 };
    const client = world.connect5("c", options);
    client.subscribe("#", 1);
    const publisher = world.connect("p");
    publisher.publish("sensors/1", "x", 1);
    publisher.publish("sensors/1", "x", 1);
    client.takeAll();
    client.drop();
    const back = world.connect5("c", options, { cleanSession: false });
    expect(topics(back)).toEqual(["sensors/1#1", "#1"]);
  });
});

describe("the table", () => {
  it("keeps topics in steady use and lets those go that are over", () => {
    const table = new AliasTable(2);
    const use = (topic: string): string => {
      const known = table.known(topic);
      if (known > 0) return `known ${known}`;
      const alias = table.offer();
      if (alias > 0) table.give(alias, topic);
      return alias > 0 ? `new ${alias}` : "none";
    };
    expect(["a", "b", "a", "a", "c", "c", "c", "a"].map(use)).toEqual([
      "new 1",
      "new 2",
      "known 1",
      "known 1",
      "none",
      "none",
      "none",
      "known 1",
    ]);
    expect(use("c")).toBe("new 2");
    expect(use("b")).toBe("none");
    expect(use("c")).toBe("known 2");
  });

  it("spares a topic once for each time that it was used, and seven times at most", () => {
    for (let useCount = 0; useCount < 10; useCount++) {
      const table = new AliasTable(1);
      table.give(1, "a");
      for (let count = 0; count < useCount; count++) expect(table.known("a")).toBe(1);
      const spared = Math.min(1 + useCount, 7);
      expect(Array.from({ length: spared + 1 }, () => table.offer())).toEqual([...Array(spared).fill(0), 1]);
      table.give(1, "b");
      expect([table.known("a"), table.known("b")]).toEqual([0, 1]);
    }
  });

  it("asks its topics in turn which of them goes", () => {
    const table = new AliasTable(3);
    for (const [index, topic] of ["a", "b", "c"].entries()) {
      // The same until it is given.
      expect([table.offer(), table.offer()]).toEqual([index + 1, index + 1]);
      table.give(index + 1, topic);
    }
    expect([table.offer(), table.offer(), table.offer()]).toEqual([0, 0, 0]);
    // The three offers took a point from each topic; the first gets one back.
    table.known("a");
    expect([table.offer(), table.offer()]).toEqual([0, 2]);
    table.give(2, "d");
    expect([table.offer(), table.offer()]).toEqual([3, 1]);
    expect(["a", "b", "c", "d", "e"].map(topic => table.known(topic))).toEqual([1, 0, 3, 2, 0]);
  });
});
