// The checkers have power: a broker that breaks one promise now and then is found out, through the whole simulation.
import { describe, expect, test } from "vitest";
import { Broker, type BrokerOptions, type Connection, type Sink } from "../../host/broker/index.ts";
import { parseTc } from "../../host/link/index.ts";
import { type Qos, rowOf, run } from "../../host/simulation/index.ts";
import { scenario } from "./scenario.ts";

/** Every so many PUBLISH packets the broker misbehaves. */
const PERIOD = 40;

const PUBLISH = 0x30;
const PUBACK = 0x40;

/** The broker, with its traffic passing by: what came from a client, and what goes to one. */
class Tampered extends Broker {
  protected publishCount = 0;
  private readonly sinks = new Map<Connection, Sink>();

  override connect(nowMs: number, sink: Sink): Connection {
    const connection = super.connect(nowMs, {
      send: (bytes, isLasting) => this.send(sink, bytes, isLasting),
      close: reason => sink.close(reason),
    });
    this.sinks.set(connection, sink);
    return connection;
  }

  override receive(connection: Connection, bytes: Uint8Array, nowMs: number): void {
    if ((bytes[0] & 0xf0) === PUBLISH) {
      this.publishCount += 1;
      if (this.publishCount % PERIOD === 0) {
        this.tamper(connection, this.sinks.get(connection) as Sink, bytes.slice(), nowMs);
        return;
      }
    }
    super.receive(connection, bytes, nowMs);
  }

  protected send(sink: Sink, bytes: Uint8Array, isLasting: boolean): void {
    sink.send(bytes, isLasting);
  }

  /** Instead of receiving a PUBLISH. */
  protected tamper(connection: Connection, _sink: Sink, bytes: Uint8Array, nowMs: number): void {
    super.receive(connection, bytes, nowMs);
  }
}

/** Where the packet identifier of a PUBLISH of QoS 1 or 2 stands: behind two bytes of header and the topic. */
const idAt = (bytes: Uint8Array) => 4 + ((bytes[2] << 8) | bytes[3]);

class Liar extends Tampered {
  protected override tamper(_connection: Connection, sink: Sink, bytes: Uint8Array): void {
    sink.send(new Uint8Array([PUBACK, 2, bytes[idAt(bytes)], bytes[idAt(bytes) + 1]]), false);
  }
}

class Stutterer extends Tampered {
  protected override tamper(connection: Connection, _sink: Sink, bytes: Uint8Array, nowMs: number): void {
    this.receive(connection, bytes, nowMs);
    this.receive(connection, bytes, nowMs);
  }
}

/** Forgets that it has a message of QoS 2: takes it once more, as if under another identifier. */
class Forgetter extends Tampered {
  protected override tamper(connection: Connection, _sink: Sink, bytes: Uint8Array, nowMs: number): void {
    const again = bytes.slice();
    again[idAt(again)] ^= 0x80;
    this.receive(connection, bytes, nowMs);
    this.receive(connection, again, nowMs);
    this.receive(connection, new Uint8Array([0x62, 2, again[idAt(again)], again[idAt(again) + 1]]), nowMs);
  }
}

class Shuffler extends Tampered {
  private held: { connection: Connection; bytes: Uint8Array } | null = null;

  protected override tamper(connection: Connection, _sink: Sink, bytes: Uint8Array): void {
    this.held ??= { connection, bytes };
  }

  override receive(connection: Connection, bytes: Uint8Array, nowMs: number): void {
    super.receive(connection, bytes, nowMs);
    const held = this.held;
    if (held === null || held.connection !== connection || (bytes[0] & 0xf0) !== PUBLISH) return;
    if (held.bytes.every((byte, index) => byte === bytes[index])) return;
    this.held = null;
    super.receive(connection, held.bytes, nowMs);
  }
}

class Smudger extends Tampered {
  protected override tamper(connection: Connection, _sink: Sink, bytes: Uint8Array, nowMs: number): void {
    bytes[bytes.length - 1] ^= 1;
    this.receive(connection, bytes, nowMs);
  }
}

