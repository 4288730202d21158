/** A subscriber who takes down what the boards publish to numbers/#, in order. */
import { connectAsync } from "mqtt";
import { onEnd } from "../broker/real.ts";

export interface Witness {
  readonly seen: string[];
  until(count: number): Promise<void>;
}

export async function witness(port: number, seen: string[] = []): Promise<Witness> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onEnd(() => client.endAsync(true));
  let wake = () => {};
  client.on("message", (_topic, payload) => {
    seen.push(payload.toString());
    wake();
  });
  await client.subscribeAsync("numbers/#", { qos: 2 });
  const until = async (count: number) => {
    while (seen.length < count) await new Promise<void>(resolve => (wake = resolve));
  };
  return { seen, until };
}

/** What the application of firmware/count.c publishes. */
export const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}`.padStart(5, "0"));
