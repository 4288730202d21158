/**
 * Each checker by itself, on histories of a few lines: what keeps a promise is not accused, what breaks it is, and what nobody can know is
 * let be.
 */
import { describe, expect, it } from "vitest";
import { ear, end, type Line, mouth, promises } from "./lines.ts";

describe("delivery", () => {
  const said: Line[] = [
    [20, "mouth", "publish", 1, { id: "1" }],
    [21, "mouth", "published", 1, { id: "1" }],
  ];
  it("acknowledged and delivered is as it should be", () => {
    expect(promises(...ear(), ...mouth, ...said, [22, "ear", "received", 90, { id: "1" }], end)).toEqual([]);
  });
  it("acknowledged and never delivered", () => {
    expect(promises(...ear(), ...mouth, ...said, end)).toEqual(["at least once"]);
  });
  it("never acknowledged: nobody knows", () => {
    expect(promises(...ear(), ...mouth, said[0], end)).toEqual([]);
  });
  it("refused: nothing was promised", () => {
    const refused: Line = [21, "mouth", "published", 1, { id: "1", reasonCode: 0x97 }];
    expect(promises(...ear(), ...mouth, said[0], refused, end)).toEqual([]);
  });
  it("subscribed at QoS 0: nothing was promised", () => {
    expect(promises(...ear("a", 0), ...mouth, ...said, end)).toEqual([]);
  });
  it("the subscriber's session is gone: nothing was promised", () => {
    const gone: Line[] = [
      [30, "ear", "ended", 90],
      [400_000, "ear", "connecting", 91],
      [400_001, "ear", "connected", 91],
    ];
    expect(promises(...ear(), ...mouth, ...said, ...gone, end)).toEqual([]);
  });
  it("twice is right at QoS 1 and wrong at QoS 2", () => {
    const twice: Line[] = [22, 23].map(atMs => [atMs, "ear", "received", 90, { id: "1" }]);
    expect(promises(...ear(), ...mouth, ...said, ...twice, end)).toEqual([]);
    const [publish, published] = said;
    const two: Line = [publish[0], publish[1], publish[2], publish[3], { id: "1", qos: 2 }];
    const received = twice.map(([atMs]): Line => [atMs, "ear", "received", 90, { id: "1", qos: 2 }]);
    expect(promises(...ear("a", 2), ...mouth, two, published, ...received, end)).toEqual(["at most once"]);
  });
  it("out of order", () => {
    const more: Line[] = [
      [20, "mouth", "publish", 1, { id: "1" }],
      [21, "mouth", "publish", 1, { id: "2" }],
      [22, "ear", "received", 90, { id: "2" }],
      [23, "ear", "received", 90, { id: "1" }],
    ];
    expect(promises(...ear(), ...mouth, ...more, end)).toEqual(["order"]);
    // The second copy of a message that has come in its place is no disorder.
    const again: Line[] = [...more.slice(0, 2), [22, "ear", "received", 90, { id: "1" }], ...more.slice(2)];
    expect(promises(...ear(), ...mouth, ...again, end)).toEqual([]);
  });
  it("what was sent again is in no order for who may have missed its first copy", () => {
    const more = (connection: number, qos: number): Line[] => [
      [20, "mouth", "publish", 1, { id: "1" }],
      [21, "mouth", "publish", 1, { id: "2" }],
      [22, "ear", "received", 90, { id: "2", qos }],
      [23, "ear", "received", 90, { id: "1", qos }],
      [24, "mouth", "published", connection, { id: "1" }],
      [25, "mouth", "published", connection, { id: "2" }],
    ];
    expect(promises(...ear("a", 0), ...mouth, ...more(2, 0), end)).toEqual([]);
    expect(promises(...ear("a", 0), ...mouth, ...more(1, 0), end)).toEqual(["order"]);
    expect(promises(...ear("a", 1), ...mouth, ...more(2, 1), end)).toEqual(["order"]);
  });
  it.each([
    ["nobody has published it", { id: "7" }],
    ["the payload is another", { id: "1", isDamaged: true }],
    ["the topic is another, and none that was asked for", { id: "1", topic: "b" }],
    ["the QoS is more than was published", { id: "1", qos: 2 }],
  ])("%s", (_name, rest) => {
    expect(
      promises(
        ...ear(),
        ...mouth,
        ...said,
        [22, "ear", "received", 90, { id: "1" }],
        [23, "ear", "received", 90, rest],
        end,
      ),
    ).toContain("integrity");
  });
});

