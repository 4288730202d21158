/**
 * The MQTT client for a computer: the core of the boards, with strings, promises and transports.
 *
 *     const client = await connect("mqtt://localhost", { clientId: "roof", clean: false });
 *     await client.subscribe("sensors/#", { qos: 1 });
 *     await client.publish("sensors/1", "21.5", { qos: 1 });      // resolved when the server has it
 *     for await (const { topic, payload } of client) console.log(topic, payload.toString());
 *     await client.close();
 *
 * Everything that goes wrong is a PerigeeError with a `code`; the README lists them.
 */
import { Client } from "./client.ts";
import { dialer } from "./dial.ts";
import { type ClientOptions, type Settings, settle } from "./options.ts";
import { streamOpener } from "./tcp.ts";
import type { TransportOpener } from "./transport.ts";
import { type Address, parseAddress, placeOf } from "./url.ts";

/**
 * Connects to the server at `url` (mqtt, tcp: plain; mqtts, ssl, tls: TLS; ws, wss: WebSocket), whose user and password count
 * where the options give none. Resolves when the server has accepted; rejects with a PerigeeError: MISUSE_URL, MISUSE_OPTION, ... for what was
 * given; UNREACHABLE, TLS, ENDED_REFUSED, ENDED_TIMEOUT, ... for what became of the first attempt.
 */
export async function connect(url: string, options: ClientOptions = {}): Promise<Client> {
  const address = parseAddress(url);
  const settings = settle(options, address);
  const server = settings.socket?.unixPath ?? placeOf(address);
  const opener = settings.transport ?? (await openerFor(address, settings, server));
  const client = new Client(settings, opener, server, await settings.store?.load());
  await client.start();
  return client;
}

async function openerFor(address: Address, settings: Settings, server: string): Promise<TransportOpener> {
  const dial = dialer(address, settings.socket, settings.tls, settings.openTimeoutMs);
  if (!address.isWebSocket) return streamOpener(dial, server);
  // Only who asks for a WebSocket loads one.
  const { webSocketOpener } = await import("./websocket.ts");
  return webSocketOpener(dial, address);
}

export type { Client } from "./client.ts";
export type { ClientEvents, PublishOptions } from "./client-events.ts";
export { PerigeeError, type PerigeeErrorCode } from "./errors.ts";
export { fileStore } from "./file-store.ts";
export type { Message } from "./message.ts";
export type { Authentication, ClientOptions, OutboxPolicy, Qos, Will } from "./options.ts";
export type { Properties, PropertiesOf } from "./properties.ts";
export type { Answer } from "./requests.ts";
export { scramSha256 } from "./scram.ts";
export type { SessionStore } from "./store.ts";
export type { Grant, SubscribeOptions } from "./subscriptions.ts";
export type { SocketOptions, TlsOptions, Transport, TransportEvents, TransportOpener } from "./transport.ts";
