/**
 * What an endpoint of the tests is made with, and what its CONNECT says.
 */
export interface EndpointOptions {
  /** Address of the record. */
  readonly at?: number;
  /** Capacities, bytes; of identifiers received, a count. */
  readonly receive?: number;
  readonly outbox?: number;
  readonly connect?: number;
  readonly inbound?: number;
  readonly window?: number;
  readonly responseTimeoutMs?: number;
  readonly backoffMinMs?: number;
  readonly backoffMaxMs?: number;
  readonly seed?: number;
  readonly isDurable?: boolean;
  readonly nowMs?: number;
  /** True where the test takes every step of the loop by itself. */
  readonly isManual?: boolean;
}

export interface Connect {
  readonly clientId?: string;
  readonly clean?: boolean;
  readonly keepalive?: number;
  readonly username?: string;
  readonly password?: Buffer;
  readonly will?: { topic: string; payload: Buffer; qos?: 0 | 1 | 2; retain?: boolean };
}