describe("retained messages", () => {
  const kept = (id: string, atMs: number, rest: object = {}): Line[] => [
    [atMs, "mouth", "publish", 1, { id, topic: "s", retain: true, ...rest }],
    [atMs + 1, "mouth", "published", 1, { id }],
  ];
  const visit = (...received: object[]): Line[] => [
    [1000, "visitor", "connecting", 80],
    [1001, "visitor", "connected", 80],
    [1002, "visitor", "subscribe", 80, { filter: "s", qos: 1 }],
    [1003, "visitor", "subscribed", 80, { filter: "s", granted: 1 }],
    ...received.map((rest): Line => [1004, "visitor", "received", 80, { topic: "s", retain: true, ...rest }]),
  ];
  it("the latest comes", () => {
    expect(promises(...mouth, ...kept("1", 20), ...kept("2", 30), ...visit({ id: "2" }), end)).toEqual([]);
  });
  it("none comes, an old one comes, both come", () => {
    const before = [...mouth, ...kept("1", 20), ...kept("2", 30)];
    expect(promises(...before, ...visit(), end)).toEqual(["retained"]);
    expect(promises(...before, ...visit({ id: "1" }), end)).toEqual(["retained"]);
    expect(promises(...before, ...visit({ id: "1" }, { id: "2" }), end)).toContain("retained");
  });
  it("what was ended does not come", () => {
    const before = [...mouth, ...kept("1", 20), ...kept("2", 30, { isEmpty: true })];
    expect(promises(...before, ...visit(), end)).toEqual([]);
    expect(promises(...before, ...visit({ id: "1" }), end)).toEqual(["retained"]);
  });
  it("one that is published meanwhile makes either right", () => {
    const meanwhile: Line = [1002, "mouth", "publish", 1, { id: "3", topic: "s", retain: true }];
    const [connecting, connected, subscribe, ...rest] = visit({ id: "1" });
    const around = [...mouth, ...kept("1", 20), connecting, connected, subscribe, meanwhile];
    expect(promises(...around, ...rest, end)).toEqual([]);
    expect(promises(...around, rest[0], end)).toEqual([]);
  });
});

describe("wills", () => {
  const will = { id: "w", topic: "w", qos: 2, delayS: 0 };
  const dying = (how: string, rest: object = {}): Line[] => [
    [8, "mouth", "connecting", 1, { will: { ...will, ...rest } }],
    [9, "mouth", "connected", 1],
    [5000, "mouth", "ended", 1, { how }],
  ];
  const heard = (atMs: number): Line => [atMs, "ear", "received", 90, { id: "w", topic: "w", qos: 2 }];

  it("lost and heard once is right; never, or twice, is not", () => {
    expect(promises(...ear("w", 2), ...dying("vanished"), heard(20_000), end)).toEqual([]);
    expect(promises(...ear("w", 2), ...dying("vanished"), end)).toEqual(["will"]);
    expect(promises(...ear("w", 2), ...dying("vanished"), heard(20_000), heard(20_001), end)).toEqual(["will"]);
  });
  it("after a goodbye there is none; after one that may have been lost, nobody knows", () => {
    expect(promises(...ear("w", 2), ...dying("goodbye"), heard(20_000), end)).toEqual(["will"]);
    expect(promises(...ear("w", 2), ...dying("goodbye"), end)).toEqual([]);
    expect(promises(...ear("w", 2), ...dying("unsure"), end)).toEqual([]);
    expect(promises(...ear("w", 2), ...dying("unsure"), heard(20_000), end)).toEqual([]);
  });
  it("while the client is there, there is none", () => {
    expect(promises(...ear("w", 2), ...dying("lost").slice(0, 2), heard(9000), end)).toEqual(["will"]);
  });
  it("not before the delay is over, and not for a client that is back by then", () => {
    const alive: Line[] = [
      [4000, "mouth", "publish", 1, { id: "1" }],
      [4001, "mouth", "published", 1, { id: "1" }],
    ];
    const [connecting, connected, ended] = dying("lost", { delayS: 20 });
    const late = [...ear("w", 2), connecting, connected, ...alive, ended];
    // Heard too early, and never when it was due.
    expect(promises(...late, heard(23_999), end)).toEqual(["will", "will"]);
    expect(promises(...late, heard(24_000), end)).toEqual([]);
    const back: Line[] = [
      [6000, "mouth", "connecting", 2],
      [6001, "mouth", "connected", 2, { isPresent: true }],
    ];
    expect(promises(...late, ...back, heard(30_000), end)).toEqual(["will"]);
    expect(promises(...late, ...back, end)).toEqual([]);
  });
  it("a server that was down may be late", () => {
    const down: Line[] = [
      [6000, "", "server down", 0],
      [700_000, "", "server up", 0],
    ];
    expect(promises(...ear("w", 2), ...dying("vanished"), ...down, heard(700_100), end)).toEqual([]);
    expect(promises(...ear("w", 2), ...dying("vanished"), ...down, end)).toEqual(["will"]);
  });
});

