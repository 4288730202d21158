/**
 * Hashed passwords in mosquitto's two forms, read and written:
 *
 *     $6$salt$hash               SHA-512 of the password and then the salt, once: only as strong as the password
 *     $7$iterations$salt$hash    PBKDF2 (RFC 8018) with HMAC-SHA-512, 64 bytes
 *
 * Salt and hash are Base64 with padding. Hashes are compared in constant time, and PBKDF2 runs beside the event loop,
 * because a file may ask for a million iterations.
 */
import { Buffer } from "node:buffer";
import { createHash, pbkdf2, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

export interface PasswordHash {
  /** As it stands in the file. */
  readonly text: string;
  readonly salt: Buffer;
  readonly hash: Buffer;
  /** Of PBKDF2; 0 for the single SHA-512 of `$6$`. */
  readonly iterations: number;
}

/** mosquitto_passwd's own: 101 rounds, 12 bytes of salt. */
export const DEFAULT_ITERATIONS = 101;
export const MAX_ITERATIONS = 1_000_000_000;
const SALT_SIZE = 12;
const HASH_SIZE = 64;

/** Null with a reason when the text is no hash of either form. */
export function parsePasswordHash(text: string): PasswordHash | { fault: string } {
  const [empty, form, ...fields] = text.split("$");
  if (empty !== "" || (form !== "6" && form !== "7")) {
    return { fault: /^\$\d+\$/.test(text) ? `the hash type $${form}$ is not known` : "the password is plain text" };
  }
  const [iterationText, saltText, hashText, extra] = form === "6" ? ["0", ...fields] : fields;
  const iterations = Number(iterationText);
  if (form === "7" && !(Number.isInteger(iterations) && iterations > 0 && iterations <= MAX_ITERATIONS)) {
    return { fault: "the iterations of the hash are no number from 1 on" };
  }
  const salt = decode(saltText);
  const hash = decode(hashText);
  if (salt === null || salt.length === 0) return { fault: "the salt of the hash is not Base64" };
  if (hash === null || hash.length !== HASH_SIZE || extra !== undefined) {
    return { fault: "the hash is not the Base64 of 64 bytes" };
  }
  return { text, salt, hash, iterations };
}

function decode(text: string | undefined): Buffer | null {
  if (text === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  return Buffer.from(text, "base64");
}

/** The text for a password file. `iterations` 0 makes the form `$6$`. */
export function hashPassword(password: string | Uint8Array, iterations = DEFAULT_ITERATIONS): string {
  const salt = randomBytes(SALT_SIZE);
  const hash =
    iterations === 0 ? hashOnce(password, salt) : pbkdf2Sync(password, salt, iterations, HASH_SIZE, "sha512");
  const form = iterations === 0 ? "$6" : `$7$${iterations}`;
  return `${form}$${salt.toString("base64")}$${hash.toString("base64")}`;
}

/** Is it the password? An empty one never is. The time tells nothing about the hash. */
export async function isPassword(known: PasswordHash, password: Uint8Array): Promise<boolean> {
  const { salt, iterations, hash } = known;
  const given = iterations === 0 ? hashOnce(password, salt) : await stretch(password, salt, iterations);
  return timingSafeEqual(given, hash) && password.length > 0;
}

function hashOnce(password: string | Uint8Array, salt: Buffer): Buffer {
  return createHash("sha512").update(password).update(salt).digest();
}

function stretch(password: Uint8Array, salt: Buffer, iterations: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, HASH_SIZE, "sha512", (error, hash) => (error ? reject(error) : resolve(hash)));
  });
}
