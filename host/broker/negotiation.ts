/**
 * What a 5.0 client and the server tell each other about themselves: CONNECT's properties in (3.1.2.11), CONNACK's out
 * (3.2.2.3). A property whose absence says the same is left out.
 */
import type { Connect } from "./codec/connect.ts";
import { MAX_REMAINING_LENGTH } from "./codec/length.ts";
import type { Properties } from "./codec/properties.ts";
import type { Entrance } from "./entrance.ts";
import type { State } from "./state.ts";
import { Terms } from "./terms.ts";

/** What the client's properties mean for its connection. */
export function agree(state: State, properties: Properties): Terms {
  return new Terms(properties, state.settings.maxOutboundTopicAlias);
}

/** The keep-alive that holds, and the properties of the CONNACK; none for the versions that have none. */
export function acceptProperties(
  state: State,
  request: Connect,
  entrance: Entrance,
  clientId: string,
  expiryS: number,
  authenticationData: Uint8Array | undefined,
): { keepAliveS: number; properties?: Properties } {
  const asked = request.properties;
  if (asked === undefined) return { keepAliveS: request.keepAliveS };
  const { settings } = state;
  const maxQos = entrance.maxQos ?? settings.maxQos;
  const maxTopicAlias = entrance.maxTopicAlias ?? settings.maxTopicAlias;
  const properties: Properties = {};
  if (expiryS !== (asked.sessionExpiryS ?? 0)) properties.sessionExpiryS = expiryS;
  if (settings.receiveMaximum < 0xffff) properties.receiveMaximum = settings.receiveMaximum;
  // [MQTT-3.2.2-9]
  if (maxQos < 2) properties.maximumQos = maxQos;
  if (!settings.retainAvailable) properties.retainAvailable = 0;
  if (settings.maxPacketSize < MAX_REMAINING_LENGTH + 5) properties.maximumPacketSize = settings.maxPacketSize;
  // [MQTT-3.2.2-16]
  if (request.clientId === "") properties.assignedClientId = clientId;
  if (maxTopicAlias > 0) properties.topicAliasMaximum = maxTopicAlias;
  if (!settings.wildcardAvailable) properties.wildcardAvailable = 0;
  if (!settings.subscriptionIdsAvailable) properties.subscriptionIdsAvailable = 0;
  if (!settings.sharedAvailable) properties.sharedAvailable = 0;
  // [MQTT-3.2.2-22] the client's own holds if the server says nothing.
  const isOver = request.keepAliveS === 0 || request.keepAliveS > settings.maxKeepAliveS;
  const isSet = isOver && settings.maxKeepAliveS < 0xffff;
  if (isSet) properties.serverKeepAliveS = settings.maxKeepAliveS;
  // [MQTT-3.1.2-28] only to a client that has asked for it.
  if (asked.requestResponseInformation === 1 && settings.responseInformation !== undefined) {
    properties.responseInformation = settings.responseInformation(clientId);
  }
  if (asked.authenticationMethod !== undefined) {
    // [MQTT-4.12.0-5]
    properties.authenticationMethod = asked.authenticationMethod;
    if (authenticationData !== undefined) properties.authenticationData = authenticationData;
  }
  return { keepAliveS: isSet ? settings.maxKeepAliveS : request.keepAliveS, properties };
}
