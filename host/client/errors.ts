/**
 * The one error of the client: a code to test for, and a message that names the rule and the offender.
 *
 * Codes are the names of assembly/status.ts, whose numbers are what the core answers, and a few that only a computer has.
 */
import * as status from "../../assembly/status.ts";
import type { Properties } from "./properties.ts";
import { reasonOf } from "./reasons.ts";

/** Codes that the core knows nothing of. */
export type HostCode =
  | "MISUSE_OPTION"
  | "MISUSE_URL"
  | "MISUSE_PAYLOAD"
  | "UNREACHABLE"
  | "TLS"
  | "CLOSED"
  | "DROPPED"
  | "SUPERSEDED"
  | "OVERSIZE"
  | "SUBSCRIPTION_REFUSED"
  | "REFUSED"
  | "EXPIRED"
  | "FALLBACK"
  | "AUTHENTICATION"
  | "STORE";

type Answer = Exclude<keyof typeof status, "OK">;

/** What each answer of the core means, for a person. The sections are those of MQTT 3.1.1. */
const TEXTS = {
  INCOMPLETE: "more bytes are needed",
  FULL: "the outbox is full",
  NOTHING: "nothing is queued that could make room",
  MISUSE_STATE: "the call does not fit the state of the connection",
  MISUSE_RANGE: "a value is out of its range",
  MISUSE_TOO_LARGE: "the packet is larger than the outbox",
  MISUSE_TOPIC: "not a topic name: empty, or with a wildcard, or not UTF-8 [MQTT-3.3.2-2]",
  MISUSE_FILTER: "not a topic filter: empty, or with a misplaced wildcard, or not UTF-8 [MQTT-4.7.1-2]",
  MISUSE_QOS: "a quality of service is 0, 1 or 2 [MQTT-3.3.1-4]",
  MISUSE_CLIENT_ID: "not a client identifier: not UTF-8, or empty without a clean session [MQTT-3.1.3-7]",
  MISUSE_WILL: "a will needs a topic name without wildcards and QoS 0, 1 or 2 [MQTT-3.1.2-14]",
  MISUSE_USER: "a user name is UTF-8, and a password needs a user name [MQTT-3.1.2-22]",
  MISUSE_CONNECT: "a will, user name or password that is not what section 3.1.3 asks for",
  MISUSE_SESSION: "the saved session is torn or belongs to another client",
  MISUSE_PROPERTIES: "a property may not stand there, or not twice, or not with that value",
  MALFORMED_FLAGS: "the server sent a packet with wrong flags [MQTT-2.2.2-2]",
  MALFORMED_LENGTH: "the server sent a remaining length of more than four bytes",
  MALFORMED_SIZE: "the server sent a packet whose length does not match what it holds",
  MALFORMED_ID: "the server sent packet identifier 0 [MQTT-2.3.1-1]",
  MALFORMED_QOS: "the server sent a PUBLISH with QoS 3 [MQTT-3.3.1-4]",
  MALFORMED_DUP: "the server sent a PUBLISH with QoS 0 and DUP [MQTT-3.3.1-2]",
  MALFORMED_TOPIC: "the server sent a topic name that is empty or has a wildcard [MQTT-3.3.2-2]",
  MALFORMED_UTF8: "the server sent text that is not UTF-8 [MQTT-1.5.3-1]",
  MALFORMED_CONNACK_FLAGS: "the server sent a CONNACK with reserved flags",
  MALFORMED_CONNACK_CODE: "the server sent a CONNACK with a reserved return code",
  MALFORMED_CONNACK_SESSION: "the server refused, yet claimed a session [MQTT-3.2.2-4]",
  MALFORMED_SUBACK_CODE: "the server sent a SUBACK with a reserved return code [MQTT-3.9.3-2]",
  MALFORMED_PROPERTIES: "the server sent properties that do not add up",
  MALFORMED_PROPERTY: "the server sent a property that has no place in its packet",
  UNEXPECTED_TYPE: "the server sent a packet that only a client may send",
  UNEXPECTED_BEFORE_CONNACK: "the server sent another packet before CONNACK [MQTT-3.2.0-1]",
  UNEXPECTED_CONNACK: "the server sent a second CONNACK",
  UNEXPECTED_ACKNOWLEDGEMENT: "the server sent an acknowledgement of another kind than was due",
  UNEXPECTED_SUBACK_COUNT: "the server sent a SUBACK with another number of codes than filters [MQTT-3.8.4-5]",
  UNEXPECTED_SESSION: "the server claims a session where a clean one was asked for [MQTT-3.2.2-1]",
  UNEXPECTED_SIZE: "the server sent a packet larger than the receive region that is no PUBLISH",
  UNEXPECTED_PROPERTY: "the server sent a property twice that may stand once",
  UNEXPECTED_VALUE: "the server sent a property with a value that it may not have",
  UNEXPECTED_REASON: "the server sent a reason code that its packet may not carry",
  UNEXPECTED_TOPIC: "the server sent a PUBLISH with neither topic nor alias",
  UNEXPECTED_AUTHENTICATION:
    "the server sent authentication that was not asked for, or of another method [MQTT-4.12.0-5]",
  RECEIVE_MAXIMUM_EXCEEDED: "the server sent more messages at once than the receive maximum [MQTT-3.3.4-9]",
  ALIAS_INVALID: "the server sent a topic alias that stands for nothing [MQTT-3.3.2-8]",
  ENDED_DISCONNECT: "the client has disconnected",
  ENDED_REFUSED: "the server refused the connection",
  ENDED_TIMEOUT: "the server did not answer in time",
  ENDED_RESUME: "the connection is resumed to fetch messages for which there was no room",
  ENDED_TRANSPORT: "the connection was lost",
  ENDED_SERVER: "the server has disconnected",
} as const satisfies Record<Answer, string>;