/** Passes the last message on again when half a minute has gone by in silence. */
class Echoer extends Tampered {
  private last: { connection: Connection; bytes: Uint8Array; atMs: number } | null = null;

  override receive(connection: Connection, bytes: Uint8Array, nowMs: number): void {
    super.receive(connection, bytes, nowMs);
    if ((bytes[0] & 0xf0) === PUBLISH) this.last = { connection, bytes: bytes.slice(), atMs: nowMs + 30_000 };
  }

  override nextTimeout(): number {
    return Math.min(super.nextTimeout(), this.last?.atMs ?? Number.POSITIVE_INFINITY);
  }

  override advance(nowMs: number): void {
    super.advance(nowMs);
    if (this.last === null || nowMs < this.last.atMs) return;
    const { connection, bytes } = this.last;
    this.last = null;
    super.receive(connection, bytes, nowMs);
  }
}

/** Acknowledgements do not get through: one in `every`. */
class Silencer extends Tampered {
  protected every = 30;
  private count = 0;

  protected override send(sink: Sink, bytes: Uint8Array, isLasting: boolean): void {
    if (bytes[0] === PUBACK) {
      this.count += 1;
      if (this.count % this.every === 0) return;
    }
    super.send(sink, bytes, isLasting);
  }
}

class Mute extends Silencer {
  protected override every = 1;
}

const LINK = parseTc("delay 50ms");

function runWith(broken: new (options: BrokerOptions) => Broker, qos: Qos) {
  return run(scenario(11n, { link: LINK, newBroker: options => new broken(options) }), qos);
}

describe("a broker that keeps its promises, with its traffic passing by", () => {
  test.each([0, 1, 2] as const)("is not accused at QoS %i", qos => {
    const result = runWith(Tampered, qos);
    expect(result.finding).toEqual({ count: 0, violations: [] });
    expect(result.pendingCount).toBe(0);
    expect(result.history.deliveredCount).toBe(600);
  });
});

describe("a broker that breaks a promise now and then is found out", () => {
  test("acknowledging what it throws away, at QoS 1", () => {
    const { finding, history } = runWith(Liar, 1);
    expect(finding.count).toBe(15);
    expect(history.deliveredCount).toBe(585);
    expect(finding.violations[0].promise).toContain("at least once");
  });

  test("passing a message on twice, at QoS 0", () => {
    const { finding } = runWith(Stutterer, 0);
    expect(finding.count).toBe(15);
    expect(finding.violations[0].promise).toContain("at most once");
  });

  test("passing a message on again after everything has settled, at QoS 0", () => {
    expect(runWith(Echoer, 0).finding.count).toBe(1);
  });

  test("forgetting that it has a message, at QoS 2", () => {
    const { finding } = runWith(Forgetter, 2);
    expect(finding.count).toBe(15);
    expect(finding.violations[0].promise).toContain("at most once");
  });

  test.each([0, 1] as const)("letting a message overtake another, at QoS %i", qos => {
    const { finding } = runWith(Shuffler, qos);
    expect(finding.count).toBeGreaterThan(0);
    expect(finding.violations[0].promise).toContain("order");
  });

  test.each([0, 1, 2] as const)("changing a payload, at QoS %i", qos => {
    const { finding } = runWith(Smudger, qos);
    expect(finding.count).toBe(15);
    expect(finding.violations[0].promise).toContain("integrity");
  });
});

describe("acknowledgements that do not get through", () => {
  test("now and then: messages are sent again and come twice, which QoS 1 allows", () => {
    const result = runWith(Silencer, 1);
    const row = rowOf(result);
    expect(result.finding.count).toBe(0);
    expect(result.pendingCount).toBe(0);
    expect(row.reconnects).toBeGreaterThan(0);
    expect(row.duplicates).toBeGreaterThan(0);
    expect(row.delivered).toBe(row.published);
  });

  test("ever: nothing is held against anybody, but the run does not settle and says so", () => {
    const result = runWith(Mute, 1);
    expect(result.finding.count).toBe(0);
    expect(result.pendingCount).toBeGreaterThan(0);
  });
});
