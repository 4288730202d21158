/**
 * What the test files take from "vitest", made of the parts that it is made of itself, so that a file can be run a thousand times in
 * one process: vitest's own start takes longer than all the tests of the core.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  customMatchers,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from "@vitest/expect";
import * as chai from "chai";

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

type Extend = (expect: unknown, matchers: object) => void;

const asymmetric = (globalThis as Record<symbol, unknown>)[ASYMMETRIC_MATCHERS_OBJECT] as object;
export const expect = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message),
  chai.expect,
  asymmetric,
);
(chai.expect as unknown as { extend: Extend }).extend(expect, customMatchers);
setState({ assertionCalls: 0, testPath: "", currentTestName: "" }, expect as never);

export {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  it,
  onTestFinished,
  suite,
  test,
} from "@vitest/runner";
