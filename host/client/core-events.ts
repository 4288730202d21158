/**
 * What the core has to tell, event by event, as calls of the handler and of whoever waits for a request.
 */
import { Buffer } from "node:buffer";
import * as event from "../../assembly/session/events.ts";
import { ENDED_DISCONNECT, ENDED_REFUSED, ENDED_SERVER } from "../../assembly/status.ts";
import type { Core } from "../core/core.ts";
import { check } from "./core-setup.ts";
import type { DriverHandler } from "./driver-handler.ts";
import { errorOfReason, errorOfRefusal, errorOfStatus, expiredError, PerigeeError } from "./errors.ts";
import { Assembler } from "./message.ts";
import type { Settings } from "./options.ts";
import type { Patience } from "./patience.ts";
import { decodeProperties, encodeProperties, type Properties } from "./properties.ts";
import { payloadOf, readMessage } from "./read-message.ts";
import type { Answer, Requests } from "./requests.ts";

/** Of `eventFlags`, with CONNECTED. */
const SESSION_PRESENT = 0x100;

/** Section 3.15.2.1, and the type of AUTH. */
const CONTINUE = 0x18;
const AUTH = 15;

/** What of the driver an event may need. */
export interface EventHost {
  readonly settings: Settings;
  readonly handler: DriverHandler;
  readonly requests: Requests;
  readonly patience: Patience;
  /** Writes what is there to be written; answers whether anything was. */
  drain(now: number): boolean;
  /** Whether a message of QoS 0 is leaving. */
  readonly isQos0Leaving: boolean;
}

export class CoreEvents {
  readonly #core: Core;
  readonly #client: number;
  readonly #host: EventHost;
  readonly #assembler: Assembler;
  /** What the server said at the end, and what the application could not answer. */
  #farewell: Properties = {};
  #authenticationError: PerigeeError | undefined;

  constructor(core: Core, client: number, host: EventHost) {
    this.#core = core;
    this.#client = client;
    this.#host = host;
    this.#assembler = new Assembler(host.settings.messageSizeMax);
  }

  /** Why the connection was closed last; undefined where nobody has said. */
  get reason(): PerigeeError | undefined {
    const core = this.#core;
    const reason = core.reason(this.#client);
    const refusal = core.refusal(this.#client);
    if (this.#authenticationError !== undefined) return this.#authenticationError;
    if (reason === ENDED_SERVER) {
      return errorOfReason("ENDED_SERVER", refusal, this.#farewell, "the server has disconnected: ");
    }
    if (reason !== ENDED_REFUSED) return reason === 0 ? undefined : errorOfStatus(reason);
    return refusal < 0x80 ? errorOfRefusal(refusal) : errorOfReason("ENDED_REFUSED", refusal, this.#farewell, "");
  }

  /** Takes all that there are. */
  take(now: number): void {
    const { handler, patience, requests } = this.#host;
    const core = this.#core;
    const client = this.#client;
    for (;;) {
      const type = core.nextEvent(client, now);
      switch (type) {
        case event.NONE:
          return;
        case event.OPEN:
          this.#farewell = {};
          handler.open();
          break;
        case event.CLOSE: {
          // Behind any other reason the properties are those of a packet that was refused: nobody has judged them.
          const isSaid = core.reason(client) === ENDED_REFUSED || core.reason(client) === ENDED_SERVER;
          this.#farewell = isSaid ? this.#properties() : {};
          // DISCONNECT with a reason is the last that leaves.
          const wasDrained = this.#host.drain(now);
          handler.close(wasDrained || core.reason(client) === ENDED_DISCONNECT);
          break;
        }
        case event.CONNECTED: {
          const properties = this.#properties();
          patience.connected(now);
          this.#authenticate(properties, true, now);
          handler.connected((core.eventFlags(client) & SESSION_PRESENT) !== 0, properties);
          break;
        }
        case event.MESSAGE:
          this.#deliver();
          break;
        case event.PUBLISHED:
          patience.delivered();
          requests.done(core.eventId(client), undefined, this.#answer());
          break;
        case event.SUBSCRIBED:
        case event.UNSUBSCRIBED:
          requests.done(core.eventId(client), payloadOf(core, client), this.#answer());
          break;
        case event.OVERSIZE:
          handler.oversize("", core.payloadTotal(client));
          break;
        case event.REFUSED: {
          const error = errorOfReason("REFUSED", core.eventCode(client), this.#properties(), "the server refuses it: ");
          requests.dropped(core.eventId(client), undefined, this.#host.isQos0Leaving, error);
          break;
        }
        case event.EXPIRED: {
          const error = expiredError();
          requests.dropped(core.eventId(client), undefined, this.#host.isQos0Leaving, error);
          break;
        }
        case event.AUTHENTICATE:
          this.#authenticate(this.#properties(), core.eventCode(client) !== CONTINUE, now);
          break;
      }
    }
  }

  #properties(): Properties {
    const core = this.#core;
    if (this.#host.settings.protocolVersion !== 5) return {};
    const at = core.propertiesAddress(this.#client);
    return decodeProperties(core.bytes.subarray(at, at + core.propertiesSize(this.#client)));
  }

  #answer(): Answer {
    if (this.#host.settings.protocolVersion !== 5) return { reasonCode: 0, properties: {} };
    return { reasonCode: this.#core.eventCode(this.#client), properties: this.#properties() };
  }

  #deliver(): void {
    const { settings, handler, patience } = this.#host;
    patience.delivered();
    const isFive = settings.protocolVersion === 5;
    const piece = readMessage(this.#core, this.#client, isFive ? this.#properties() : undefined);
    const whole = settings.pieces ? piece : this.#assembler.take(piece);
    if (whole === "oversize") handler.oversize(piece.topic, piece.total);
    else if (whole !== undefined) handler.message(whole);
  }

  /** The application's turn in an authentication, section 4.12. */
  #authenticate({ authenticationData }: Properties, isDone: boolean, now: number): void {
    const { authentication } = this.#host.settings;
    if (authentication === undefined) return;
    try {
      const answer = authentication.respond(authenticationData ?? Buffer.alloc(0), isDone);
      if (!isDone) this.#sendAuthentication(authentication.method, answer);
    } catch (error) {
      const text = `authentication failed: ${(error as Error).message}`;
      this.#authenticationError = new PerigeeError("AUTHENTICATION", text, { cause: error });
      this.#core.disconnect(this.#client, now);
    }
  }

  #sendAuthentication(method: string, data: Uint8Array | undefined): void {
    const core = this.#core;
    const authenticationData = data === undefined ? undefined : Buffer.from(data);
    const block = encodeProperties({ authenticationMethod: method, authenticationData }, "auth");
    const at = check(core.compose(this.#client, AUTH, block.length + 1), "AUTH");
    core.bytes[at] = CONTINUE;
    core.bytes.set(block, at + 1);
    check(core.commit(this.#client), "AUTH");
  }
}
