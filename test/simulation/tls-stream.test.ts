// TLS as TCP feels it: every byte of handshake and records, whatever TCP does to them, and what the user of the stream sees.
import { describe, expect, it } from "vitest";
import { Link, parseSeed, TcpConnection, TLS_MODES, type TlsMode } from "../../host/link/index.ts";
import { handshakeBytes } from "../../host/link/tls.ts";
import { validateLink } from "../../host/link/validate.ts";
import { TlsStream } from "../../host/simulation/tls-stream.ts";
import { VirtualTime } from "../../host/simulation/virtual-time.ts";

/** A connection over which the client says `sizes` one after the other, the server answers each with a byte, and the client ends it. */
function talk(mode: TlsMode, sizes: readonly number[], loss: number, seed = 1) {
  const time = new VirtualTime();
  const direction = { delay: { base: 100 }, loss: { model: "random" as const, p: loss } };
  const link = new Link(time, validateLink({ up: direction, down: direction }), parseSeed(seed));
  const tcp = new TcpConnection(time, link, { client: "lwip", server: "linux", noDelay: true });
  const [client, server] = [new TlsStream(tcp.client, mode, true), new TlsStream(tcp.server, mode, false)];
  const bytes = Uint8Array.from({ length: sizes.reduce((sum, size) => sum + size, 0) }, (_, at) => at * 7);
  const got = Buffer.alloc(bytes.length + 1);
  const ended: string[] = [];
  let [openedUs, writtenCount, messageIndex, answerCount, gotCount] = [0, 0, 0, 0, 0];
  const pump = () => {
    while (messageIndex < sizes.length) {
      const end = sizes.slice(0, messageIndex + 1).reduce((sum, size) => sum + size, 0);
      writtenCount += client.write(bytes, writtenCount, end - writtenCount);
      if (writtenCount < end) return;
      messageIndex += 1;
    }
  };
  client.handler = {
    opened() {
      openedUs = time.nowUs;
      pump();
    },
    received(_bytes, _offset, size) {
      answerCount += size;
    },
    writable: pump,
    closed: reason => ended.push(`client ${reason}`),
  };
  server.handler = {
    opened() {},
    received(piece, offset, size) {
      got.set(piece.subarray(offset, offset + size), gotCount);
      gotCount += size;
      if (gotCount < bytes.length) return;
      server.write(Uint8Array.of(1));
      client.close();
    },
    closed: reason => ended.push(`server ${reason}`),
  };
  tcp.client.connect();
  time.runToEnd(1_000_000);
  expect([gotCount, got.subarray(0, gotCount).equals(bytes)]).toEqual([bytes.length, true]);
  expect(ended.toSorted()).toEqual(["client finished", "server finished"]);
  return { openedUs, answerCount, up: client.statistics, down: server.statistics };
}

describe.each(Object.keys(TLS_MODES))("%s", name => {
  const mode = TLS_MODES[name];

  it("costs its handshake once, its record each, and a close_notify each way", () => {
    const sizes = [21, 38, 2];
    const { up, down, openedUs } = talk(mode, sizes, 0);
    const handshake = handshakeBytes(mode);
    expect(up.dataByteCount).toBe(handshake.up + 61 + 3 * mode.perRecord + mode.closeBytes);
    expect(down.dataByteCount).toBe(handshake.down + 1 + mode.perRecord + mode.closeBytes);
    // A round trip for TCP, and one for every two flights.
    expect(openedUs).toBe(200_000 * (1 + mode.flights.length / 2));
  });

  it("comes through loss whole, in pieces that are no records", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { answerCount } = talk(mode, [1, 16_384, 16_385, 40_000, 3], 0.1, seed);
      expect(answerCount).toBeLessThanOrEqual(1);
    }
  });
});

it("a stream that is closed before its handshake is over says nothing", () => {
  const time = new VirtualTime();
  const link = new Link(time, validateLink({ delay: { base: 10 } }), parseSeed("1"));
  const tcp = new TcpConnection(time, link, { noDelay: true });
  const client = new TlsStream(tcp.client, TLS_MODES["tls1.3"], true);
  new TlsStream(tcp.server, TLS_MODES["tls1.3"], false);
  expect(client.write(Uint8Array.of(1))).toBe(0);
  tcp.client.connect();
  time.runUntil(25_000);
  client.close();
  time.runToEnd(10_000);
  expect(client.statistics.dataByteCount).toBe(TLS_MODES["tls1.3"].flights[0]);
});
