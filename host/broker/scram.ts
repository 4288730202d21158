/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677) as a method of enhanced authentication (4.12): the client proves that it knows the
 * password, and the server that it knows the client, while neither sends it and the server does not even keep it.
 *
 *     CONNECT  client-first   n,,n=user,r=nonce
 *     AUTH     server-first   r=nonce+ours,s=salt,i=iterations
 *     AUTH     client-final   c=biws,r=nonce+ours,p=proof
 *     CONNACK  server-final   v=signature
 *
 * Channel binding is not offered. A user who does not exist is asked for a proof like any other, with a salt that stays
 * the same, so that nobody learns who exists.
 */
import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import type { AuthenticationExchange, AuthenticationMethod, AuthenticationStep } from "./options.ts";

/** The name for `authenticationMethods`. */
export const SCRAM_SHA_256 = "SCRAM-SHA-256";

/** What the server keeps of a password. */
export interface ScramVerifier {
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** SHA-256 of the client key, 32 bytes. */
  readonly storedKey: Uint8Array;
  /** 32 bytes. */
  readonly serverKey: Uint8Array;
}

const HASH_SIZE = 32;
const SALT_SIZE = 16;
/** RFC 7677: at least 4096. */
const MIN_ITERATIONS = 4096;

/** Derives the verifier of a password. Throws a RangeError for fewer iterations than RFC 7677 allows. */
export function scramVerifier(
  password: string,
  iterations = MIN_ITERATIONS,
  salt: Uint8Array = randomBytes(SALT_SIZE),
): ScramVerifier {
  if (!Number.isInteger(iterations) || iterations < MIN_ITERATIONS) {
    throw new RangeError(`SCRAM iterations are a whole number from ${MIN_ITERATIONS}, not ${iterations}`);
  }
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, iterations, HASH_SIZE, "sha256");
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest();
  return { salt, iterations, storedKey, serverKey: hmac(salted, "Server Key") };
}

/** The method. `newNonce` is for tests: printable characters without a comma. */
export function scramSha256(
  verifierOf: (username: string) => ScramVerifier | undefined,
  newNonce: () => string = () => randomBytes(18).toString("base64"),
): AuthenticationMethod {
  const secret = randomBytes(HASH_SIZE);
  const decoyOf = (username: string): ScramVerifier => ({
    salt: hmac(secret, username).subarray(0, SALT_SIZE),
    iterations: MIN_ITERATIONS,
    storedKey: randomBytes(HASH_SIZE),
    serverKey: randomBytes(HASH_SIZE),
  });
  return () => new ScramExchange(username => verifierOf(username) ?? decoyOf(username), newNonce());
}

class ScramExchange implements AuthenticationExchange {
  readonly #verifierOf: (username: string) => ScramVerifier;
  readonly #nonce: string;
  #verifier: ScramVerifier | null = null;
  /** `c=` of client-final must repeat this header. */
  #header = "";
  #fullNonce = "";
  /** Both first messages, as the signatures cover them. */
  #spoken = "";

  constructor(verifierOf: (username: string) => ScramVerifier, nonce: string) {
    this.#verifierOf = verifierOf;
    this.#nonce = nonce;
  }

  next(data: Uint8Array | undefined): AuthenticationStep {
    const text = Buffer.from(data ?? []).toString("utf8");
    return this.#verifier === null ? this.#first(text) : this.#final(text, this.#verifier);
  }

  #first(text: string): AuthenticationStep {
    const match = /^([ny],(?:a=[^,]*)?,)(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/s.exec(text);
    if (match === null) return failure("no SCRAM client-first message (RFC 5802, 7), or one with channel binding");
    const [, header, bare, name, clientNonce] = match;
    const verifier = this.#verifierOf(name.replaceAll("=2C", ",").replaceAll("=3D", "="));
    this.#verifier = verifier;
    this.#header = header;
    this.#fullNonce = clientNonce + this.#nonce;
    const salt = Buffer.from(verifier.salt).toString("base64");
    const reply = `r=${this.#fullNonce},s=${salt},i=${verifier.iterations}`;
    this.#spoken = `${bare},${reply}`;
    return { status: "continue", data: Buffer.from(reply) };
  }

  #final(text: string, verifier: ScramVerifier): AuthenticationStep {
    const match = /^(c=([^,]*),r=([^,]*)(?:,.*)?),p=([^,]*)$/s.exec(text);
    if (match === null) return failure("no SCRAM client-final message (RFC 5802, 7)");
    const [, withoutProof, binding, nonce, proofText] = match;
    if (Buffer.from(binding, "base64").toString("utf8") !== this.#header)
      return failure("the SCRAM header has changed");
    if (nonce !== this.#fullNonce) return failure("the SCRAM nonce has changed");
    const message = `${this.#spoken},${withoutProof}`;
    const proof = Buffer.from(proofText, "base64");
    if (proof.length !== HASH_SIZE) return failure("bad user name or password");
    const signature = hmac(verifier.storedKey, message);
    const clientKey = Buffer.from(proof.map((byte, index) => byte ^ signature[index]));
    const isRight = timingSafeEqual(createHash("sha256").update(clientKey).digest(), verifier.storedKey);
    if (!isRight) return failure("bad user name or password");
    return { status: "success", data: Buffer.from(`v=${hmac(verifier.serverKey, message).toString("base64")}`) };
  }
}

function failure(reason: string): AuthenticationStep {
  return { status: "failure", reason };
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text, "utf8").digest();
}
