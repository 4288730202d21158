/**
 * The TLS keys of one listener, and the files that they name. Read at the start and at each SIGHUP.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TlsOptions } from "../listener-tls.ts";
import { ConfigurationError } from "./configuration-error.ts";
import type { Section } from "./parse.ts";

const CERTIFICATE_KEYS = ["cafile", "capath", "certfile", "keyfile", "crlfile"];

/** Undefined for a listener without TLS. Throws a ConfigurationError when a file is missing or keys do not fit. */
export function readTls(section: Section, pskPath: string | undefined): TlsOptions | undefined {
  const isPsk = section.has("psk_hint");
  const given = CERTIFICATE_KEYS.filter(name => section.has(name));
  if (!isPsk && given.length === 0) {
    const stray = ["require_certificate", "use_identity_as_username", "use_subject_as_username"];
    const asked = stray.find(name => section.get<boolean>(name));
    if (asked !== undefined) throw new ConfigurationError(null, `${asked} needs certfile and keyfile on its listener`);
    return undefined;
  }
  const minVersion = MIN_VERSIONS[section.get<string>("tls_version") ?? ""];
  const ciphers = [section.get<string>("ciphers_tls1.3"), section.get<string>("ciphers")].filter(Boolean).join(":");
  const shared = { minVersion, ciphers: ciphers === "" ? undefined : ciphers };
  if (isPsk) {
    if (given.length > 0) throw new ConfigurationError(null, `psk_hint and ${given[0]} cannot be on one listener`);
    if (pskPath === undefined) throw new ConfigurationError(null, "psk_hint needs psk_file");
    const keys = parsePskFile(read("psk_file", pskPath).toString("utf8"), pskPath);
    return { ...shared, psk: { hint: section.get<string>("psk_hint"), keyOf: identity => keys.get(identity) } };
  }
  const cert = readNamed(section, "certfile");
  const key = readNamed(section, "keyfile");
  if (cert === undefined || key === undefined) {
    throw new ConfigurationError(null, `${given[0]} needs certfile and keyfile on the same listener`);
  }
  const ca = authoritiesOf(section);
  const requireCertificate = section.get<boolean>("require_certificate") ?? false;
  if (requireCertificate && ca === undefined) {
    throw new ConfigurationError(null, "require_certificate needs cafile or capath");
  }
  const crl = readNamed(section, "crlfile");
  const dhparam = readNamed(section, "dhparamfile");
  return { ...shared, cert, key, ca, crl, dhparam, requireCertificate };
}

const MIN_VERSIONS: Readonly<Record<string, TlsOptions["minVersion"]>> = {
  "tlsv1.3": "TLSv1.3",
  "tlsv1.2": "TLSv1.2",
  "tlsv1.1": "TLSv1.1",
};

/** `cafile`, and every certificate in the files of `capath`. */
function authoritiesOf(section: Section): Buffer[] | undefined {
  const authorities: Buffer[] = [];
  const file = readNamed(section, "cafile");
  if (file !== undefined) authorities.push(file);
  const folder = section.get<string>("capath");
  if (folder !== undefined) {
    for (const name of listFolder(folder)) {
      const content = read("capath", join(folder, name));
      if (content.includes("-----BEGIN CERTIFICATE-----")) authorities.push(content);
    }
  }
  return authorities.length === 0 ? undefined : authorities;
}

function listFolder(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter(entry => !entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    throw new ConfigurationError(null, `capath ${folder} cannot be read: ${(error as Error).message}`);
  }
}

function readNamed(section: Section, name: string): Buffer | undefined {
  const path = section.get<string>(name);
  return path === undefined ? undefined : read(name, path);
}

function read(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "no such file" : code === "EACCES" ? "permission denied" : message;
    throw new ConfigurationError(null, `${name} ${path} cannot be read: ${reason}`);
  }
}

/** `identity:key` a line, the key in hexadecimal digits. Throws at a line that is neither that nor a comment. */
export function parsePskFile(text: string, path: string): ReadonlyMap<string, Uint8Array> {
  const keys = new Map<string, Uint8Array>();
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return;
    const [, identity, key] = /^([^:]+):((?:[0-9a-fA-F]{2})+)\s*$/.exec(line) ?? [];
    if (identity === undefined) {
      throw new ConfigurationError({ path, line: index + 1 }, "expected IDENTITY:KEY, the key in hexadecimal digits");
    }
    keys.set(identity, Buffer.from(key, "hex"));
  });
  return keys;
}
