/**
 * `perigee broker --link NAME`: a link before the broker's port, so that every client is behind it.
 */
import { LinkError } from "../link/index.ts";
import { readAddress } from "../proxy/address.ts";
import { LinkProxy } from "../proxy/proxy.ts";
import { RealTime } from "../proxy/real-time.ts";
import { linkNamed } from "./link-flags.ts";

const SEED = 7n;

export interface LinkedPort {
  /** HOST:PORT, where clients connect. */
  readonly address: string;
  close(): Promise<void>;
}

/** A flag that names no link, or an address that cannot be had: one line. */
export class LinkedPortError extends Error {
  /** The address is at fault, not the command line. */
  readonly isOfAddress: boolean;

  constructor(message: string, isOfAddress: boolean) {
    super(message);
    this.isOfAddress = isOfAddress;
  }
}

/** Listens on `host`:`port` and takes what comes over the link to `brokerAddress`. Throws LinkedPortError. */
export async function openLinkedPort(
  link: string,
  host: string,
  port: number,
  brokerAddress: string,
): Promise<LinkedPort> {
  const clock = new RealTime();
  try {
    const spec = linkNamed(link).link;
    const target = readAddress(brokerAddress, "broker");
    const proxy = new LinkProxy(clock, {
      name: spec.name ?? link,
      link: spec,
      listen: { host, port },
      target,
      seed: SEED,
    });
    await proxy.enable();
    return {
      address: proxy.listening,
      close: async () => {
        await proxy.disable();
        clock.stop();
      },
    };
  } catch (error) {
    clock.stop();
    const isOfLink = error instanceof LinkError;
    throw new LinkedPortError(
      isOfLink ? `--link: ${error.message}` : `cannot listen on ${host}:${port}: ${(error as Error).message}`,
      !isOfLink,
    );
  }
}
