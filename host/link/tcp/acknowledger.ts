/**
 * When to acknowledge: at once, later, or on the back of data.
 *
 * `linux` (tcp_event_data_recv(), __tcp_ack_snd_check(), tcp_send_delayed_ack()): at once while quick acknowledgements are in credit, which a long pause renews;
 * after the application has spoken within the last acknowledgement time-out the stream is held for a conversation, and
 * acknowledgements wait 40 to 200 ms for an answer to ride on. `lwip`: every second segment, or the next 250 ms tick. `rfc1122`: every second full segment, or 500 ms.
 */
import type { Scheduler } from "../scheduler.ts";
import { Timer, type TimerOwner } from "../timer.ts";
import type { TcpProfile } from "./profile.ts";
import { type TimerGrid, timerGrid } from "./timer-grid.ts";

/** TCP_ATO_MIN and TCP_DELACK_MIN, TCP_DELACK_MAX, TCP_MAX_QUICKACKS. */
const SHORTEST_DELAY_US = 40_000;
const LONGEST_DELAY_US = 200_000;
const QUICK_CREDIT = 16;
/** RFC 1122 4.2.3.2: less than half a second. */
const RFC1122_DELAY_US = 500_000;
/** Estimate of the peer's segment size before a larger segment was seen (tcp_initialize_rcv_mss). */
const INITIAL_SEGMENT_ESTIMATE = 536;

export class Acknowledger implements TimerOwner {
  /** An acknowledgement is owed. */
  owed = false;
  private urgent = false;
  private readonly scheduler: Scheduler;
  private readonly method: TcpProfile["acknowledgement"];
  private readonly grid: TimerGrid;
  private readonly timer: Timer;
  private readonly acknowledge: () => void;
  private delayUs = 0;
  private quickCredit = 0;
  private conversing = false;
  private lastReceivedUs = 0;
  private segmentEstimate = INITIAL_SEGMENT_ESTIMATE;
  private owedBytes = 0;
  private smallCount = 0;

  /** `acknowledge` sends a segment without data. */
  constructor(scheduler: Scheduler, profile: TcpProfile, acknowledge: () => void) {
    this.scheduler = scheduler;
    this.method = profile.acknowledgement;
    this.grid = timerGrid(profile.timerGrid);
    this.timer = new Timer(scheduler, this, 1);
    this.acknowledge = acknowledge;
  }

  /** In-order data came. `rtoUs` is the endpoint's own time-out. Nothing is sent before {@link settle}. */
  received(size: number, rtoUs: number): void {
    this.owed = true;
    this.owedBytes += size;
    if (size >= this.segmentEstimate) this.segmentEstimate = size;
    else this.smallCount += 1;
    if (this.method === "linux") this.adapt(rtoUs);
  }

  /**
   * Acknowledges now or sets the timer for later, unless what is owed has gone out with data. Called once for a segment that brought something, before the
   * application sees it.
   */
  settle(smoothedUs: number): void {
    if (!this.owed) return;
    if (this.urgent) this.acknowledge();
    else if (this.method !== "linux") this.settleSimply();
    else if (this.owedBytes > this.segmentEstimate || (this.quickCredit > 0 && !this.conversing)) this.acknowledge();
    else this.delay(smoothedUs);
  }

  /** The application has taken the data and said nothing: Linux then acknowledges, unless it waits for an answer. */
  consumed(): void {
    if (!this.owed || this.method !== "linux") return;
    const quiet = !this.conversing && this.smallCount > 0;
    if (quiet || this.smallCount > 1 || this.owedBytes > this.segmentEstimate) this.acknowledge();
  }

  /** Something out of order or already known came, or a gap was filled: acknowledge with the next {@link settle}. */
  hurry(): void {
    this.owed = true;
    this.urgent = true;
  }

  /** What came was a sign of trouble: no conversation, and quick acknowledgements for a while. */
  disturbed(): void {
    this.conversing = false;
    this.delayUs = SHORTEST_DELAY_US;
    this.quickCredit = QUICK_CREDIT;
    this.hurry();
  }

  /** The peer's FIN came: the acknowledgement waits for our own, but for stacks that know no such patience. */
  finished(): void {
    if (this.method === "linux") {
      this.owed = true;
      this.conversing = true;
    } else {
      this.hurry();
    }
  }

  /** A segment goes out, and the acknowledgement with it. */
  sent(withData: boolean): void {
    if (withData && this.scheduler.nowUs - this.lastReceivedUs < this.delayUs) this.conversing = true;
    if (!this.owed) return;
    this.owed = false;
    this.urgent = false;
    this.owedBytes = 0;
    this.smallCount = 0;
    if (this.quickCredit > 0) this.quickCredit -= 1;
    this.timer.disarm();
  }

  timedOut(): void {
    if (!this.owed) return;
    if (this.conversing) {
      // Nobody answered: no conversation after all.
      this.conversing = false;
      this.delayUs = SHORTEST_DELAY_US;
    } else {
      this.delayUs = Math.min(this.delayUs * 2, LONGEST_DELAY_US);
    }
    this.acknowledge();
  }

  stop(): void {
    this.owed = false;
    this.timer.disarm();
  }

  private settleSimply(): void {
    const enough = this.method === "lwip" ? this.timer.armed : this.owedBytes >= 2 * this.segmentEstimate;
    if (enough) this.acknowledge();
    else if (!this.timer.armed) {
      const nowUs = this.scheduler.nowUs;
      this.timer.arm(this.grid.fastDeadlineUs(nowUs, RFC1122_DELAY_US));
    }
  }

  /** The pause since the last data moves the delay; a pause longer than the time-out renews the credit. */
  private adapt(rtoUs: number): void {
    const nowUs = this.scheduler.nowUs;
    const pauseUs = nowUs - this.lastReceivedUs;
    if (this.delayUs === 0) {
      this.quickCredit = QUICK_CREDIT;
      this.delayUs = SHORTEST_DELAY_US;
    } else if (pauseUs <= SHORTEST_DELAY_US / 2) {
      this.delayUs = Math.floor(this.delayUs / 2) + SHORTEST_DELAY_US / 2;
    } else if (pauseUs < this.delayUs) {
      this.delayUs = Math.min(Math.floor(this.delayUs / 2) + pauseUs, rtoUs);
    } else if (pauseUs > rtoUs) {
      this.quickCredit = QUICK_CREDIT;
    }
    this.lastReceivedUs = nowUs;
  }

  private delay(smoothedUs: number): void {
    let delayUs = this.delayUs;
    if (delayUs > SHORTEST_DELAY_US) {
      let longestUs = LONGEST_DELAY_US;
      if (smoothedUs > 0) longestUs = Math.min(longestUs, Math.max(Math.floor(smoothedUs / 8), SHORTEST_DELAY_US));
      delayUs = Math.min(delayUs, longestUs);
    }
    const nowUs = this.scheduler.nowUs;
    if (this.timer.armed && this.timer.deadlineUs <= nowUs + Math.floor(delayUs / 4)) {
      this.acknowledge();
      return;
    }
    const deadlineUs = this.grid.fastDeadlineUs(nowUs, delayUs);
    if (deadlineUs < this.timer.deadlineUs) this.timer.arm(deadlineUs);
  }
}
