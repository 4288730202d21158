/**
 * TLS of one listener: what Node is told, and who a client is by its certificate or its pre-shared key (5.4.6).
 */
import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type tls from "node:tls";
import { addressText } from "./transport.ts";

export interface TlsOptions {
  /** PEM. Not needed with `psk`. */
  cert?: string | Uint8Array;
  /** PEM. */
  key?: string | Uint8Array;
  /** PEM of the authorities that sign client certificates. */
  ca?: string | Uint8Array | (string | Uint8Array)[];
  /** Must every client show a certificate? Default: yes, if there is a `ca`. */
  requireCertificate?: boolean;
  /** PEM: certificates that are not good any more. */
  crl?: string | Uint8Array;
  /** OpenSSL's names, joined by colons. */
  ciphers?: string;
  /** The lowest version. Default: Node's, TLS 1.2. */
  minVersion?: "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  /** PEM of Diffie-Hellman parameters. */
  dhparam?: string | Uint8Array;
  /** Keys that both sides know, by the client's identity, instead of certificates. */
  psk?: { readonly hint?: string; readonly keyOf: (identity: string) => Uint8Array | undefined };
}

/** Whose name a client bears: the certificate's common name (or the PSK identity), its whole subject, or its own. */
export type IdentitySource = "none" | "commonName" | "subject";

const identities = new WeakMap<object, string>();

/** What Node's TLS server takes; the same for a new context of an old server. */
export function serverOptions(options: TlsOptions, handshakeTimeoutMs: number): tls.TlsOptions {
  const { cert, key, ca, crl, ciphers, minVersion, dhparam, psk } = options;
  const isRequired = options.requireCertificate ?? ca !== undefined;
  const shared: tls.TlsOptions =
    psk === undefined
      ? {}
      : {
          pskIdentityHint: psk.hint ?? "",
          pskCallback: (socket, identity) => {
            identities.set(socket, identity);
            return psk.keyOf(identity) ?? null;
          },
          // Node speaks PSK up to TLS 1.2, and only with ciphers that are for it.
          maxVersion: "TLSv1.2",
          ciphers: ciphers ?? "PSK",
        };
  return {
    cert: cert as Buffer,
    key: key as Buffer,
    ca: ca as Buffer[],
    crl: crl as Buffer,
    dhparam: dhparam as Buffer,
    ciphers,
    minVersion,
    requestCert: isRequired,
    rejectUnauthorized: isRequired,
    handshakeTimeout: handshakeTimeoutMs,
    ...shared,
  };
}

/** Undefined when the listener leaves the name to the client. */
export function identityOf(
  socket: tls.TLSSocket,
  source: IdentitySource,
): { readonly username: string | undefined } | undefined {
  if (source === "none") return undefined;
  const identity = identities.get(socket);
  if (identity !== undefined) return { username: identity };
  if (source === "subject") {
    // Node gives the parts one a line, escaped as RFC 4514 asks, the most general first; a name has them the other way.
    const parts = socket.getPeerX509Certificate()?.subject?.split("\n") ?? [];
    return { username: parts.reverse().join(",") || undefined };
  }
  const name: string | string[] | undefined = socket.getPeerCertificate().subject?.CN;
  return { username: (typeof name === "string" ? name : name?.[0]) || undefined };
}

/**
 * Says why TLS handshakes fail, in one line each. Node tells the server of those that OpenSSL has ended; a client whose
 * certificate does not stand the test is just gone, so that who has not come through by the end has been refused.
 */
export function watchHandshakes(server: tls.Server, onFault: (peer: string, reason: string) => void): void {
  const shaking = new Set<string>();
  server.on("connection", (socket: Socket) => {
    const peer = addressText(socket.remoteAddress, socket.remotePort);
    shaking.add(peer);
    socket.once("close", () => {
      if (shaking.delete(peer)) onFault(peer, "the client's certificate is revoked, expired, or of another authority");
    });
  });
  server.on("secureConnection", socket => {
    shaking.delete(addressText(socket.remoteAddress, socket.remotePort));
  });
  server.on("tlsClientError", (error: Error & { reason?: string }, socket) => {
    const peer = addressText(socket.remoteAddress, socket.remotePort);
    // Its addresses are gone where the peer has reset the connection.
    if (shaking.delete(peer) || peer === "unknown")
      onFault(peer, error.reason ?? error.message.replace(/\s*\n[\s\S]*$/, ""));
  });
}
