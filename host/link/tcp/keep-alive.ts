/**
 * Keep-alive of TCP itself (RFC 1122 4.2.3.6): a connection on which nothing came for long is asked whether it is still there.
 *
 * Nobody has it unless it is asked for (SO_KEEPALIVE). Linux asks after two hours, then nine times, 75 s apart (tcp(7)).
 */
import type { Scheduler } from "../scheduler.ts";
import { Timer, type TimerOwner } from "../timer.ts";

export interface KeepAliveSpec {
  readonly idleUs: number;
  readonly intervalUs: number;
  readonly probes: number;
}

export const LINUX_KEEP_ALIVE: KeepAliveSpec = { idleUs: 7_200_000_000, intervalUs: 75_000_000, probes: 9 };

/** What a keep-alive asks of its endpoint. */
export interface KeepAliveHost {
  /** Sends the old byte that the peer must answer. */
  askPeer(): void;
  /** Nobody answered. */
  gaveUp(): void;
}

export class KeepAlive implements TimerOwner {
  private readonly scheduler: Scheduler;
  private readonly spec: KeepAliveSpec;
  private readonly host: KeepAliveHost;
  private readonly timer: Timer;
  private askedCount = 0;

  constructor(scheduler: Scheduler, spec: KeepAliveSpec, host: KeepAliveHost) {
    this.scheduler = scheduler;
    this.spec = spec;
    this.host = host;
    this.timer = new Timer(scheduler, this, 3);
  }

  /** Something came. */
  heard(): void {
    this.askedCount = 0;
    this.timer.arm(this.scheduler.nowUs + this.spec.idleUs);
  }

  stop(): void {
    this.timer.disarm();
  }

  timedOut(): void {
    if (this.askedCount >= this.spec.probes) {
      this.host.gaveUp();
      return;
    }
    this.askedCount += 1;
    this.host.askPeer();
    this.timer.arm(this.scheduler.nowUs + this.spec.intervalUs);
  }
}
