/**
 * A message as the application gets it, and how the pieces of a large one become whole again.
 */
import { Buffer } from "node:buffer";
import type { Qos } from "./options.ts";
import type { Properties } from "./properties.ts";

/** What MQTT 5.0 says about a message, section 3.3.2.3; of its expiry what is left. */
export type MessageProperties = Pick<
  Properties,
  | "payloadFormat"
  | "messageExpirySeconds"
  | "contentType"
  | "responseTopic"
  | "correlationData"
  | "subscriptionIds"
  | "topicAlias"
  | "userProperties"
>;

export interface Message {
  readonly topic: string;
  /** The payload; or, where pieces were asked for, a piece of it. */
  readonly payload: Buffer;
  readonly qos: Qos;
  /** The server kept the message and sends it because of a new subscription, section 3.3.1.3. */
  readonly retain: boolean;
  /** The server may have sent it before, section 3.3.1.1. */
  readonly dup: boolean;
  /** By which the server knows the delivery, section 2.3.1; 0 at QoS 0. */
  readonly packetId: number;
  /** Of MQTT 5.0, section 3.3.2.3; absent in 3.1.1. */
  readonly properties?: MessageProperties;
  /** Where in the whole payload this piece begins: 0 unless pieces were asked for. */
  readonly offset: number;
  /** Bytes of the whole payload. */
  readonly total: number;
}

/** Puts pieces together. One message comes at a time, so there is one buffer. */
export class Assembler {
  readonly #sizeMax: number;
  #whole: Buffer | undefined;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  /** Takes a piece. Answers the whole message after its last piece; "oversize" once, at the first piece, if it is too large. */
  take(piece: Message): Message | "oversize" | undefined {
    // A first piece begins anew: of a message that a lost connection cut off no more pieces come.
    if (piece.offset === 0) {
      this.#whole = undefined;
      if (piece.total > this.#sizeMax) return "oversize";
      if (piece.payload.length === piece.total) return piece;
      this.#whole = Buffer.allocUnsafe(piece.total);
    }
    if (this.#whole === undefined) return undefined;
    piece.payload.copy(this.#whole, piece.offset);
    if (piece.offset + piece.payload.length < piece.total) return undefined;
    const payload = this.#whole;
    this.#whole = undefined;
    return { ...piece, payload, offset: 0 };
  }
}
