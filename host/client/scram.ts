/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677) as a client: it proves that it knows the password, and that the server does, and the
 * password goes nowhere. Over MQTT 5.0 by AUTH, section 4.12.
 */
import { Buffer } from "node:buffer";
import * as crypto from "node:crypto";
import type { Authentication } from "./options.ts";

/** No channel binding is asked for, RFC 5802 section 7. */
const HEADER = "n,,";

/** Rounds that a server may ask for: fewer would be no protection [RFC 7677, section 4], more would be an attack. */
const ROUNDS_MIN = 4096;
const ROUNDS_MAX = 10_000_000;

/** For `authentication`; each connection begins anew. Throws where the server does not keep to the rules, or is not who it says. */
export function scramSha256(username: string, password: string): Authentication {
  const nonce = crypto.randomBytes(18).toString("base64");
  const name = username.replace(/=/g, "=3D").replace(/,/g, "=2C");
  const first = `n=${name},r=${nonce}`;
  let expected: Buffer | undefined;
  return {
    method: "SCRAM-SHA-256",
    data: Buffer.from(HEADER + first),
    respond(data, isDone) {
      if (isDone) {
        checkServer(data, expected);
        return undefined;
      }
      const { proof, signature } = answer(first, nonce, data.toString(), password);
      expected = signature;
      return Buffer.from(proof);
    },
  };
}

function answer(first: string, nonce: string, challenge: string, password: string) {
  const [, both, salt, count] = /^r=([^,]+),s=([^,]+),i=([0-9]+)/.exec(challenge) ?? [];
  if (both === undefined) throw new Error("the server's challenge is none of SCRAM");
  // Its nonce has to begin with ours, and add something.
  if (!both.startsWith(nonce) || both === nonce) throw new Error("the server's nonce does not go on from the client's");
  const rounds = Number(count);
  if (rounds < ROUNDS_MIN || rounds > ROUNDS_MAX) throw new Error(`the server asks for ${rounds} rounds`);
  const salted = crypto.pbkdf2Sync(password.normalize("NFKC"), Buffer.from(salt, "base64"), rounds, 32, "sha256");
  const last = `c=${Buffer.from(HEADER).toString("base64")},r=${both}`;
  const message = `${first},${challenge},${last}`;
  const clientKey = hmac(salted, "Client Key");
  const signed = hmac(crypto.createHash("sha256").update(clientKey).digest(), message);
  const proof = clientKey.map((byte, index) => byte ^ signed[index]);
  return {
    proof: `${last},p=${Buffer.from(proof).toString("base64")}`,
    signature: hmac(hmac(salted, "Server Key"), message),
  };
}

/** The server has to prove that it knows the password too. */
function checkServer(data: Buffer, expected: Buffer | undefined): void {
  const given = Buffer.from(/^v=([^,]+)/.exec(data.toString())?.[1] ?? "", "base64");
  if (expected === undefined || given.length !== expected.length || !crypto.timingSafeEqual(given, expected)) {
    throw new Error("the server does not prove that it knows the password");
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return crypto.createHmac("sha256", key).update(text).digest();
}
