// Of the 256 reason codes a client takes those that the standard gives each packet of a server, and no other.
import { describe, expect, it } from "vitest";
import { FROM_SERVER, taken } from "../../wire/reasons.ts";
import { codecBuilds } from "../builds.ts";
import { decode5 } from "./codec5.ts";

const builds = await codecBuilds();

describe.each(builds)("reason codes, $name", build => {
  it.each(FROM_SERVER)("of $name", packet => {
    expect(taken(packet, bytes => typeof decode5(build, bytes) === "object")).toEqual(packet.codes);
  });
});
