// A server that refuses, closes, floods and sends what it must not: the board names it, keeps its session, and goes on.
import { generate } from "mqtt-packet";
import { beforeAll, describe, expect, it } from "vitest";
import { havePeers } from "../peers.ts";
import { accept, bytesOf, face, honest } from "./server.ts";
import { CHECKED, CLIENT, CORE, compileHost, POSIX } from "./toolchain.ts";

const COUNT = 12;
let program = "";
/** What breaks a rule, and the name that the board gives it. */
const FAULTS: readonly (readonly [string, string, string])[] = [
  ["a reserved packet type", "f0 00", "UNEXPECTED_TYPE"],
  ["a remaining length of five bytes", "30 ff ff ff ff 01", "MALFORMED_LENGTH"],
  ["a topic that is no UTF-8", "30 04 00 02 c3 28", "MALFORMED_UTF8"],
  ["a topic with a wildcard", "30 03 00 01 23", "MALFORMED_TOPIC"],
  ["QoS 3", "36 05 00 01 61 00 01", "MALFORMED_QOS"],
  ["a second CONNACK", "20 02 00 00", "UNEXPECTED_CONNACK"],
  ["a SUBACK larger than the receive region", "90 e8 07 00 01 00", "UNEXPECTED_SIZE"],
];

describe.skipIf(!havePeers("gcc", "openssl_library", "wasm2c"))("a board before a bad server", () => {
  beforeAll(() => {
    const sources = [...POSIX, ...CLIENT, CORE, "test/boards/firmware/count.c"];
    program = compileHost("hostile-count", sources, [...CHECKED, `-DCOUNT=${COUNT}`]);
  });

  it.each(FAULTS)("names %s, comes back, and has lost nothing", async (_what, hex, name) => {
    const numbers: string[] = [];
    const board = await face(program, (packet, socket, connection) => {
      if (connection > 1) honest(packet, socket, connection, numbers);
      else if (packet.cmd === "connect") socket.write(Buffer.concat([bytesOf("20 02 00 00"), bytesOf(hex)]));
    });
    await board.until(new RegExp(`^perigee: closes: ${name}$`));
    await board.until(/connected, session resumed/);
    await board.until(/done/);
    expect([...new Set(numbers)]).toHaveLength(COUNT);
  });

  it("names a refusal", async () => {
    const board = await face(program, (_packet, socket) =>
      socket.write(generate({ cmd: "connack", returnCode: 5, sessionPresent: false })),
    );
    await board.until(/^perigee: refused by the server: Not authorized$/);
  });

  it("comes back after a close, and after a close in the middle of a packet", async () => {
    const board = await face(program, (packet, socket, connection) => {
      if (connection === 1) socket.end();
      else if (connection === 2) socket.end(bytesOf("20 02 00"));
      else honest(packet, socket, connection);
    });
    await board.until(/connection lost/, 2);
    await board.until(/done/);
  });

  it("passes over a message whose topic is larger than its memory, and names it", async () => {
    const board = await face(program, (packet, socket, connection) => {
      if (packet.cmd === "connect") {
        accept(socket, true);
        const payload = Buffer.from("x");
        socket.write(
          generate({
            cmd: "publish",
            topic: "t".repeat(3000),
            payload,
            qos: 1,
            messageId: 9,
            dup: false,
            retain: false,
          }),
        );
      } else honest(packet, socket, connection);
    });
    await board.until(/a message was passed over: its topic is larger/);
    await board.until(/done/);
  });

  it("names a subscription that the server refuses", async () => {
    const board = await face(program, (packet, socket, connection) => {
      if (packet.cmd === "subscribe")
        socket.write(generate({ cmd: "suback", messageId: packet.messageId, granted: [0x80] }));
      else honest(packet, socket, connection);
    });
    await board.until(/^perigee: subscription refused: to\/#$/);
  });

  it("goes on with its work while the server floods it without end", async () => {
    const message = { cmd: "publish", topic: "to/it", qos: 0, dup: false, retain: false, payload: "x" } as const;
    const flood = Buffer.concat(Array.from({ length: 100 }, () => generate(message)));
    const numbers: string[] = [];
    const board = await face(program, (packet, socket, connection) => {
      if (packet.cmd !== "connect") return honest(packet, socket, connection, numbers);
      accept(socket, true);
      // It ends only when a whole window of messages has come.
      const pour = () => {
        while (numbers.length < 8) if (!socket.write(flood)) return void socket.once("drain", pour);
      };
      pour();
    });
    await board.until(/done/);
    expect(numbers).toHaveLength(COUNT);
  });
});
