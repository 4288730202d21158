/** Enhanced authentication (4.12): the exchange by a method of the test's own, then SCRAM-SHA-256. */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AuthenticationMethod } from "../../host/broker/options.ts";
import { SCRAM_SHA_256, scramSha256, scramVerifier } from "../../host/broker/scram.ts";
import { type Client, connectPacket, World } from "./endpoint.ts";

/** Asks for each of the given words in turn. */
function words(...expected: string[]): AuthenticationMethod {
  return () => {
    const left = [...expected];
    return {
      next: data => {
        if (Buffer.from(data ?? []).toString() !== left.shift()) return { status: "failure", reason: "a wrong word" };
        if (left.length === 0) return { status: "success", data: Buffer.from("welcome") };
        return { status: "continue", data: Buffer.from(`${left.length} more`) };
      },
    };
  };
}

const method = "words";
const say = (word: string) => ({
  authenticationMethod: method,
  authenticationData: Uint8Array.from(Buffer.from(word)),
});

function begin(world: World, word: string): Client {
  const client = world.open(5);
  client.send(connectPacket("c", { level: 5, properties: say(word) }));
  return client;
}

const worldOf = (...expected: string[]) =>
  new World({ authenticationMethods: new Map([[method, words(...expected)]]), allowAnonymous: false });

describe("an enhanced authentication", () => {
  it("goes step by step before CONNACK [MQTT-4.12.0-2] [MQTT-4.12.0-5]", () => {
    const world = worldOf("one", "two", "three");
    const client = begin(world, "one");
    expect(client.takeAll()).toEqual([{ type: "AUTH", reasonCode: 0x18, properties: say("2 more") }]);
    client.send({ type: "AUTH", reasonCode: 0x18, properties: say("two") });
    expect(client.takeAll()).toEqual([{ type: "AUTH", reasonCode: 0x18, properties: say("1 more") }]);
    expect(world.broker.sessionCount).toBe(0);
    client.send({ type: "AUTH", reasonCode: 0x18, properties: say("three") });
    expect(client.takeAll()).toMatchObject([{ type: "CONNACK", returnCode: 0, properties: say("welcome") }]);
    client.publish("t", "x", 1);
    expect(client.takeAll()).toMatchObject([{ type: "PUBACK" }]);
  });

  it("that does not fit the client's packets ends [MQTT-3.1.2-24], before CONNACK and after", () => {
    const world = worldOf("one", "two");
    const client = world.open(5);
    client.send(connectPacket("c", { level: 5, properties: { ...say("one"), maximumPacketSize: 12 } }));
    expect(client.takeAll()).toMatchObject([{ type: "CONNACK", returnCode: 0x95 }]);
    expect(client.closeReason).toBe("[MQTT-3.1.2-24] AUTH is larger than the client's 12 bytes");
  });

  it("that fails is answered by CONNACK and the end [MQTT-4.12.0-4]", () => {
    const client = begin(worldOf("one", "two"), "one");
    client.takeAll();
    client.send({ type: "AUTH", reasonCode: 0x18, properties: say("wrong") });
    expect(client.takeAll()).toMatchObject([{ type: "CONNACK", returnCode: 0x87 }]);
    expect(client.closeReason).toBe("[MQTT-4.12.0-4] a wrong word");
  });

  it.each([
    ["PUBLISH", "MQTT-3.1.2-30", Uint8Array.of(0x30, 4, 0, 1, 0x74, 0)],
    ["a second CONNECT", "MQTT-3.1.0-2", Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 5, 2, 0, 0, 0, 0, 0)],
    ["another method", "MQTT-4.12.0-5", Uint8Array.of(0xf0, 6, 0x18, 4, 0x15, 0, 1, 0x78)],
    ["a re-authentication", "MQTT-4.12.0-3", Uint8Array.of(0xf0, 10, 0x19, 8, 0x15, 0, 5, ...Buffer.from(method))],
  ])("takes no %s in between [%s]", (_what, rule, bytes) => {
    const client = begin(worldOf("one", "two"), "one");
    client.takeAll();
    client.sendBytes(bytes);
    expect(client.takeAll()).toMatchObject([{ type: "CONNACK", returnCode: 0x82 }]);
    expect(client.closeReason?.startsWith(`[${rule}] `)).toBe(true);
  });

  it("may be broken off, or take too long", () => {
    const world = worldOf("one", "two");
    const leaving = begin(world, "one");
    leaving.takeAll();
    leaving.send({ type: "DISCONNECT", properties: { sessionExpiryS: 0 } });
    expect(leaving.takeAll()).toEqual([]);
    const slow = begin(world, "one");
    world.advance(60_001);
    expect(slow.closeReason).toMatch(/^\[limit\]/);
    expect([world.broker.connectionCount, world.broker.sessionCount]).toEqual([0, 0]);
  });

  it("may be repeated, and ends the connection when it fails [MQTT-4.12.1-2]", () => {
    const world = worldOf("one");
    const client = begin(world, "one");
    client.takeAll();
    client.send({ type: "AUTH", reasonCode: 0x19, properties: say("one") });
    expect(client.takeAll()).toEqual([{ type: "AUTH", reasonCode: 0, properties: say("welcome") }]);
    client.send({ type: "AUTH", reasonCode: 0x19, properties: say("wrong") });
    expect(client.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x87 }]);
    expect(client.closeReason).toBe("[MQTT-4.12.1-2] a wrong word");
  });
});

