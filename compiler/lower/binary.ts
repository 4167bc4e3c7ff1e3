import * as C from "../diagnostics/constructs.ts";
import * as I from "../diagnostics/integers.ts";
import * as D from "../diagnostics/types.ts";
import { looseEquality } from "../diagnostics/unsupported-syntax.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { Compare, IrExpression } from "../ir/expressions.ts";
import { arithmetic, commonType, type Operands, type SourceOperator } from "./arithmetic.ts";
import { compoundOperators, lowerAssignment } from "./assignment.ts";
import { describe, read, scalarOrLiteral } from "./coerce.ts";
import { rememberRange, truthOf } from "./condition.ts";
import type { FunctionContext } from "./context.ts";
import { lowerLogicalValue, lowerNullish } from "./logical.ts";
import { failed, type LiteralValue, type ScalarValue, type SourceType, type Value } from "./value.ts";

const K = ts.SyntaxKind;

const arithmeticOperators: ReadonlyMap<ts.SyntaxKind, SourceOperator> = new Map([
  [K.PlusToken, "add"],
  [K.MinusToken, "sub"],
  [K.AsteriskToken, "mul"],
  [K.SlashToken, "div"],
  [K.PercentToken, "mod"],
  [K.AmpersandToken, "and"],
  [K.BarToken, "or"],
  [K.CaretToken, "xor"],
  [K.LessThanLessThanToken, "shl"],
  [K.GreaterThanGreaterThanToken, "shr"],
  [K.GreaterThanGreaterThanGreaterThanToken, "ushr"],
]);

const comparisons: ReadonlyMap<ts.SyntaxKind, Compare["operator"]> = new Map([
  [K.EqualsEqualsEqualsToken, "eq"],
  [K.ExclamationEqualsEqualsToken, "ne"],
  [K.LessThanToken, "lt"],
  [K.LessThanEqualsToken, "le"],
  [K.GreaterThanToken, "gt"],
  [K.GreaterThanEqualsToken, "ge"],
]);

export function lowerBinary(
  cx: FunctionContext,
  node: ts.BinaryExpression,
  expected: SourceType | undefined,
): Value {
  const { kind } = node.operatorToken;
  const operator = arithmeticOperators.get(kind);
  if (operator) return lowerArithmetic(cx, operator, node);
  const comparison = comparisons.get(kind);
  if (comparison) return lowerComparison(cx, comparison, node);
  if (kind === K.EqualsToken || compoundOperators.has(kind)) return lowerAssignment(cx, node);
  switch (kind) {
    case K.AmpersandAmpersandToken:
    case K.BarBarToken:
      return lowerLogicalValue(cx, node, expected);
    case K.QuestionQuestionToken:
      return lowerNullish(cx, node, expected);
    case K.EqualsEqualsToken:
    case K.ExclamationEqualsToken:
      cx.report(
        looseEquality(
          cx.span(node.operatorToken),
          node.operatorToken.getText(),
          `${node.operatorToken.getText()}=`,
        ),
      );
      return failed;
    default:
      cx.report(C.unsupportedOperator(cx.span(node.operatorToken), node.operatorToken.getText()));
      return failed;
  }
}

/** Both operands in order; the left one is kept where the right one has effects. */
export function lowerOperands(
  cx: FunctionContext,
  left: ts.Expression,
  right: ts.Expression,
): Operands | undefined {
  const leftSpan = cx.span(left);
  const rightSpan = cx.span(right);
  const first = scalarOrLiteral(cx, cx.expression(left), leftSpan);
  const lowerRight = () => scalarOrLiteral(cx, cx.expression(right), rightSpan);
  if (!first) {
    cx.visit(right);
    return undefined;
  }
  if (first.kind === "literal") {
    const second = lowerRight();
    return second && { left: first, right: second, leftSpan, rightSpan };
  }
  const ordered = cx.inOrder(first.expression, lowerRight);
  if (!ordered.second) return undefined;
  const kept: ScalarValue = { ...first, expression: ordered.first };
  return { left: kept, right: ordered.second, leftSpan, rightSpan };
}

function lowerArithmetic(cx: FunctionContext, operator: SourceOperator, node: ts.BinaryExpression): Value {
  const operands = lowerOperands(cx, node.left, node.right);
  return (operands && arithmetic(cx, operator, operands, cx.span(node))) ?? failed;
}

function lowerComparison(
  cx: FunctionContext,
  operator: Compare["operator"],
  node: ts.BinaryExpression,
): Value {
  const span = cx.span(node);
  const equality = operator === "eq" || operator === "ne";
  if (equality) {
    const against = isUndefined(node.right) ? node.left : isUndefined(node.left) ? node.right : undefined;
    if (against) return lowerUndefinedCheck(cx, operator, against, node);
    const empty = [node.left, node.right].find((side) => side.kind === ts.SyntaxKind.NullKeyword);
    if (empty) return cx.expression(empty);
  }
  const leftSpan = cx.span(node.left);
  const rightSpan = cx.span(node.right);
  const first = read(cx, cx.expression(node.left), leftSpan);
  if (first.kind === "optional" && equality) return lowerOptionalEquality(cx, operator, first, node);
  const left = scalarOrLiteral(cx, comparable(cx, first, node.left), leftSpan);
  const lowerRight = () =>
    scalarOrLiteral(cx, comparable(cx, cx.expression(node.right), node.right), rightSpan);
  if (!left) {
    cx.visit(node.right);
    return failed;
  }
  let operands: Operands | undefined;
  if (left.kind === "scalar") {
    const ordered = cx.inOrder(left.expression, lowerRight);
    operands = ordered.second && {
      left: { ...left, expression: ordered.first },
      right: ordered.second,
      leftSpan,
      rightSpan,
    };
  } else {
    const right = lowerRight();
    operands = right && { left, right, leftSpan, rightSpan };
  }
  if (!operands) return failed;
  return compareScalars(cx, operator, operands, span) ?? failed;
}

