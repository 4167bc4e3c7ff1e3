import type { Binary, ByteSwap, Compare, Unary } from "../ir/expressions.ts";
import type { IntType } from "../ir/types.ts";
import type { CBinaryOperator, CExpression } from "./c/ast.ts";
import { binary, call, cast, conditional, number, unary } from "./c/build.ts";
import { constantOf } from "./constants.ts";
import { evaluate, evaluateAll } from "./expressions.ts";
import type { FunctionEmitter } from "./function.ts";

// C promotes what is narrower than `int`; the result is cut back by a cast, so that an expression always has the value of its type.
// Overflow wraps by `-fwrapv`.

const operators = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  mod: "%",
  and: "&",
  or: "|",
  xor: "^",
  shl: "<<",
  shr: ">>",
} as const satisfies Record<Binary["operator"], CBinaryOperator>;

export function emitBinary(f: FunctionEmitter, e: Binary): CExpression {
  const [left, right] = operands(f, e);
  switch (e.operator) {
    case "div":
    case "mod":
      return divide(f, e, left, right);
    case "shl":
    case "shr":
      return narrowed(f, e.type, binary(operators[e.operator], left, shiftCount(e, right)));
    case "and":
    case "or":
    case "xor":
      return binary(operators[e.operator], left, right);
    case "add":
    case "sub":
    case "mul":
      return narrowed(f, e.type, binary(operators[e.operator], left, right));
  }
}

function operands(f: FunctionEmitter, e: Binary): readonly [CExpression, CExpression] {
  const shift = e.operator === "shl" || e.operator === "shr";
  const [left, right] = evaluateAll(f, [e.left, e.right]) as [CExpression, CExpression];
  // The left operand alone decides the type of a shift; two constants decide it together.
  if (e.left.op === "constant" && (shift || e.right.op === "constant")) {
    return [constantOf(f.unit.types, e.type, e.left.value, true), right];
  }
  return [left, right];
}

function narrowed(f: FunctionEmitter, type: IntType, value: CExpression): CExpression {
  return type.bits < 32 ? cast(f.unit.types.plain(type), value) : value;
}

/** Taken modulo the width; beyond it C says nothing. */
function shiftCount(e: Binary, count: CExpression): CExpression {
  const mask = e.type.bits - 1;
  if (e.right.op === "constant") return number(e.right.value & BigInt(mask));
  return binary("&", count, number(mask));
}

/**
 * The divisor is tested before: a test after the division is deleted by clang, for which a zero divisor cannot happen. Signed division has
 * no instruction before cpu v4, and clang does not lower it.
 */
function divide(f: FunctionEmitter, e: Binary, left: CExpression, right: CExpression): CExpression {
  const operator = operators[e.operator];
  if (e.type.signed) {
    return narrowed(f, e.type, call(f.unit.signedDivision(e.operator === "div", e.type.bits), left, right));
  }
  // Promoted to `int`, the division would be signed.
  const widened = (value: CExpression): CExpression =>
    e.type.bits < 32 ? cast(f.unit.types.unsigned(32), value) : value;
  if (e.right.op === "constant" && e.right.value !== 0n) {
    return narrowed(f, e.type, binary(operator, widened(left), right));
  }
  const divisor = f.isStable(right) ? right : f.temporary("divisor", e.right, right);
  if (e.operator === "div") return conditional(divisor, binary("/", widened(left), divisor), number(0));
  const dividend = f.isStable(left) ? left : f.temporary("dividend", e.left, left);
  return conditional(divisor, binary("%", widened(dividend), divisor), dividend);
}

export function emitUnary(f: FunctionEmitter, e: Unary): CExpression {
  const operand =
    e.operand.op === "constant"
      ? constantOf(f.unit.types, e.type, e.operand.value, true)
      : evaluate(f, e.operand);
  return narrowed(f, e.type, unary(e.operator === "negate" ? "-" : "~", operand));
}

export function emitByteSwap(f: FunctionEmitter, e: ByteSwap): CExpression {
  const operand = evaluate(f, e.operand);
  return e.type.bits === 8 ? operand : call(`__builtin_bswap${e.type.bits}`, operand);
}

const comparisons = {
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
} as const satisfies Record<Compare["operator"], CBinaryOperator>;

export function emitCompare(f: FunctionEmitter, e: Compare): CExpression {
  const [left, right] = evaluateAll(f, [e.left, e.right]) as [CExpression, CExpression];
  const nullTest = e.left.type.kind === "ref" && e.right.op === "constant";
  if (nullTest) return e.operator === "eq" ? unary("!", left) : binary("!=", left, number(0));
  return binary(comparisons[e.operator], left, right);
}