describe("an AUTH", () => {
  const methods = new Map([["words", words("one", "two")]]);

  it("without a method ends the connection (3.15.2.2.2)", () => {
    for (const bytes of [
      [0xf0, 0],
      [0xf0, 1, 0x19],
      [0xf0, 2, 0x19, 0],
    ]) {
      const world = worldOf("one");
      const client = begin(world, "one");
      client.takeAll();
      client.sendBytes(Uint8Array.from(bytes));
      expect(client.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x82 }]);
      expect(client.closeReason).toBe("[MQTT 3.15.2.2.2] AUTH without an authentication method");
    }
  });

  it("is nothing for a client that named no method [MQTT-4.12.0-7], nor in 3.1.1", () => {
    const five = new World({ authenticationMethods: methods }).connect5("c");
    five.send({ type: "AUTH", reasonCode: 0x19, properties: say("one") });
    expect(five.closeReason).toBe("[MQTT-4.12.0-7] AUTH, but CONNECT named no authentication method");
    const old = new World({ authenticationMethods: methods }).connect("c");
    old.sendBytes(Uint8Array.of(0xf0, 0));
    expect(old.closeReason).toBe("[MQTT 2.2.1] 15 is a reserved packet type");
  });

  it("says nothing out of turn [MQTT-4.12.0-3]", () => {
    const world = new World({ authenticationMethods: new Map([["words", words("one")]]) });
    const client = begin(world, "one");
    client.takeAll();
    client.send({ type: "AUTH", reasonCode: 0x18, properties: say("one") });
    expect(client.closeReason).toBe("[MQTT-4.12.0-3] AUTH says continue authentication");
  });

  it("of several steps goes on after CONNACK as before it", () => {
    const world = worldOf("one", "two");
    const client = begin(world, "one");
    client.send({ type: "AUTH", reasonCode: 0x18, properties: say("two") });
    client.takeAll();
    client.send({ type: "AUTH", reasonCode: 0x19, properties: say("one") });
    expect(client.takeAll()).toEqual([{ type: "AUTH", reasonCode: 0x18, properties: say("1 more") }]);
    client.publish("t", "x", 1);
    expect(client.takeAll()).toMatchObject([{ type: "PUBACK" }]);
    client.send({ type: "AUTH", reasonCode: 0x18, properties: say("two") });
    expect(client.takeAll()).toEqual([{ type: "AUTH", reasonCode: 0, properties: say("welcome") }]);
  });

  it("begins with who asks, and the name and password of CONNECT the first time", () => {
    const asked: unknown[] = [];
    const method: AuthenticationMethod = credentials => {
      asked.push(credentials);
      return { next: () => ({ status: "success" }) };
    };
    const world = new World({ authenticationMethods: new Map([["words", method]]) });
    const secrets = { username: "ann", password: Buffer.from("p") };
    const client = world.connect5("c", { authenticationMethod: "words" }, secrets);
    expect(client.properties).not.toHaveProperty("authenticationData");
    client.send({ type: "AUTH", reasonCode: 0x19, properties: { authenticationMethod: "words" } });
    const properties = { authenticationMethod: "words" };
    expect(client.takeAll()).toEqual([{ type: "AUTH", reasonCode: 0, properties }]);
    expect(asked).toEqual([
      { clientId: "c", username: "ann", password: new Uint8Array(Buffer.from("p")), peer: "unknown" },
      { clientId: "c", username: undefined, password: undefined, peer: "unknown" },
    ]);
  });

  it("fits the client to the byte [MQTT-3.1.2-24]", () => {
    const size = 1 + 1 + 1 + 1 + (3 + "words".length) + (3 + "1 more".length);
    for (const [maximumPacketSize, type] of [
      [size, "AUTH"],
      [size - 1, "CONNACK"],
    ]) {
      const client = worldOf("one", "two").open(5);
      client.send(
        connectPacket("c", { level: 5, properties: { ...say("one"), maximumPacketSize: Number(maximumPacketSize) } }),
      );
      expect(client.take()).toMatchObject({ type });
    }
  });

  it("is no way in by a method that the server does not know [MQTT-4.12.0-1]", () => {
    const client = new World().open(5);
    client.send(connectPacket("c", { level: 5, properties: say("one") }));
    expect(client.take()).toMatchObject({ type: "CONNACK", returnCode: 0x8c });
    expect(client.closeReason).toBe("[MQTT-4.12.0-1] the authentication method 'words' is not known here");
  });
});

