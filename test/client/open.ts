/** Clients in real time that are closed when the test is over, and a server that says nothing. */
import net from "node:net";
import { dialer } from "../../host/client/dial.ts";
import { type Client, type ClientOptions, connect, type TransportOpener } from "../../host/client/index.ts";
import { streamOpener } from "../../host/client/tcp.ts";
import { parseAddress } from "../../host/client/url.ts";
import { onEnd } from "../broker/real.ts";

export async function open(port: number, options: ClientOptions = {}): Promise<Client> {
  const client = await connect(`mqtt://127.0.0.1:${port}`, { backoffMinMs: 1, backoffMaxMs: 10, ...options });
  onEnd(() => client.close({ timeoutMs: 0 }));
  return client;
}

/** A server that takes connections and says nothing. */
export async function mute(): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer(socket => sockets.add(socket));
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  onEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as net.AddressInfo).port;
}

/** The client's own transport to a port of this machine, for a test that wraps it. */
export function plainOpener(port: number): TransportOpener {
  const address = parseAddress(`mqtt://127.0.0.1:${port}`);
  return streamOpener(dialer(address, {}, undefined, 5_000), "server");
}
