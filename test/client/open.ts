/** Clients in real time that are closed when the test is over, and a server that says nothing. */
import net from "node:net";
import { type Client, type ClientOptions, connect } from "../../host/client/index.ts";
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