/** A struct compared by `===` would compare references: say what to do instead. */
function comparable(cx: FunctionContext, raw: Value, node: ts.Expression): Value {
  const value = read(cx, raw, cx.span(node));
  if (value.kind !== "place" && value.kind !== "aggregate" && value.kind !== "reference") return value;
  cx.report(D.structComparison(cx.span(node), describe(value)));
  return failed;
}

export function compareScalars(
  cx: FunctionContext,
  operator: Compare["operator"],
  operands: Operands,
  span: ReturnType<FunctionContext["span"]>,
): ScalarValue | undefined {
  const { left, right, leftSpan, rightSpan } = operands;
  const isBool = (value: ScalarValue | LiteralValue) => value.kind === "scalar" && value.type.kind === "bool";
  if (isBool(left) || isBool(right)) {
    if (!isBool(left) || !isBool(right)) {
      cx.report(I.booleanOperand(isBool(left) ? leftSpan : rightSpan));
      return undefined;
    }
    if (operator !== "eq" && operator !== "ne") {
      cx.report(I.booleanOperand(leftSpan));
      return undefined;
    }
    const a = (left as ScalarValue).expression;
    const b = (right as ScalarValue).expression;
    if (b.op === "constant") {
      const same = (b.value === 1n) === (operator === "eq");
      return { kind: "scalar", type: ir.bool, expression: same ? a : ir.not(a) };
    }
    return { kind: "scalar", type: ir.bool, expression: ir.compare(operator, a, b, span) };
  }
  const common = commonType(cx, operands, span, true);
  if (!common) return undefined;
  if (common.type.bigEndian && operator !== "eq" && operator !== "ne") {
    cx.report(I.byteOrderOperator(span, ir.typeName(common.type), common.type.bits));
    return undefined;
  }
  const a = common.left.expression;
  const b = common.right.expression;
  if (a.op === "constant" && b.op === "constant") {
    return { kind: "scalar", type: ir.bool, expression: ir.truth(holds(operator, a.value, b.value), span) };
  }
  rememberRange(a, common.left.range);
  rememberRange(b, common.right.range);
  return { kind: "scalar", type: ir.bool, expression: ir.compare(operator, a, b, span) };
}

function holds(operator: Compare["operator"], a: bigint, b: bigint): boolean {
  switch (operator) {
    case "eq":
      return a === b;
    case "ne":
      return a !== b;
    case "lt":
      return a < b;
    case "le":
      return a <= b;
    case "gt":
      return a > b;
    case "ge":
      return a >= b;
  }
}

/** Written out; the name is TypeScript's own. */
export function isUndefined(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return isUndefined(node.expression);
  return ts.isIdentifier(node) && node.text === "undefined";
}

function lowerUndefinedCheck(
  cx: FunctionContext,
  operator: "eq" | "ne" | Compare["operator"],
  node: ts.Expression,
  whole: ts.BinaryExpression,
): Value {
  const span = cx.span(whole);
  const value = read(cx, cx.expression(node), span);
  const wanted = operator === "ne";
  const answer = (present: IrExpression): Value => ({
    kind: "scalar",
    type: ir.bool,
    expression: wanted ? present : ir.not(present),
  });
  switch (value.kind) {
    case "error":
      return failed;
    case "optional":
      return answer(value.present);
    case "undefined":
      return answer(ir.truth(false, span));
    default: {
      if (value.kind === "scalar" || value.kind === "literal") return answer(ir.truth(true, span));
      const truth = truthOf(cx, value, node);
      return truth ? answer(truth) : failed;
    }
  }
}

/** `counts.get(k) === 5n`: undefined equals no number. */
function lowerOptionalEquality(
  cx: FunctionContext,
  operator: Compare["operator"],
  first: Extract<Value, { kind: "optional" }>,
  node: ts.BinaryExpression,
): Value {
  const span = cx.span(node);
  const right = scalarOrLiteral(cx, cx.expression(node.right), cx.span(node.right));
  if (!right) return failed;
  const left: ScalarValue = { kind: "scalar", type: first.type, expression: first.value };
  const operands = { left, right, leftSpan: cx.span(node.left), rightSpan: cx.span(node.right) };
  const equal = compareScalars(cx, "eq", operands, span);
  if (!equal) return failed;
  const both = ir.logical("and", first.present, equal.expression, span);
  return { kind: "scalar", type: ir.bool, expression: operator === "eq" ? both : ir.not(both) };
}
