/**
 * What the driver asks of whoever holds it, and tells.
 */
import type { Message } from "./message.ts";
import type { Properties } from "./properties.ts";

/** What the driver calls. None of it may call an input of the driver; commands (publish, disconnect, ...) it may. */
export interface DriverHandler {
  /** Open a transport, then tell `opened` or `closed`, later. */
  open(): void;
  /** Close the transport, then tell `closed`, later. `isDone`: all was said, so nothing written may be lost. */
  close(isDone: boolean): void;
  /** Takes up to all of `bytes`, which change afterwards, and answers how many; 0 where there is no room. */
  write(bytes: Uint8Array): number;
  /** `properties` are those of CONNACK, in 3.1.1 none. */
  connected(isSessionPresent: boolean, properties: Properties): void;
  /** The message is acknowledged when this has returned. */
  message(message: Message): void;
  /** A message was acknowledged and dropped, because it is too large; `topic` is "" where that alone is. */
  oversize(topic: string, size: number): void;
  /** Keep `record`, then tell `saved`, later. Until then nothing is sent. Only called with settings.store. */
  save(record: Uint8Array): void;
}
