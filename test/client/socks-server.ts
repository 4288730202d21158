/** A SOCKS5 proxy (RFC 1928, RFC 1929) that connects to ports of this machine, for tests; mosquitto_pub is content with it too. */
import net from "node:net";
import { onEnd } from "../broker/real.ts";

export interface SocksServer {
  readonly port: number;
  /** Each host and port that was asked for. */
  readonly asked: string[];
}

export interface SocksOptions {
  user?: { name: string; password: string };
  /** Answers so, and connects nowhere. */
  reply?: number;
  /** Sends its answers a byte at a time. */
  isSlow?: boolean;
}

export async function startSocks({ user, reply, isSlow }: SocksOptions = {}): Promise<SocksServer> {
  const asked: string[] = [];
  const server = net.createServer(near => {
    let bytes = Buffer.alloc(0);
    let step: "method" | "user" | "request" = "method";
    const answer = (...values: number[]) => {
      if (isSlow) for (const value of values) near.write(Buffer.of(value));
      else near.write(Buffer.from(values));
    };
    near.on("error", () => {});
    near.on("data", read);
    function read(chunk: Buffer): void {
      bytes = Buffer.concat([bytes, chunk]);
      if (step === "method" && bytes.length >= 2 + bytes[1]) {
        const methods = bytes.subarray(2, 2 + bytes[1]);
        bytes = bytes.subarray(2 + bytes[1]);
        const wanted = user === undefined ? 0 : 2;
        step = user === undefined ? "request" : "user";
        answer(5, methods.includes(wanted) ? wanted : 255);
      }
      if (step === "user" && bytes.length >= 2) {
        const [, nameSize] = bytes;
        const passwordSize = bytes[2 + nameSize];
        if (passwordSize === undefined || bytes.length < 3 + nameSize + passwordSize) return;
        const name = bytes.toString("utf8", 2, 2 + nameSize);
        const password = bytes.toString("utf8", 3 + nameSize, 3 + nameSize + passwordSize);
        bytes = bytes.subarray(3 + nameSize + passwordSize);
        step = "request";
        answer(1, name === user?.name && password === user.password ? 0 : 1);
      }
      if (step === "request" && bytes.length >= 5) connect();
    }
    function connect(): void {
      const size = bytes[3] === 1 ? 4 : bytes[3] === 4 ? 16 : 1 + bytes[4];
      if (bytes.length < 4 + size + 2) return;
      const port = bytes.readUInt16BE(4 + size);
      const host = bytes[3] === 3 ? bytes.toString("utf8", 5, 4 + size) : [...bytes.subarray(4, 4 + size)].join(".");
      asked.push(`${host}:${port}`);
      near.off("data", read);
      if (reply !== undefined) {
        answer(5, reply, 0, 1, 0, 0, 0, 0, 0, 0);
        near.end();
        return;
      }
      const far = net.connect(port, "127.0.0.1", () => {
        // mosquitto_pub knows its own address by number only; who is slow may give a name.
        if (isSlow) answer(5, 0, 0, 3, 1, 0x78, 0, 0);
        else answer(5, 0, 0, 1, 0, 0, 0, 0, 0, 0);
        near.pipe(far).pipe(near);
      });
      far.on("error", () => near.destroy());
      near.on("close", () => far.destroy());
    }
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  onEnd(() => server.close());
  return { port: (server.address() as net.AddressInfo).port, asked };
}