describe("sessions", () => {
  const again = (atMs: number, isPresent: boolean, rest: object = {}): Line[] => [
    ...mouth,
    [100, "mouth", "ended", 1, { how: "goodbye" }],
    [atMs, "mouth", "connecting", 2, rest],
    [atMs + 1, "mouth", "connected", 2, { isPresent }],
  ];
  it("kept for as long as was asked", () => {
    expect(promises(...again(50_000, true))).toEqual([]);
    expect(promises(...again(50_000, false))).toEqual(["session"]);
  });
  it("and no longer", () => {
    expect(promises(...again(70_000, false))).toEqual([]);
    expect(promises(...again(70_000, true))).toEqual(["session"]);
  });
  it("about the end of it either is right", () => {
    for (const isPresent of [true, false]) expect(promises(...again(60_500, isPresent))).toEqual([]);
  });
  it("a clean one is new", () => {
    expect(promises(...again(200, true, { clean: true }))).toEqual(["session"]);
    expect(promises(...again(200, false, { clean: true }))).toEqual([]);
  });
  it("nobody has one on a first connection", () => {
    expect(promises(mouth[0], [9, "mouth", "connected", 1, { isPresent: true }])).toEqual(["session"]);
  });
});

describe("message expiry", () => {
  const brief: Line[] = [
    [100, "mouth", "publish", 1, { id: "1", expiryS: 10 }],
    [101, "mouth", "published", 1, { id: "1" }],
  ];
  const heard = (atMs: number, expiryS?: number): Line => [atMs, "ear", "received", 90, { id: "1", expiryS }];
  it.each([
    ["at once", 102, 10, []],
    ["what is left", 4101, 6, []],
    ["more than is left", 7101, 10, ["message expiry"]],
    ["less than is left", 2101, 3, ["message expiry"]],
    ["without an expiry", 102, undefined, ["message expiry"]],
    ["too late", 30_000, 1, ["message expiry"]],
  ])("%s", (_name, atMs, expiryS, expected) => {
    expect(promises(...ear(), ...mouth, ...brief, heard(atMs, expiryS))).toEqual(expected);
  });
  it("what has expired need not come", () => {
    expect(promises(...ear(), ...mouth, ...brief, end)).toEqual([]);
  });
});

describe("shared subscriptions", () => {
  const crew = [...ear("$share/crew/a", 2, "one", 91), ...ear("$share/crew/a", 2, "two", 92)].sort(
    ([one], [two]) => one - two,
  );
  const said: Line[] = [
    [20, "mouth", "publish", 1, { id: "1", qos: 2 }],
    [21, "mouth", "published", 1, { id: "1" }],
  ];
  const heard = (client: string, connection: number): Line => [22, client, "received", connection, { id: "1", qos: 2 }];
  it("one gets it; none, or both, is wrong", () => {
    expect(promises(...crew, ...mouth, ...said, heard("two", 92), end)).toEqual([]);
    expect(promises(...crew, ...mouth, ...said, end)).toEqual(["shared"]);
    expect(promises(...crew, ...mouth, ...said, heard("one", 91), heard("two", 92), end)).toEqual(["shared"]);
  });
});

describe("flow control", () => {
  const flow = { sentMost: 3, sentLimit: 3, receivedMost: 4, receivedLimit: 5 };
  it("up to the limit, and not beyond", () => {
    expect(promises(...mouth, [20, "mouth", "ended", 1, { flow }])).toEqual([]);
    expect(promises(...mouth, [20, "mouth", "ended", 1, { flow: { ...flow, sentMost: 4 } }])).toEqual(["flow control"]);
    expect(promises(...mouth, [20, "mouth", "ended", 1, { flow: { ...flow, receivedMost: 6 } }])).toEqual([
      "flow control",
    ]);
  });
});
