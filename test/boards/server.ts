/** A server that does what a test says, packet by packet, however wrong, to a board that is a process. */
import net from "node:net";
import { generate, type Packet, parser } from "mqtt-packet";
import { onEnd } from "../broker/real.ts";
import { Board } from "./board.ts";
import { temporary } from "./toolchain.ts";

/** What it does when a packet has come on the connection with this number, from 1. */
export type Answer = (packet: Packet, socket: net.Socket, connection: number) => void;

let stores = 0;

/** The server, and the posix board that talks to it with an empty store. */
export async function face(
  program: string,
  answer: Answer,
  args: readonly string[] = ["--filter", "to/#"],
): Promise<Board> {
  let connections = 0;
  const server = net.createServer(socket => {
    const connection = ++connections;
    const packets = parser({ protocolVersion: args.includes("5") ? 5 : 4 });
    packets.on("packet", packet => answer(packet, socket, connection));
    socket.on("data", bytes => packets.parse(bytes)).on("error", () => {});
    onEnd(() => socket.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  onEnd(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  return new Board(program, ["127.0.0.1", `${port}`, temporary(`face-${++stores}`), ...args]);
}

export const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");

export const accept = (socket: net.Socket, sessionPresent: boolean) =>
  socket.write(generate({ cmd: "connack", returnCode: 0, sessionPresent }));

/** As a server of 3.1.1 should, and what it acknowledged. */
export function honest(packet: Packet, socket: net.Socket, connection: number, numbers: string[] = []): void {
  if (packet.cmd === "connect") accept(socket, connection > 1);
  if (packet.cmd === "subscribe") socket.write(generate({ cmd: "suback", messageId: packet.messageId, granted: [1] }));
  if (packet.cmd !== "publish") return;
  numbers.push(packet.payload.toString());
  socket.write(generate({ cmd: "puback", messageId: packet.messageId }));
}
