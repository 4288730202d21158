// The conformance table is whole, names tests that exist, and is the one in the repository.
import { expect, it } from "vitest";
import { countsOf, faultOf, markdown, readRows, SIDES, TABLE } from "./table.ts";

const rows = readRows();

it("has every statement once", () => {
  const numbers = rows.map(({ version, number }) => `${version} ${number}`);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers.filter(number => number.startsWith("3.1.1 "))).toHaveLength(134);
  expect(numbers.filter(number => number.startsWith("5.0 "))).toHaveLength(251);
});

it.each(SIDES)("has an answer wherever a statement binds the %s", side => {
  const bound = { client: /client|both/, broker: /server|both/ }[side];
  const missing = rows.filter(row => bound.test(row.binds) && row[side] === "").map(({ number }) => number);
  expect(missing).toEqual([]);
});

it("names tests that exist, or gives a reason", () => {
  const faults = rows.flatMap(row =>
    SIDES.filter(side => row[side] !== "").flatMap(side => {
      const fault = faultOf(row[side]);
      return fault === "" ? [] : [`${row.version} ${row.number} (${side}): ${fault}`];
    }),
  );
  expect(faults).toEqual([]);
});

it("sees a test that is not there", () => {
  expect(faultOf("broker/admission.test.ts > is accepted without a session")).toBe("");
  expect(faultOf("broker/admission.test.ts > is accepted by a miracle")).toContain("has no");
  expect(faultOf("broker/nowhere.test.ts > is accepted")).toContain("there is no test/broker/nowhere.test.ts");
  expect(faultOf("because")).toContain("neither");
});

it.each([
  ["3.1.1", "client"],
  ["3.1.1", "broker"],
  ["5.0", "client"],
  ["5.0", "broker"],
] as const)("%s, %s: 95 % of what it must do is exercised", (version, side) => {
  const { must, tested } = countsOf(rows, version, side);
  expect(must).toBeGreaterThan(60);
  expect(tested / must).toBeGreaterThanOrEqual(0.95);
});

it("is the table in the repository", async () => {
  await expect(markdown(rows)).toMatchFileSnapshot(TABLE.pathname);
});
