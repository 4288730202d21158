/**
 * A core with one client in it, its memory as large as the settings ask for, ready to be committed to connecting.
 */
import { MISUSE_SESSION } from "../../assembly/status.ts";
import { type Core, FIRST_ADDRESS } from "../core/core.ts";
import { loadWasm } from "../core/load.ts";
import { CONNECT_OVERHEAD, encodeConnect } from "./connect-packet.ts";
import { errorOfStatus } from "./errors.ts";
import type { Settings } from "./options.ts";
import { unsealSession } from "./store.ts";

/** The option of the core that is the least wait before a reconnect: assembly/client.ts, `configure`. */
export const OPTION_BACKOFF_MIN = 2;

/**
 * The client's record is at FIRST_ADDRESS; a CONNECT is composed and waits for `commit`. Throws a PerigeeError for settings
 * that cannot be sent, and for a saved session that is torn or another client's.
 */
export function setUpCore(settings: Settings, savedSession?: Uint8Array): Core {
  const { receiveSize, outboxSize, inboundCount } = settings;
  const { flags, bytes } = encodeConnect(settings);
  const connectSize = CONNECT_OVERHEAD + bytes.length;
  // At address 0 the core only tells the size; any will do.
  const size = check(loadWasm(1).initialize(0, receiveSize, outboxSize, connectSize, inboundCount), "capacities");
  const client = FIRST_ADDRESS;
  const core = loadWasm(client + size);
  core.initialize(client, receiveSize, outboxSize, connectSize, inboundCount);
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
    core.bytes.set(session, core.sessionAddress(client));
    check(core.restored(client));
  }
  core.bytes.set(bytes, check(core.connect(client, bytes.length, flags, settings.keepAliveSeconds), "CONNECT"));
  return core;
}

/** `answer`; or throws what it says where it is below zero. */
export function check(answer: number, offender = ""): number {
  if (answer < 0) throw errorOfStatus(answer, offender);
  return answer;
}
