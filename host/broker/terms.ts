/**
 * What a 5.0 client and the server have told each other in CONNECT and CONNACK, and the state that lives as long as
 * their connection: topic aliases, and the QoS 2 messages that count against the server's Receive Maximum (3.1.2.11,
 * 3.2.2.3, 4.9).
 */
import { AliasTable } from "./aliases.ts";
import type { Properties } from "./codec/properties.ts";
import type { Topic } from "./topics.ts";

/** A session that never ends by itself: Session Expiry Interval 0xFFFFFFFF (3.1.2.11.2). */
export const NEVER_S = 0xffff_ffff;

export class Terms {
  /** The largest packet that the client takes, bytes. */
  readonly maxPacketSize: number;
  /** QoS 1 and 2 messages that the client takes at once. */
  readonly receiveMaximum: number;
  /** False: no reason strings but in CONNACK and DISCONNECT [MQTT-3.1.2-29]. */
  readonly wantsReasons: boolean;
  /** As it stands in CONNECT. 0 cannot be raised by DISCONNECT. */
  readonly sessionExpiryS: number;
  /** The method under which the client authenticated, for re-authentication. */
  readonly authenticationMethod: string | undefined;
  /** Topics by the alias that the client has given them [MQTT-3.3.2-7]; index 0 is never used. */
  readonly inboundAliases: (Topic | undefined)[] = [];
  /** Null when the client takes none. */
  readonly outboundAliases: AliasTable | null;
  /** QoS 2 PUBLISH packets of this connection whose PUBREL has not come. */
  readonly receivedIds = new Set<number>();

  /** `maxOutboundAliasCount` is what the server spends on a connection, whatever the client would take. */
  constructor(properties: Properties, maxOutboundAliasCount: number) {
    this.maxPacketSize = properties.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    this.receiveMaximum = properties.receiveMaximum ?? 0xffff;
    this.wantsReasons = properties.requestProblemInformation !== 0;
    this.sessionExpiryS = properties.sessionExpiryS ?? 0;
    this.authenticationMethod = properties.authenticationMethod;
    // [MQTT-3.1.2-26] [MQTT-3.1.2-27] [MQTT-3.3.2-11] no alias above the client's maximum, none at all when it gives none.
    const aliasCount = Math.min(properties.topicAliasMaximum ?? 0, maxOutboundAliasCount);
    this.outboundAliases = aliasCount > 0 ? new AliasTable(aliasCount) : null;
  }
}
