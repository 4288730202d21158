/**
 * The numbers of the core's interface: what a host in another language has compiled into it, so that they never change.
 */
import { describe, expect, it } from "vitest";
import * as events from "../../assembly/session/events.ts";
import { NEVER } from "../../assembly/session/timers.ts";
import {
  CLOSING,
  CONNECTED,
  CONNECTING,
  DISCONNECTING,
  ENDING,
  IDLE,
  OPENING,
  WAITING,
} from "../../assembly/session/transitions.ts";
import { FULL, INCOMPLETE, NOTHING } from "../../assembly/status.ts";

const STATES = [IDLE, WAITING, OPENING, CONNECTING, CONNECTED, DISCONNECTING, CLOSING, ENDING];

describe("the numbers of", () => {
  it("events are 0 to 11", () => {
    expect({ ...events }).toEqual({
      NONE: 0,
      OPEN: 1,
      CONNECTED: 2,
      CLOSE: 3,
      MESSAGE: 4,
      PUBLISHED: 5,
      SUBSCRIBED: 6,
      UNSUBSCRIBED: 7,
      OVERSIZE: 8,
      REFUSED: 9,
      EXPIRED: 10,
      AUTHENTICATE: 11,
    });
  });

  it("what is never due, and of the answers that a host looks for", () => {
    expect([NEVER, INCOMPLETE, FULL, NOTHING]).toEqual([0x7fff_ffff, -1, -2, -3]);
  });

  it("states are 0 to 7", () => {
    expect(STATES).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
