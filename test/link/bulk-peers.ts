/** A bulk transfer in virtual time: one connection that sends a number of bytes and closes. */
import { Link, type LinkSpec, parseSeed, TcpConnection, type TcpOptions } from "../../host/link/index.ts";
import { VirtualTime } from "../../host/simulation/virtual-time.ts";

export interface Transfer {
  /** From the first write to the last byte at the other end. */
  readonly ms: number;
  readonly upBytes: number;
  readonly downBytes: number;
  readonly retransmissions: number;
  readonly closeReasons: readonly string[];
}

export function transfer(byteCount: number, spec: LinkSpec, seed: number, tcp?: TcpOptions): Transfer {
  const time = new VirtualTime();
  const link = new Link(time, spec, parseSeed(seed), "bulk");
  const { client, server } = new TcpConnection(time, link, tcp);
  const bytes = new Uint8Array(byteCount);
  const closeReasons: string[] = [];
  const closed = (reason: string) => closeReasons.push(reason);
  let [sentCount, receivedCount, startUs, endUs] = [0, 0, 0, 0];
  const pump = () => {
    sentCount += client.write(bytes, sentCount);
    if (sentCount === byteCount) client.close();
  };
  client.handler = {
    opened() {
      startUs = time.nowUs;
      pump();
    },
    received() {},
    writable: pump,
    closed,
  };
  server.handler = {
    opened() {},
    received(_bytes, _offset, size) {
      receivedCount += size;
      endUs = time.nowUs;
    },
    closed,
  };
  client.connect();
  time.runToEnd(50_000_000);
  if (receivedCount !== byteCount) throw new Error(`seed ${seed}: ${receivedCount} of ${byteCount} bytes came`);
  return {
    ms: (endUs - startUs) / 1000,
    upBytes: client.statistics.byteCount,
    downBytes: server.statistics.byteCount,
    retransmissions: client.statistics.retransmissionCount,
    closeReasons,
  };
}
