/**
 * The TLS flags of pub, sub and rr, and the files that they name.
 */
import { Buffer } from "node:buffer";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";
import type { ClientOptions } from "../client/index.ts";
import type { ConnectionFlags } from "./connection-options.ts";
import { InputError, UsageError } from "./exit-codes.ts";
import { fileReason, readBytes, SETTINGS_SIZE_MAX } from "./read-file.ts";

/** Where systems keep the authorities that they trust, all in one file. */
const SYSTEM_FILES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem",
  "/etc/ssl/ca-bundle.pem",
];

/** Whether a flag asks for TLS, whatever the URL or the port say. */
export function wantsTls({ cafile, capath, cert, psk, tlsUseOsCerts }: ConnectionFlags): boolean {
  return [cafile, capath, cert, psk, tlsUseOsCerts].some(flag => flag !== undefined);
}

/** Throws UsageError and InputError, naming the flag, even where the connection `isSecure` not. */
export function tlsOf(flags: ConnectionFlags, isSecure: boolean): ClientOptions["tls"] {
  const { cert, key, keyform, insecure, ciphers } = flags;
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError("Both --cert and --key must be provided if one of them is set");
  }
  if (keyform !== undefined && key === undefined) {
    throw new UsageError("If --keyform is set, --key must be also specified");
  }
  if (keyform !== undefined && keyform !== "pem") {
    throw new UsageError(`--keyform ${keyform} cannot be obeyed: Node loads keys from PEM only`);
  }
  const psk = pskOf(flags);
  return {
    ca: authoritiesOf(flags, isSecure),
    cert: readPem("--cert", cert, "CERTIFICATE"),
    key: readPem("--key", key, "PRIVATE KEY"),
    checkServerIdentity: !insecure,
    version: flags.tlsVersion,
    alpn: flags.tlsAlpn,
    ciphers,
    psk,
  };
}

function pskOf({ psk, pskIdentity, cafile, capath }: ConnectionFlags): NonNullable<ClientOptions["tls"]>["psk"] {
  if (psk === undefined && pskIdentity === undefined) return undefined;
  if (psk === undefined) throw new UsageError("--psk required if --psk-identity used");
  if (pskIdentity === undefined) throw new UsageError("--psk-identity required if --psk used");
  if (cafile !== undefined || capath !== undefined) {
    throw new UsageError("Only one of --psk or --cafile/--capath may be used at once");
  }
  if (!/^([0-9a-f]{2})+$/i.test(psk)) {
    throw new UsageError("Invalid --psk: it is two hexadecimal digits for every byte, without 0x");
  }
  return { identity: pskIdentity, key: Buffer.from(psk, "hex") };
}

/** All authorities that the flags name, one after another; undefined for Node's own. */
function authoritiesOf(flags: ConnectionFlags, isSecure: boolean): Buffer | undefined {
  const { cafile, capath, tlsUseOsCerts } = flags;
  const parts: Buffer[] = [];
  const file = readPem("--cafile", cafile, "CERTIFICATE");
  if (file !== undefined) parts.push(file);
  if (capath !== undefined) parts.push(...readFolder(capath));
  // Who connects by mqtts:// or to port 8883 trusts what the system trusts, if nothing else is said.
  if (isSecure && (tlsUseOsCerts || parts.length === 0)) parts.push(...systemAuthorities());
  return parts.length === 0 ? undefined : Buffer.concat(parts.flatMap(part => [part, Buffer.from("\n")]));
}

function systemAuthorities(): Buffer[] {
  const { getCACertificates } = tls as { getCACertificates?: (kind: "system") => string[] };
  if (getCACertificates !== undefined) return getCACertificates("system").map(pem => Buffer.from(pem));
  for (const path of SYSTEM_FILES) {
    try {
      return [readBytes(path, SETTINGS_SIZE_MAX)];
    } catch {
      // The next one, then: each system has its own.
    }
  }
  return [];
}

function readFolder(path: string): Buffer[] {
  let names: string[];
  try {
    names = readdirSync(path).sort();
  } catch (error) {
    throw new InputError(`Unable to read --capath "${path}": ${fileReason(error)}`);
  }
  const files: Buffer[] = [];
  for (const name of names) {
    try {
      const bytes = readBytes(join(path, name), SETTINGS_SIZE_MAX);
      if (isPem(bytes, "CERTIFICATE")) files.push(bytes);
    } catch {
      // A folder within, or a link that leads nowhere: OpenSSL passes over them too.
    }
  }
  if (files.length === 0) throw new InputError(`No certificate in --capath "${path}": PEM files are wanted`);
  return files;
}

/** A file that is not what it should be would only show as a refused handshake. */
function readPem(flag: string, path: string | undefined, kind: string): Buffer | undefined {
  if (path === undefined) return undefined;
  const bytes = readInput(flag, path, SETTINGS_SIZE_MAX);
  if (!isPem(bytes, kind)) throw new InputError(`No ${kind.toLowerCase()} in ${flag} "${path}": a PEM file is wanted`);
  return bytes;
}

function isPem(bytes: Buffer, kind: string): boolean {
  return new RegExp(`-----BEGIN [A-Z ]*${kind}-----`).test(bytes.toString("latin1"));
}

/** The bytes of a file, at most `sizeMax`. Throws InputError, naming the flag and the file. */
export function readInput(flag: string, path: string, sizeMax: number): Buffer {
  try {
    return readBytes(path, sizeMax);
  } catch (error) {
    throw new InputError(`Unable to read ${flag} "${path}": ${fileReason(error)}`);
  }
}
