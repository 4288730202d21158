/**
 * The other end of a bearer: takes bare messages, or speaks MQTT-SN 1.2 as a gateway does, and notes what has been delivered.
 *
 * It is patient: a client that has not been heard of for longer than its keep-alive is still one. Answers wait until the bearer takes them.
 */
import type { Scheduler } from "../link/index.ts";
import type { History } from "../simulation/history.ts";
import { IDENTITY_SIZE, type Readings, readWord } from "../simulation/readings.ts";
import { readSn, SN_CONNACK, SN_PINGRESP, snPuback } from "../wire/mqtt-sn.ts";
import type { Remote, Terminal } from "./terminal.ts";

export class Gateway implements Remote {
  terminal: Terminal | null = null;
  private readonly scheduler: Scheduler;
  private readonly history: History;
  private readonly readings: Readings;
  private readonly isBare: boolean;
  private readonly mailbox: Buffer[] = [];

  constructor(scheduler: Scheduler, history: History, readings: Readings, isBare: boolean) {
    this.scheduler = scheduler;
    this.history = history;
    this.readings = readings;
    this.isBare = isBare;
  }

  received(bytes: Buffer): void {
    if (this.isBare) {
      this.deliver(bytes);
      return;
    }
    const message = readSn(bytes);
    if (message?.type === "CONNECT") this.answer(SN_CONNACK);
    else if (message?.type === "PINGREQ") this.answer(SN_PINGRESP);
    else if (message?.type === "PUBLISH") {
      this.deliver(message.payload);
      if (message.qos === 1) this.answer(snPuback(message.topicId, message.messageId));
    }
  }

  next(): Buffer | null {
    return this.mailbox.shift() ?? null;
  }

  private answer(bytes: Buffer): void {
    this.mailbox.push(bytes);
    this.terminal?.mailed();
  }

  private deliver(payload: Buffer): void {
    const { history, readings, scheduler } = this;
    if (payload.length < IDENTITY_SIZE) {
      history.delivered(-1, 0, scheduler.nowUs, false);
      return;
    }
    const [sensor, sequence] = [readWord(payload, 0), readWord(payload, 4)];
    const isIntact = readings.matches(payload, 0, payload.length, sensor, sequence);
    history.delivered(sensor, sequence, scheduler.nowUs, isIntact);
  }
}
