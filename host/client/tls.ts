/**
 * TLS over a stream that is connected: certificates or a shared key, as TlsOptions says.
 */
import { Buffer } from "node:buffer";
import net from "node:net";
import tls from "node:tls";
import { PerigeeError } from "./errors.ts";
import type { TlsOptions } from "./transport.ts";

const VERSIONS: Readonly<Record<NonNullable<TlsOptions["version"]>, tls.SecureVersion>> = {
  "tlsv1.1": "TLSv1.1",
  "tlsv1.2": "TLSv1.2",
  "tlsv1.3": "TLSv1.3",
};

/** OpenSSL leaves these out unless they are asked for. */
const PSK_CIPHERS = "PSK";
/** Where no other cipher is named: TLS 1.1 needs hashes that OpenSSL 3 counts as broken. */
const OLD_CIPHERS = "DEFAULT@SECLEVEL=0";

/** Begins TLS over `stream`. The certificate is compared with the host's name. */
export type Securer = (stream: net.Socket) => tls.TLSSocket;

/** Throws TLS at once where certificates, ciphers or version cannot be used. */
export function securer(host: string, options: TlsOptions = {}): Securer {
  const { ca, cert, key, version, psk, alpn, rejectUnauthorized = true, checkServerIdentity = true } = options;
  const ciphers = options.ciphers ?? (psk ? PSK_CIPHERS : version === "tlsv1.1" ? OLD_CIPHERS : undefined);
  let secureContext: tls.SecureContext;
  try {
    secureContext = tls.createSecureContext({
      ca: pem(ca),
      cert: pem(cert),
      key: pem(key),
      ciphers,
      ...(version === undefined ? {} : { minVersion: VERSIONS[version], maxVersion: VERSIONS[version] }),
    });
  } catch (error) {
    const { message, code = "" } = error as NodeJS.ErrnoException;
    const what = /CIPHER/i.test(`${code} ${message}`) ? `the ciphers "${ciphers}"` : "the certificate or its key";
    throw new PerigeeError("TLS", `${what} cannot be used: ${message}`, { cause: error });
  }
  return stream =>
    tls.connect({
      socket: stream,
      secureContext,
      rejectUnauthorized,
      // An IP address is no server name (RFC 6066, section 3).
      servername: net.isIP(host) ? "" : host,
      host,
      ...(alpn === undefined ? {} : { ALPNProtocols: [alpn] }),
      ...(psk === undefined ? {} : { pskCallback: () => ({ identity: psk.identity, psk: Buffer.from(psk.key) }) }),
      // With a shared key there is no certificate to compare.
      ...(checkServerIdentity && psk === undefined ? {} : { checkServerIdentity: () => undefined }),
    });
}

function pem(value: string | Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value as Uint8Array).toString("latin1");
}
