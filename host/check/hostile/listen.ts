/**
 * The hostile broker on a port: each connection gets the next fault of the list, the reference broker behind it. A client that is
 * run again and again, or that connects again by itself, meets them one after another.
 */
import { createServer, type Server, type Socket } from "node:net";
import { HostileConnection, honestBroker, type Plan } from "./hostile-broker.ts";
import type { Verdict } from "./verdict.ts";

export interface ListenSettings {
  readonly host: string;
  readonly port: number;
  readonly plans: readonly Plan[];
  /** How long a client has to close, ms. */
  readonly waitMs: number;
  onVerdict(verdict: Verdict): void;
}

export interface Listening {
  readonly server: Server;
  /** Every fault has met a connection. */
  readonly finished: Promise<void>;
  /** Lets nobody in any more, and closes every connection. */
  stop(): void;
}

/** Listens until it is stopped. Resolves when it does. */
export async function listenHostile(settings: ListenSettings): Promise<Listening> {
  const { plans, host, port } = settings;
  const broker = honestBroker();
  const now = () => performance.now();
  let next = 0;
  const sockets = new Set<Socket>();
  let finish = () => {};
  const finished = new Promise<void>(resolve => {
    finish = resolve;
  });
  const server = createServer(socket => {
    const plan = plans[next] ?? null;
    next += 1;
    sockets.add(socket);
    serve(broker, socket, plan, settings, now, () => {
      sockets.delete(socket);
      if (next >= plans.length && sockets.size === 0) finish();
    });
  });
  const timer = setInterval(() => broker.advance(now()), 1000);
  server.on("close", () => clearInterval(timer));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const stop = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { server, finished, stop };
}

function serve(
  broker: ReturnType<typeof honestBroker>,
  socket: Socket,
  plan: Plan | null,
  { waitMs, onVerdict }: ListenSettings,
  now: () => number,
  done: () => void,
): void {
  let strikeMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const connection = new HostileConnection(
    broker,
    plan,
    { send: bytes => void socket.write(Buffer.from(bytes)), close: () => void socket.end() },
    now(),
  );
  const judge = (outcome: Verdict["outcome"]) => {
    if (plan === null) return;
    const { name, rule, mustClose } = plan.wrong;
    onVerdict({
      name: `${name}, answering ${plan.point}`,
      rule,
      outcome,
      isFault: mustClose && outcome === "kept",
      ms: outcome === "unreached" ? 0 : now() - strikeMs,
    });
  };
  socket.on("data", bytes => {
    const wasStruck = connection.isStruck;
    connection.received(bytes, now());
    if (wasStruck || !connection.isStruck) return;
    strikeMs = now();
    timer = setTimeout(() => {
      judge("kept");
      strikeMs = -1;
      socket.destroy();
    }, waitMs);
  });
  // A client that goes is what is looked for.
  socket.on("error", () => {});
  socket.on("close", () => {
    clearTimeout(timer);
    connection.closed(now());
    if (strikeMs >= 0) judge(connection.isStruck ? "closed" : "unreached");
    done();
  });
}