/** Named by the texts, for declarations that stand without the core's. */
export type CoreCode = keyof typeof TEXTS;

export type PerigeeErrorCode = HostCode | CoreCode;

/** CONNACK return codes, MQTT 3.1.1 table 3.1. */
const REFUSALS = [
  "accepted",
  "unacceptable protocol version",
  "identifier rejected",
  "broker unavailable",
  "bad user name or password",
  "not authorised",
];

const CODES = new Map<number, CoreCode>(
  Object.entries(status).map(([name, value]) => [value as number, name as CoreCode]),
);

/** What went wrong: `code` to test for, `message` to read, `cause` the error beneath, if there is one. */
export class PerigeeError extends Error {
  override readonly name = "PerigeeError";
  readonly code: PerigeeErrorCode;
  /** With ENDED_REFUSED the return code of CONNACK, in 3.1.1 1 to 5; in MQTT 5.0 the reason code of whatever refused; otherwise 0. */
  readonly refusal: number;
  /** Of MQTT 5.0: what the server says besides, such as `reasonString` and `serverReference`. */
  readonly properties: Properties;

  constructor(
    code: PerigeeErrorCode,
    message: string,
    options: { cause?: unknown; refusal?: number; properties?: Properties } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.refusal = options.refusal ?? 0;
    this.properties = options.properties ?? {};
  }
}

/** The error for an answer of the core below zero; `offender` says what it was about. */
export function errorOfStatus(answer: number, offender = ""): PerigeeError {
  const code = CODES.get(answer);
  if (code === undefined) throw new RangeError(`the core never answers ${answer}`);
  return new PerigeeError(code, offender === "" ? TEXTS[code] : `${TEXTS[code]}: ${offender}`);
}

/** The error for a CONNACK with `returnCode`, 1 to 5. */
export function errorOfRefusal(returnCode: number): PerigeeError {
  return new PerigeeError("ENDED_REFUSED", `Connection Refused: ${REFUSALS[returnCode] ?? returnCode}.`, {
    refusal: returnCode,
  });
}

/** The error for a reason code of MQTT 5.0, with what the server says besides; `what` was refused. */
export function errorOfReason(
  code: "ENDED_REFUSED" | "ENDED_SERVER" | "REFUSED",
  reasonCode: number,
  properties: Properties,
  what: string,
): PerigeeError {
  const { reasonString } = properties;
  const text = `${what}${reasonOf(reasonCode)}${reasonString === undefined ? "" : ` (${reasonString})`}`;
  return new PerigeeError(code, text, { refusal: reasonCode, properties });
}

/** The error for a message of MQTT 5.0 that nobody wants any more, section 3.3.2.3.3: it was never sent. */
export function expiredError(): PerigeeError {
  return new PerigeeError("EXPIRED", "the message expired before it could be sent");
}

/** The error for a message that was acknowledged and dropped; `topic` is "" where that alone did not fit. */
export function oversizeError(topic: string, size: number, sizeMax: number): PerigeeError {
  const short = topic.length <= 80 ? topic : `${topic.slice(0, 77)}...`;
  const which = topic === "" ? "whose topic does not fit the receive region" : `of topic "${short}"`;
  return new PerigeeError("OVERSIZE", `a message of ${size} bytes ${which} was dropped: messageSizeMax is ${sizeMax}`);
}
