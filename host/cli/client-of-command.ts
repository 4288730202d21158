/**
 * The client of a command that waits for messages, sub and rr: for how long at most (-W), and what ended it.
 */
import { type Client, type ClientOptions, connect, type PerigeeError } from "../client/index.ts";
import { EXIT_TIMED_OUT } from "./exit-codes.ts";

interface Patience {
  /** Seconds, -W. */
  readonly timeout?: number;
  readonly quiet?: boolean;
}

/**
 * Connects to `url` and gives the client to `use`. When the time of -W is over the client is closed, and the status is mosquitto's.
 * Throws what `connect` and `use` throw.
 */
export async function withClient(
  { url, options }: { url: string; options: ClientOptions },
  { timeout, quiet }: Patience,
  use: (client: Client) => Promise<void>,
): Promise<void> {
  let client: Client | undefined;
  const expire = () => {
    process.exitCode = EXIT_TIMED_OUT;
    if (!quiet) console.error("Timed out");
    if (client === undefined) process.exit();
    void client.close({ timeoutMs: 0 });
  };
  const timer = timeout === undefined ? undefined : setTimeout(expire, timeout * 1000);
  try {
    client = await connect(url, options);
    await use(client);
  } catch (error) {
    // Nobody is left to end it, and a program does not end while it has a connection.
    await client?.close({ timeoutMs: 0 });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when the client has ended for good: with what ended it, or undefined where it was asked to. */
export function endOf(client: Client): Promise<PerigeeError | undefined> {
  return new Promise(resolve => client.once("end", resolve));
}
