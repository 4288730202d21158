/**
 * What both versions ask for under different numbers: a reason must name the statement of the version that the
 * connection speaks, because the same number is another statement in the other version.
 */
export interface Rules {
  /** A string is well-formed UTF-8. */
  readonly wellFormed: string;
  /** A string holds no U+0000. */
  readonly noNull: string;
  /** `#` is the last character of a filter and fills its level. */
  readonly hashAlone: string;
  /** `+` fills its level. */
  readonly plusAlone: string;
  /** A topic name holds no wildcard. */
  readonly nameWildcard: string;
  /** A packet is no larger than the receiver allows. */
  readonly packetSize: string;
  /** The form of a Remaining Length. */
  readonly remainingLength: string;
}

/** MQTT 3.1.1. It knows no maximum packet size: that is a limit of this server. */
export const RULES_3: Rules = {
  wellFormed: "MQTT-1.5.3-1",
  noNull: "MQTT-1.5.3-2",
  hashAlone: "MQTT-4.7.1-2",
  plusAlone: "MQTT-4.7.1-3",
  nameWildcard: "MQTT-4.7.1-1",
  packetSize: "limit",
  remainingLength: "MQTT 2.2.3",
};

/** MQTT 5.0. */
export const RULES_5: Rules = {
  wellFormed: "MQTT-1.5.4-1",
  noNull: "MQTT-1.5.4-2",
  hashAlone: "MQTT-4.7.1-1",
  plusAlone: "MQTT-4.7.1-2",
  nameWildcard: "MQTT-4.7.0-1",
  packetSize: "MQTT-3.2.2-15",
  remainingLength: "MQTT 1.5.5",
};
