/** A role as options of the client: small regions, short waits, so that limits and time-outs are met within a play. */
import { type Settings, settle } from "../../client/options.ts";
import type { WillOfHistory } from "../history/index.ts";
import { payloadOf } from "./payload.ts";
import type { Role } from "./role.ts";

const OUTBOX_BYTES = 4096;
const RECEIVE_BYTES = 1024;
/** The most that may be half received at QoS 2, whatever the Receive Maximum. */
const INBOUND_COUNT = 64;
const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 8000;
/** An answer that has not come by then does not come on this connection. */
const RESPONSE_TIMEOUT_MS = 30_000;
/** Sets the jitter of one life apart from the next. */
const SEED_STRIDE = 7919;

/** The driver only asks whether there is a store: what is saved comes to the actor's `save`. */
const KEPT = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };

/** The will of one life of a client: from one start to the next its connections share it. */
export function willOf({ will }: Role, name: string, life: number): WillOfHistory | undefined {
  return will && { id: `${name}/will/${life}`, topic: will.topic, qos: will.qos, delayS: will.delayS };
}

/** `credentials` where the server wants to know who comes. */
export function settingsOf(
  role: Role,
  will: WillOfHistory | undefined,
  life: number,
  credentials: { readonly username?: string; readonly password?: string } = {},
): Settings {
  const isFive = role.version === 5;
  return settle({
    ...credentials,
    protocolVersion: role.version,
    clientId: role.clientId,
    clean: role.clean,
    keepAliveSeconds: role.keepAliveS,
    window: role.window,
    inboundCount: Math.min(role.receiveMaximum, INBOUND_COUNT),
    outboxSize: OUTBOX_BYTES,
    receiveSize: RECEIVE_BYTES,
    backoffMinMs: BACKOFF_MIN_MS,
    backoffMaxMs: BACKOFF_MAX_MS,
    responseTimeoutMs: RESPONSE_TIMEOUT_MS,
    seed: 1 + ((life * SEED_STRIDE) % 0x7fff_fff0),
    ...(role.clean ? {} : { store: KEPT }),
    ...(isFive
      ? { properties: { sessionExpirySeconds: role.sessionExpiryS, receiveMaximum: role.receiveMaximum } }
      : {}),
    ...(will === undefined
      ? {}
      : {
          will: {
            topic: will.topic,
            payload: payloadOf(will.id),
            qos: will.qos,
            ...(isFive ? { properties: { willDelaySeconds: will.delayS } } : {}),
          },
        }),
  });
}
