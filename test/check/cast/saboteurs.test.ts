/**
 * The checkers have power: a broker that breaks one promise now and then is found among a few dozen casts, by the checker of that promise.
 * The saboteurs are the reference broker with a hand on its packets.
 */
import { describe, expect, it } from "vitest";
import { Broker, type FaultHook, fault, type Packet, type Point } from "../../../host/broker/index.ts";
import { draw, type NewBroker, runPlan } from "../../../host/check/swarm/index.ts";

const CASTS_MOST = 60;

/** What the first cast that the saboteur fails with breaks. */
function found(point: Point, hook: FaultHook, promise: string): string[] {
  const newBroker: NewBroker = options => {
    const broker = new Broker(options);
    broker.at(point, hook);
    return broker;
  };
  let castCount = 0;
  for (let seed = 1; castCount < CASTS_MOST; seed += 1) {
    const plan = draw(seed);
    if (plan.cast === undefined) continue;
    castCount += 1;
    const broken = runPlan(plan, newBroker).broken.filter(text => text.startsWith(promise));
    if (broken.length > 0) return broken;
  }
  return [];
}

/** Some packets of the union are of two types. */
type Of<Type extends Packet["type"], One = Packet> = One extends { type: infer Types }
  ? Type extends Types
    ? One
    : never
  : never;

/** Another packet in the place of every one that `change` answers for. */
function changed<Type extends Packet["type"]>(type: Type, change: (packet: Of<Type>) => Packet | undefined): FaultHook {
  return ({ packet }) => {
    if (packet === null || packet.type !== type) return undefined;
    const other = change(packet as Of<Type>);
    return other === undefined ? undefined : fault.replace(other);
  };
}

const every =
  (period: number, what: ReturnType<FaultHook>): FaultHook =>
  ({ index }) =>
    index % period === period - 1 ? what : undefined;

