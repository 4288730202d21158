/**
 * The toxics of one direction of a connection, between the endpoint that receives and its application.
 *
 * What they hold back counts as not taken by the application: the window closes, and the sender feels it, as behind a real proxy.
 */
import type { RandomStream } from "../random.ts";
import type { Scheduler } from "../scheduler.ts";
import type { TcpEndpoint } from "../tcp/endpoint.ts";
import type { TcpCloseReason, TcpHandler } from "../tcp/handler.ts";
import { type Outlet, type Stage, stageOf } from "./stage.ts";
import type { ToxicSpec } from "./toxic-spec.ts";

export class ToxicChain implements TcpHandler, Outlet {
  private readonly scheduler: Scheduler;
  private readonly endpoint: TcpEndpoint;
  private readonly inner: TcpHandler;
  private readonly random: RandomStream;
  private stages: Stage[] = [];
  private first: Outlet = this;
  private over = false;
  private finished = false;

  /** `specs` are those of this direction; which of them act on this connection is drawn from `random`. */
  constructor(
    scheduler: Scheduler,
    endpoint: TcpEndpoint,
    inner: TcpHandler,
    random: RandomStream,
    specs: readonly ToxicSpec[],
  ) {
    this.scheduler = scheduler;
    this.endpoint = endpoint;
    this.inner = inner;
    this.random = random;
    this.replace(specs);
  }

  /** Other toxics from now on; what the old ones held goes on at once. */
  replace(specs: readonly ToxicSpec[]): void {
    for (const stage of this.stages) stage.flush();
    let next: Outlet = this;
    const stages: Stage[] = [];
    for (const spec of specs.toReversed()) {
      if (spec.toxicity < 1 && this.random.below(1_000_000) >= spec.toxicity * 1_000_000) continue;
      const stage = stageOf(spec, this.scheduler, this.random, next);
      stages.unshift(stage);
      next = stage;
    }
    this.stages = stages;
    this.first = next;
  }

  opened(): void {
    this.inner.opened();
  }

  received(bytes: Uint8Array, offset: number, size: number): void {
    if (this.over) return;
    this.endpoint.waitingBytes += size;
    this.first.take(bytes.slice(offset, offset + size));
  }

  ended(): void {
    if (!this.over) this.first.end();
  }

  writable(): void {
    this.inner.writable?.();
  }

  closed(reason: TcpCloseReason): void {
    if (this.over) return;
    // A connection that both ends have finished may still have bytes on the way through its toxics.
    if (reason === "finished" && this.endpoint.waitingBytes > 0) {
      this.finished = true;
      return;
    }
    this.over = true;
    this.inner.closed(reason);
  }

  take(bytes: Uint8Array): void {
    if (this.over) return;
    this.endpoint.waitingBytes -= bytes.length;
    this.inner.received(bytes, 0, bytes.length);
    if (this.finished && this.endpoint.waitingBytes === 0) {
      this.over = true;
      this.inner.closed("finished");
    }
  }

  end(): void {
    if (this.over) return;
    if (this.inner.ended) this.inner.ended();
    else this.endpoint.close();
  }

  cut(reset: boolean): void {
    if (this.over) return;
    this.over = true;
    if (reset) this.endpoint.abort();
    else this.endpoint.close();
    this.inner.closed(reset ? "reset" : "finished");
  }
}
