/**
 * What Stryker's own operators leave alone and the core is made of: bits, numbers, rows of states, single statements. They stand beside
 * its own in Stryker's list, so that its instrumenter places them as it places those.
 *
 *     BitwiseOperator   & for |, | and ^ for &, << for >> and back
 *     Constant          one more; of a row of states (session/transitions.ts) each state in turn
 *     Statement         left out
 */
import babel, { type NodePath } from "@babel/core";

const { types } = babel;

export interface Operator {
  readonly name: string;
  mutate(path: NodePath): Iterable<babel.types.Node>;
}

const BITWISE: Record<string, "&" | "|" | "<<" | ">>"> = { "&": "|", "|": "&", "^": "&", "<<": ">>", ">>": "<<" };

const bitwise: Operator = {
  name: "BitwiseOperator",
  *mutate(path) {
    if (!path.isBinaryExpression()) return;
    const operator = BITWISE[path.node.operator];
    if (operator !== undefined) yield types.binaryExpression(operator, path.node.left, path.node.right);
  },
};

/** Each state of a row, of eight octal digits, with the next one in its place. */
function* changedRows(row: number): Generator<number> {
  for (let shift = 0; shift < 24; shift += 3) {
    const state = (row >> shift) & 7;
    yield row ^ ((state ^ ((state + 1) & 7)) << shift);
  }
}

const constant: Operator = {
  name: "Constant",
  *mutate(path) {
    // A key of an object or a type is no value.
    if (!path.isNumericLiteral() || path.key === "key" || path.parentPath?.isTSLiteralType() === true) return;
    const { value, extra } = path.node;
    const isRow = String(extra?.raw).startsWith("0o");
    for (const changed of isRow ? changedRows(value) : [value + 1]) yield types.numericLiteral(changed);
  },
};

const statement: Operator = {
  name: "Statement",
  *mutate(path) {
    if (!path.isExpressionStatement()) return;
    const { expression } = path.node;
    // Without super() there is no object: no test is needed to see it.
    if (types.isCallExpression(expression) && types.isSuper(expression.callee)) return;
    yield types.emptyStatement();
  },
};

export const OPERATORS: readonly Operator[] = [bitwise, constant, statement];
