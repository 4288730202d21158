/**
 * What the broker counts. Plain numbers, read at any time; the names follow mosquitto's $SYS tree (see system.ts).
 */
export interface Counters {
  /** Control packets of every kind. */
  messagesReceived: number;
  messagesSent: number;
  publishMessagesReceived: number;
  publishMessagesSent: number;
  /** QoS 1 and 2 messages refused by a full queue, and QoS 0 messages that a congested subscriber missed. */
  publishMessagesDropped: number;
  /** Messages that expired in a queue (5.0). */
  publishMessagesExpired: number;
  /** Payload bytes of PUBLISH packets. */
  publishBytesReceived: number;
  publishBytesSent: number;
  bytesReceived: number;
  bytesSent: number;
  /** Clients with an accepted CONNECT, and the most there ever were at once. */
  clientsConnected: number;
  clientsMaximum: number;
  /** Sessions that ended because their client stayed away. */
  sessionsExpired: number;
  /** Transports that were opened, and CONNECT packets that came over them. */
  socketsOpened: number;
  connectsReceived: number;
  /** Connections that a violation of the protocol ended. */
  violations: number;
}

export function newCounters(): Counters {
  return {
    messagesReceived: 0,
    messagesSent: 0,
    publishMessagesReceived: 0,
    publishMessagesSent: 0,
    publishMessagesDropped: 0,
    publishMessagesExpired: 0,
    publishBytesReceived: 0,
    publishBytesSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    clientsConnected: 0,
    clientsMaximum: 0,
    sessionsExpired: 0,
    socketsOpened: 0,
    connectsReceived: 0,
    violations: 0,
  };
}
