/**
 * A core with one client in it, its memory as large as the settings ask for, ready to be committed to connecting.
 */
import { GONE } from "../../assembly/session/limits.ts";
import { MISUSE_SESSION } from "../../assembly/status.ts";
import { type Core, FIRST_ADDRESS } from "../core/core.ts";
import { loadWasm } from "../core/load.ts";
import { CONNECT_OVERHEAD, encodeConnect } from "./connect-packet.ts";
import { errorOfReason, errorOfStatus, expiredError } from "./errors.ts";
import type { Settings } from "./options.ts";
import { unsealSession } from "./store.ts";
import { TEXT_SIZE_MAX } from "./text.ts";

/** The least of the reason codes with which `commit` refuses, assembly/index.ts. */
const PACKET_TOO_LARGE = 0x95;

/** Room behind CONNECT for an identifier that the server assigns, and for AUTH and DISCONNECT with their properties. */
const ASIDE_SIZE = 66_000;

/** Most bytes for the server's aliases; those that find no room are not remembered. */
const ALIASES_IN_MAX = 16 << 20;

/** Bytes for the client's own: some hundred topics. */
const ALIASES_OUT = 16_384;

/** The option of the core that is the least wait before a reconnect: assembly/client.ts, `configure`. */
export const OPTION_BACKOFF_MIN = 2;

/**
 * The client's record is at FIRST_ADDRESS; a CONNECT is composed and waits for `commit`. Throws a PerigeeError for settings
 * that cannot be sent, and for a saved session that is torn or another client's. `now` is when: messages of a saved session that expire
 * go on from there.
 */
export function setUpCore(settings: Settings, savedSession: Uint8Array | undefined, now: number): Core {
  const { receiveSize, outboxSize, inboundCount } = settings;
  const { flags, bytes } = encodeConnect(settings);
  const isFive = settings.protocolVersion === 5;
  const connectSize = CONNECT_OVERHEAD + bytes.length + (isFive ? ASIDE_SIZE : 0);
  const [aliasesIn, aliasesOut] = isFive ? aliasRoom(settings) : [0, 0];
  const receive = receiveSize + aliasesIn + aliasesOut;
  // At address 0 the core only tells the size; any will do.
  const size = check(loadWasm(1).initialize(0, receive, outboxSize, connectSize, inboundCount), "capacities");
  const client = FIRST_ADDRESS;
  const core = loadWasm(client + size);
  core.initialize(client, receive, outboxSize, connectSize, inboundCount);
  if (isFive) {
    check(core.aliases(client, aliasesIn, aliasesOut), "topic aliases");
    check(core.speak(client, 5), "MQTT 5.0");
  }
  const options = [
    settings.window,
    settings.responseTimeoutMs,
    settings.backoffMinMs,
    settings.backoffMaxMs,
    settings.seed,
    settings.store === undefined ? 0 : 1,
  ];
  for (const [option, value] of options.entries()) check(core.configure(client, option, value), `option ${option}`);
  if (savedSession !== undefined) {
    const session = unsealSession(settings, savedSession);
    if (session.length !== core.sessionSize(client)) throw errorOfStatus(MISUSE_SESSION);
    // Before they are there: the time until now is none of theirs.
    core.tick(client, now);
    core.bytes.set(session, core.sessionAddress(client));
    check(core.restored(client));
  }
  core.bytes.set(bytes, check(core.connect(client, bytes.length, flags, settings.keepAliveSeconds), "CONNECT"));
  return core;
}

/** Bytes for the topics that aliases stand for: those of the server, of any size, and those of the client. */
function aliasRoom({ properties }: Settings): [inbound: number, outbound: number] {
  const inbound = (properties?.topicAliasMaximum ?? 0) * (TEXT_SIZE_MAX + 4);
  return [Math.min(inbound, ALIASES_IN_MAX), ALIASES_OUT];
}

/** `answer`; or throws what it says where it is below zero. */
export function check(answer: number, offender = ""): number {
  if (answer === -GONE) throw expiredError();
  // What the connected server has said that it does not take: a reason code, negated.
  if (answer <= -PACKET_TOO_LARGE)
    throw errorOfReason("REFUSED", -answer, {}, `the server takes no such ${offender}: `);
  if (answer < 0) throw errorOfStatus(answer, offender);
  return answer;
}