describe("a broker that", () => {
  it("acknowledges what it throws away", () => {
    // Acknowledged by the hook: to the client, PUBACK comes; to the broker, nothing ever came.
    const hook: FaultHook = ({ packet, index }) =>
      packet?.type === "PUBLISH" && packet.qos > 0 && !packet.isRetain && index % 20 === 19
        ? fault.replace({ ...packet, topic: packet.topic === "" ? "" : `elsewhere/${index}` })
        : undefined;
    expect(found("received PUBLISH", hook, "at least once")).not.toEqual([]);
  });

  it("delivers at QoS 0 twice", () => {
    const hook: FaultHook = ({ packet, index }) =>
      packet?.type === "PUBLISH" && packet.qos === 0 && index % 10 === 9 ? fault.duplicate() : undefined;
    expect(found("sent PUBLISH", hook, "at most once")).not.toEqual([]);
  });

  it("forgets the identifier of a QoS 2 message", () => {
    const hook: FaultHook = ({ packet, index }) =>
      packet?.type === "PUBLISH" && packet.qos === 2 && index % 10 === 9
        ? fault.replace(packet, { type: "PUBREL", packetId: packet.packetId }, packet)
        : undefined;
    expect(found("received PUBLISH", hook, "at most once")).not.toEqual([]);
  });

  it("lets a message overtake another", () => {
    expect(found("received PUBLISH", every(10, fault.reorder(3)), "order")).not.toEqual([]);
  });

  it("changes a payload", () => {
    const hook = changed("PUBLISH", packet =>
      packet.payload.length > 20
        ? { ...packet, payload: packet.payload.subarray(0, packet.payload.length - 1) }
        : undefined,
    );
    expect(found("sent PUBLISH", hook, "integrity")).not.toEqual([]);
  });

  it("grants more than was asked for", () => {
    const hook = changed("SUBSCRIBE", packet => ({
      ...packet,
      subscriptions: packet.subscriptions.map(request => ({ ...request, qos: 2 as const })),
    }));
    expect(found("received SUBSCRIBE", hook, "integrity")).not.toEqual([]);
  });

  it("keeps nothing that is to be retained", () => {
    const hook = changed("PUBLISH", packet => (packet.isRetain ? { ...packet, isRetain: false } : undefined));
    expect(found("received PUBLISH", hook, "retained")).not.toEqual([]);
  });

  it("keeps what is retained although it is ended", () => {
    const hook = changed("PUBLISH", packet =>
      packet.isRetain && packet.payload.length === 0 ? { ...packet, isRetain: false } : undefined,
    );
    expect(found("received PUBLISH", hook, "retained")).not.toEqual([]);
  });

  it("publishes a will after a goodbye", () => {
    const hook = changed("DISCONNECT", packet => ({ ...packet, reasonCode: 4 }));
    expect(found("received DISCONNECT", hook, "will")).not.toEqual([]);
  });

  it("never publishes a will", () => {
    const hook = changed("CONNECT", packet => ({ ...packet, will: undefined }));
    expect(found("received CONNECT", hook, "will")).not.toEqual([]);
  });

  it("does not wait for a will's delay", () => {
    const hook = changed("CONNECT", packet =>
      packet.will?.properties?.willDelayS
        ? { ...packet, will: { ...packet.will, properties: { ...packet.will.properties, willDelayS: 0 } } }
        : undefined,
    );
    expect(found("received CONNECT", hook, "will")).not.toEqual([]);
  });

  it.each(["will", "keep-alive"])("waits for ever for a client that is silent, by its %s", promise => {
    const hook = changed("CONNECT", packet => ({ ...packet, keepAliveS: 0 }));
    expect(found("received CONNECT", hook, promise)).not.toEqual([]);
  });

  it.each([
    ["waits twice as long for it", 2],
    ["waits half as long for it", 0.5],
  ])("%s", (_name, factor) => {
    const hook = changed("CONNECT", packet => ({ ...packet, keepAliveS: packet.keepAliveS * factor }));
    expect(found("received CONNECT", hook, "keep-alive [MQTT-3.1.2-22]")).not.toEqual([]);
  });

  it("does not answer PINGREQ", () => {
    const hook: FaultHook = ({ packet }) => (packet?.type === "PINGRESP" ? fault.drop : undefined);
    expect(found("sent PINGRESP", hook, "keep-alive [MQTT-3.12.4-1]")).not.toEqual([]);
  });

  it("keeps no session", () => {
    const hook = changed("CONNECT", packet => ({ ...packet, cleanSession: true }));
    expect(found("received CONNECT", hook, "session")).not.toEqual([]);
  });

  it("never forgets a session", () => {
    const hook = changed("CONNECT", packet =>
      packet.properties?.sessionExpiryS === undefined || packet.properties.sessionExpiryS === 0
        ? undefined
        : { ...packet, properties: { ...packet.properties, sessionExpiryS: 0xffff_ffff } },
    );
    expect(found("received CONNECT", hook, "session")).not.toEqual([]);
  });

  it("sends an expiry as it came", () => {
    let last: number | undefined;
    const hook = changed("PUBLISH", packet => {
      const left = packet.properties?.messageExpiryS;
      last = left === undefined ? last : Math.max(left, last ?? 0);
      return left === undefined ? undefined : { ...packet, properties: { ...packet.properties, messageExpiryS: 30 } };
    });
    expect(found("sent PUBLISH", hook, "message expiry")).not.toEqual([]);
    expect(last).toBeDefined();
  });

  it("gives a message to everybody who shares", () => {
    const hook = changed("SUBSCRIBE", packet => ({
      ...packet,
      subscriptions: packet.subscriptions.map(request => ({
        ...request,
        filter: request.filter.replace("$share/crew/", ""),
      })),
    }));
    expect(found("received SUBSCRIBE", hook, "shared")).not.toEqual([]);
  });

  it("gives a message to nobody who shares", () => {
    const hook = changed("SUBSCRIBE", packet => ({
      ...packet,
      subscriptions: packet.subscriptions.map(request => ({
        ...request,
        filter: request.filter.replace("/crew/", "/crew/x/"),
      })),
    }));
    expect(found("received SUBSCRIBE", hook, "shared")).not.toEqual([]);
  });

  it("sends more at once than the client takes", () => {
    const hook = changed("CONNECT", packet =>
      packet.properties === undefined
        ? undefined
        : { ...packet, properties: { ...packet.properties, receiveMaximum: undefined } },
    );
    expect(found("received CONNECT", hook, "flow control")).not.toEqual([]);
  });

  it("answers nothing any more", () => {
    expect(found("sent PUBACK", () => fault.drop, "liveness")).not.toEqual([]);
  });
});
