/**
 * What a client tells, and what it can be told with a message.
 */
import type { PerigeeError } from "./errors.ts";
import type { Message } from "./message.ts";
import type { Qos } from "./options.ts";

export interface PublishOptions {
  /** 0 at most once, 1 at least once, 2 exactly once. Default 0. */
  qos?: Qos;
  /** The server keeps the message for those who subscribe later. Default false. */
  retain?: boolean;
}

export interface ClientEvents {
  /** The server has accepted the connection, and has the session or not. */
  connect: [isSessionPresent: boolean];
  /** A message. It is acknowledged when the listeners have returned. */
  message: [message: Message];
  /** The connection was lost; another is made, unless `end` follows. */
  close: [error: PerigeeError];
  /** Something was lost that cannot be helped: OVERSIZE, SUBSCRIPTION_REFUSED. */
  warning: [error: PerigeeError];
  /** The client is done: after `close()` without an error, otherwise with the reason. */
  end: [error: PerigeeError | undefined];
}
