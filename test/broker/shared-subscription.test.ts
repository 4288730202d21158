/** Shared subscriptions (4.8.2): each message to one member, in turn, and to another when a member leaves. */
import { describe, expect, it } from "vitest";
import { type Client, World } from "./endpoint.ts";

function group(count: number, options = {}, qos: 0 | 1 | 2 = 1) {
  const world = new World(options);
  const members = Array.from({ length: count }, (_, index) => world.connect5(`m${index}`, { sessionExpiryS: 100 }));
  for (const member of members) member.subscribe("$share/g/t/#", qos);
  return { world, members, publisher: world.connect("p") };
}

const texts = (client: Client) => client.takeTexts().map(text => text.split("=")[1]);

describe("a shared subscription", () => {
  it.each([0, 1, 2] as const)("gives each message to one member, in turn, QoS %i", qos => {
    const { members, publisher } = group(3, {}, qos);
    for (let index = 0; index < 9; index++) {
      const packetId = publisher.publish("t/x", String(index), qos);
      if (qos === 2) publisher.send({ type: "PUBREL", packetId });
    }
    expect(members.map(texts)).toEqual([
      ["0", "3", "6"],
      ["1", "4", "7"],
      ["2", "5", "8"],
    ]);
  });

  it("is one group by name and filter, beside ordinary subscriptions [MQTT-4.8.2-3]", () => {
    const { world, members, publisher } = group(2);
    const other = world.connect5("other");
    other.subscribe("$share/h/t/#", 1);
    const plain = world.connect("plain");
    plain.subscribe("t/#", 1);
    for (const text of ["1", "2"]) publisher.publish("t", text, 1);
    expect(texts(other)).toEqual(["1", "2"]);
    expect(texts(plain)).toEqual(["1", "2"]);
    expect(members.flatMap(texts)).toEqual(["1", "2"]);
  });

  it("is granted each member's QoS [MQTT-4.8.2-4], and its identifier", () => {
    const world = new World();
    const member = world.connect5("m");
    member.subscribe5({ filter: "$share/g/t", qos: 0 }, { subscriptionIds: [9] });
    world.connect("p").publish("t", "x", 2);
    const publisher = world.connect("q");
    publisher.publish("t", "y", 1);
    expect(member.takePublishes()).toMatchObject([{ qos: 0, properties: { subscriptionIds: [9] } }]);
  });

  it("brings no retained messages", () => {
    const world = new World();
    world.connect("p").publish("t", "x", 0, true);
    const member = world.connect5("m");
    member.subscribe("$share/g/t");
    expect(member.takeAll()).toEqual([]);
  });

  it("passes over a member whose window is full or whose transport is congested", () => {
    const { world, members, publisher } = group(3, { maxInflight: 2 });
    world.broker.pause(members[2].connection);
    for (let index = 0; index < 4; index++) publisher.publish("t", String(index), 1);
    expect(members.map(texts)).toEqual([["0", "2"], ["1", "3"], []]);
  });

  it("passes over members that are away while one is there, and waits for them when none is", () => {
    const { world, members, publisher } = group(2);
    members[0].drop();
    for (const text of ["1", "2"]) publisher.publish("t", text, 1);
    expect(texts(members[1])).toEqual(["1", "2"]);
    for (const packetId of [1, 2]) members[1].send({ type: "PUBACK", packetId });
    members[1].drop();
    for (const text of ["3", "4"]) publisher.publish("t", text, 1);
    const back = [0, 1].map(index => world.connect5(`m${index}`, {}, { cleanSession: false }));
    expect(back.flatMap(texts).sort()).toEqual(["3", "4"]);
  });

  it("gives a leaving member's QoS 1 messages to another, those in flight and those that wait", () => {
    const { world, members, publisher } = group(2, { maxInflight: 2 });
    for (let index = 0; index < 8; index++) publisher.publish("t", String(index), 1);
    expect(members.map(texts)).toEqual([
      ["0", "2"],
      ["1", "3"],
    ]);
    members[0].drop();
    for (let packetId = 1; packetId <= 8; packetId++) members[1].send({ type: "PUBACK", packetId });
    expect(texts(members[1]).sort()).toEqual(["0", "2", "4", "5", "6", "7"]);
    expect(world.connect5("m0", {}, { cleanSession: false }).takeAll()).toEqual([]);
  });

  it("does so for clean sessions and for sessions that expire, to members that are away as well", () => {
    const world = new World();
    const clean = world.connect5("clean");
    clean.subscribe("$share/g/t", 1);
    world.connect("p").publish("t", "x", 1);
    expect(texts(clean)).toEqual(["x"]);
    const away = world.connect5("away", { sessionExpiryS: 1000 });
    away.subscribe("$share/g/t", 1);
    away.drop();
    clean.drop();
    expect(texts(world.connect5("away", {}, { cleanSession: false }))).toEqual(["x"]);
  });

  it("lets a message wait for a member that is there, however long another that is away has not been served", () => {
    const { world, members, publisher } = group(2, { maxInflight: 1 });
    members[1].drop();
    for (const text of ["1", "2", "3"]) publisher.publish("t", text, 1);
    for (const [packetId, text] of ["1", "2", "3"].entries()) {
      expect(texts(members[0])).toEqual([text]);
      members[0].send({ type: "PUBACK", packetId: packetId + 1 });
    }
    expect(world.connect5("m1", {}, { cleanSession: false }).takeAll()).toEqual([]);
  });

  it("leaves with a member what it was sent when nobody else is there", () => {
    const { world, members, publisher } = group(2);
    publisher.publish("t", "1", 1);
    publisher.publish("t", "2", 1);
    members[1].send({ type: "PUBACK", packetId: 1 });
    members[1].drop();
    members[0].drop();
    expect(world.connect5("m1", { sessionExpiryS: 100 }, { cleanSession: false }).takeAll()).toEqual([]);
    expect(world.connect5("m0", {}, { cleanSession: false }).takePublishes()).toMatchObject([
      { payload: new Uint8Array(Buffer.from("1")), isDup: true },
    ]);
  });

  it("leaves a QoS 2 message with the member that it was sent to [MQTT-4.8.2-5]", () => {
    const { world, members, publisher } = group(2, {}, 2);
    publisher.send({ type: "PUBREL", packetId: publisher.publish("t", "x", 2) });
    expect(texts(members[0])).toEqual(["x"]);
    members[0].drop();
    expect(members[1].takeAll()).toEqual([]);
    expect(world.connect5("m0", {}, { cleanSession: false }).takePublishes()).toMatchObject([{ isDup: true, qos: 2 }]);
  });

  it("gives a message that a member refuses to nobody else [MQTT-4.8.2-6]", () => {
    const { members, publisher } = group(2);
    publisher.publish("t", "x", 1);
    members[0].takeAll();
    members[0].send({ type: "PUBACK", packetId: 1, reasonCode: 0x80 });
    members[0].drop();
    expect(members[1].takeAll()).toEqual([]);
  });

  it("ends with UNSUBSCRIBE, member by member", () => {
    const { world, members, publisher } = group(2);
    members[0].send({ type: "UNSUBSCRIBE", packetId: 9, filters: ["$share/g/t/#"] });
    members[0].takeAll();
    for (const text of ["1", "2"]) publisher.publish("t", text, 1);
    expect(members.map(texts)).toEqual([[], ["1", "2"]]);
    members[1].send({ type: "UNSUBSCRIBE", packetId: 9, filters: ["$share/g/t/#"] });
    expect(world.broker.subscriptionCount).toBe(0);
  });

  it("of the wrong form is a filter like any other in 3.1.1, which knows no shares", () => {
    const world = new World();
    const client = world.connect("c");
    for (const filter of ["$share//a", "$share/g", "$share/g/", "$share/+/a"]) client.subscribe(filter);
    world.connect("p").publish("$share/x/a", "x");
    expect(client.takeTexts()).toEqual(["$share/x/a=x"]);
    client.drop();
    expect(world.broker.subscriptionCount).toBe(0);
  });

  it.each(["t", "t/#"])("ends with its last member, and no other of the filter %s does", filter => {
    const world = new World();
    const members = ["a", "b", "c"].map(name => world.connect5(name));
    const groups = ["g", "h", "i"].map(name => `$share/${name}/${filter}`);
    for (const [index, member] of members.entries()) member.subscribe(groups[index]);
    for (const [index, member] of members.entries()) {
      world.connect("p").publish("t", "x");
      expect(members.map(texts)).toEqual(members.map((_, other) => (other < index ? [] : ["x"])));
      member.send({ type: "UNSUBSCRIBE", packetId: 9, filters: [groups[index]] });
      member.takeAll();
    }
    expect(world.broker.subscriptionCount).toBe(0);
    members[0].subscribe(groups[1]);
    world.connect("p").publish("t", "y");
    expect(members.map(texts)).toEqual([["y"], [], []]);
  });

  it("is open to 3.1.1 clients too, as with mosquitto", () => {
    const world = new World();
    const members = [world.connect("a"), world.connect5("b")];
    for (const member of members) member.subscribe("$share/g/t");
    for (const text of ["1", "2"]) world.connect("p").publish("t", text);
    expect(members.map(texts)).toEqual([["1"], ["2"]]);
  });
});
