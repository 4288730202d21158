/** Every answer of the core has a text, and no text lacks an answer. */
import { describe, expect, it } from "vitest";
import * as status from "../../assembly/status.ts";
import { errorOfRefusal, errorOfStatus, PerigeeError } from "../../host/client/errors.ts";

const answers = Object.entries(status).filter(([, value]) => value < 0);

describe("errors", () => {
  it.each(answers)("%s has a text", (name, value) => {
    const error = errorOfStatus(value as number, "the offender");
    expect(error.code).toBe(name);
    expect(error.message).toMatch(/^[A-Za-z].{10,}: the offender$/);
  });

  it("name the refusals of table 3.1", () => {
    expect([1, 2, 3, 4, 5].map(code => errorOfRefusal(code).message)).toEqual([
      "Connection Refused: unacceptable protocol version.",
      "Connection Refused: identifier rejected.",
      "Connection Refused: broker unavailable.",
      "Connection Refused: bad user name or password.",
      "Connection Refused: not authorised.",
    ]);
  });

  it("keep what caused them", () => {
    const cause = new Error("below");
    expect(new PerigeeError("STORE", "above", { cause }).cause).toBe(cause);
    expect(() => errorOfStatus(-999)).toThrow(/never answers -999/);
  });
});