/** The client's half of SCRAM, from the RFC's formulas. */
class ScramClient {
  readonly #bare: string;
  readonly #password: string;
  #signature = "";

  constructor(username: string, password: string, nonce: string) {
    this.#bare = `n=${username},r=${nonce}`;
    this.#password = password;
  }

  first(): string {
    return `n,,${this.#bare}`;
  }

  final(serverFirst: string): string {
    const [, nonce, salt, iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(serverFirst) ?? [];
    const salted = pbkdf2Sync(this.#password, Buffer.from(salt, "base64"), Number(iterations), 32, "sha256");
    const mac = (key: Uint8Array, text: string) => createHmac("sha256", key).update(text).digest();
    const withoutProof = `c=biws,r=${nonce}`;
    const message = `${this.#bare},${serverFirst},${withoutProof}`;
    const clientKey = mac(salted, "Client Key");
    const signature = mac(createHash("sha256").update(clientKey).digest(), message);
    this.#signature = mac(mac(salted, "Server Key"), message).toString("base64");
    return `${withoutProof},p=${Buffer.from(clientKey.map((byte, index) => byte ^ signature[index])).toString("base64")}`;
  }

  accepts(serverFinal: string): boolean {
    return serverFinal === `v=${this.#signature}`;
  }
}

describe("SCRAM-SHA-256", () => {
  it("agrees with the example of RFC 7677, 3", () => {
    const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
    const verifier = scramVerifier("pencil", 4096, salt);
    const exchange = scramSha256(
      () => verifier,
      () => "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    )({ clientId: "c", username: undefined, password: undefined, peer: "" });
    const say = (text: string) => {
      const step = exchange.next(Buffer.from(text));
      return step.status === "failure" ? step.reason : Buffer.from(step.data ?? []).toString();
    };
    expect(say("n,,n=user,r=rOprNGfwEbeRWgbNEkqO")).toBe(
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    );
    expect(
      say("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="),
    ).toBe("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  });

  const verifiers = new Map([["ann", scramVerifier("sesame")]]);
  const world = () =>
    new World({
      authenticationMethods: new Map([[SCRAM_SHA_256, scramSha256(name => verifiers.get(name))]]),
      allowAnonymous: false,
    });
  const packed = (text: string) => ({ authenticationMethod: SCRAM_SHA_256, authenticationData: Buffer.from(text) });
  const dataOf = (client: Client): string => {
    const packet = client.take();
    const data = packet && "properties" in packet ? packet.properties?.authenticationData : undefined;
    return Buffer.from(data ?? []).toString();
  };

  function attempt(username: string, password: string, alter = (text: string) => text) {
    const scram = new ScramClient(username, password, "abc");
    const client = world().open(5);
    client.send(connectPacket("c", { level: 5, properties: packed(scram.first()) }));
    const serverFirst = dataOf(client);
    client.send({ type: "AUTH", reasonCode: 0x18, properties: packed(alter(scram.final(serverFirst))) });
    return { scram, client, serverFirst };
  }

  it("lets in who knows the password, and proves the server to the client", () => {
    const { scram, client } = attempt("ann", "sesame");
    expect(client.received).toMatchObject([{ type: "CONNACK", returnCode: 0 }]);
    expect(scram.accepts(dataOf(client))).toBe(true);
  });

  it.each([
    ["a wrong password", "ann", "guess", undefined],
    ["a user who does not exist", "eve", "sesame", undefined],
    ["another nonce", "ann", "sesame", (text: string) => text.replace("r=abc", "r=abd")],
    ["channel binding from nowhere", "ann", "sesame", (text: string) => text.replace("c=biws", "c=eSws")],
    ["a proof of the wrong size", "ann", "sesame", (text: string) => text.replace(/p=.*/, "p=AAAA")],
    ["no proof", "ann", "sesame", (text: string) => text.replace(/,p=.*/, "")],
  ])("refuses %s", (_what, username, password, alter) => {
    const { client, serverFirst } = attempt(username, password, alter);
    expect(serverFirst).toMatch(/^r=abc.+,s=.+,i=4096$/);
    expect(client.takeAll()).toMatchObject([{ type: "CONNACK", returnCode: 0x87 }]);
  });

  it("refuses what is no SCRAM, and fewer iterations than RFC 7677 allows", () => {
    const client = world().open(5);
    client.send(connectPacket("c", { level: 5, properties: packed("hello") }));
    expect(client.takeAll()).toMatchObject([{ type: "CONNACK", returnCode: 0x87 }]);
    expect(() => scramVerifier("x", 100)).toThrow("SCRAM iterations are a whole number from 4096, not 100");
  });
});
