/**
 * What a client tells, and what it can be told with a message.
 */
import { checkOptions, FLAG, type Rules } from "./check-options.ts";
import { PerigeeError } from "./errors.ts";
import type { Message } from "./message.ts";
import type { Qos } from "./options.ts";
import type { Properties, PropertiesOf } from "./properties.ts";

export interface PublishOptions {
  /** 0 at most once, 1 at least once, 2 exactly once. Default 0. */
  qos?: Qos;
  /** The server keeps the message for those who subscribe later. Default false. */
  retain?: boolean;
  /** Of MQTT 5.0. */
  properties?: PropertiesOf<"publish">;
}

/** Why the client goes, MQTT 5.0 section 3.14; here, so that declarations stand without the core's. */
export interface Farewell {
  /** 0, 4 (the server sends the will), or one of 128 to 131, 144 and 147 to 153. Default 0. */
  reasonCode?: number;
  properties?: PropertiesOf<"disconnect">;
}

export interface CloseOptions extends Farewell {
  /** How long what is not settled may take, ms. Default 10,000. */
  timeoutMs?: number;
}

/** A quality of service has an error of its own. */
const QOS = { words: "0, 1 or 2", holds: () => true };
const PUBLISH_RULES: Rules & Record<keyof PublishOptions, unknown> = {
  qos: QOS,
  retain: FLAG,
  properties: { words: "an object", holds: () => true },
};

/** Throws MISUSE_PAYLOAD and MISUSE_OPTION, for programs without types. */
export function checkPublish(payload: unknown, options: PublishOptions): void {
  if (!(payload instanceof Uint8Array)) {
    const text = `a payload is a string or a Uint8Array, not ${payload === null ? "null" : typeof payload}`;
    throw new PerigeeError("MISUSE_PAYLOAD", text);
  }
  checkOptions(options, PUBLISH_RULES, "publish options");
}

export interface ClientEvents {
  /** The server has accepted the connection, and has the session or not; in MQTT 5.0 with what it says of itself. */
  connect: [isSessionPresent: boolean, properties: Properties];
  /** A message. It is acknowledged when the listeners have returned. */
  message: [message: Message];
  /** The connection was lost, or could not be made; another is tried, or `end` follows. */
  close: [error: PerigeeError, isTriedAgain: boolean];
  /** Something was lost that cannot be helped: OVERSIZE, SUBSCRIPTION_REFUSED; with FALLBACK what only MQTT 5.0 can say. */
  warning: [error: PerigeeError];
  /** The client is done: after `close()` without an error, otherwise with the reason. */
  end: [error: PerigeeError | undefined];
}
