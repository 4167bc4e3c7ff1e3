import type { ts } from "../../frontend/typescript.ts";
import * as ir from "../../ir/build.ts";
import type { IrExpression } from "../../ir/expressions.ts";
import type { IntType } from "../../ir/types.ts";
import { commonType } from "../arithmetic.ts";
import { scalarOrLiteral } from "../coerce.ts";
import type { FunctionContext } from "../context.ts";
import { type Interval, whole } from "../interval.ts";
import { literal } from "../literals.ts";
import { failed, type LiteralValue, type ScalarValue, type Value } from "../value.ts";

type Number = ScalarValue | LiteralValue;

/** `min(a, b)` and `max(a, b)`. */
export function lowerExtreme(cx: FunctionContext, which: "min" | "max", node: ts.CallExpression): Value {
  const [a, b] = operands(cx, node);
  const [first, second] = node.arguments;
  if (!a || !b || !first || !second) return failed;
  return extreme(cx, which, a, b, first, second) ?? failed;
}

/** `clamp(value, low, high)`: the upper bound wins where the bounds cross. */
export function lowerClamp(cx: FunctionContext, node: ts.CallExpression): Value {
  const [value, low, high] = operands(cx, node);
  const [valueNode, lowNode, highNode] = node.arguments;
  if (!value || !low || !high || !valueNode || !lowNode || !highNode) return failed;
  const raised = extreme(cx, "max", value, low, valueNode, lowNode);
  return (raised && extreme(cx, "min", raised, high, valueNode, highNode)) ?? failed;
}

function operands(cx: FunctionContext, node: ts.CallExpression): (Number | undefined)[] {
  return node.arguments.map((argument) => {
    const value = scalarOrLiteral(cx, cx.expression(argument), cx.span(argument));
    if (value?.kind !== "scalar" || value.expression.op === "constant") return value;
    return { ...value, expression: cx.temporary("operand", value.expression) };
  });
}

function extreme(
  cx: FunctionContext,
  which: "min" | "max",
  a: Number,
  b: Number,
  first: ts.Node,
  second: ts.Node,
): Number | undefined {
  if (a.kind === "literal" && b.kind === "literal" && a.syntax === b.syntax) {
    const smaller = a.value < b.value ? a.value : b.value;
    const larger = a.value < b.value ? b.value : a.value;
    return literal(which === "min" ? smaller : larger, a.syntax);
  }
  const span = cx.span(second);
  const spans = { leftSpan: cx.span(first), rightSpan: span };
  const common = commonType(cx, { left: a, right: b, ...spans }, span, false);
  if (!common) return undefined;
  const { type, left, right } = common;
  const condition = ir.compare(which === "min" ? "lt" : "gt", left.expression, right.expression, span);
  const chosen = ir.select(condition, left.expression, right.expression, span);
  const range = pick(which, left.range ?? whole(type), right.range ?? whole(type));
  const expression: IrExpression = cx.temporary(which, chosen);
  const narrow = sharedType(a, b);
  if (narrow) return { kind: "scalar", type: narrow, expression: ir.convert(expression, narrow), range };
  return { kind: "scalar", type, expression, range };
}

/** Of two operands of one type the result has that type, as declared, and not the wider one of arithmetic: it is one of them. */
function sharedType(a: Number, b: Number): IntType | undefined {
  const [scalar, other] = a.kind === "scalar" ? [a, b] : b.kind === "scalar" ? [b, a] : [];
  if (scalar?.type.kind !== "int" || !other) return undefined;
  if (other.kind === "scalar") return ir.sameType(scalar.type, other.type) ? scalar.type : undefined;
  const { min, max } = whole(scalar.type);
  return other.value >= min && other.value <= max ? scalar.type : undefined;
}

function pick(which: "min" | "max", a: Interval, b: Interval): Interval {
  const smaller = (x: bigint, y: bigint) => (x < y ? x : y);
  const larger = (x: bigint, y: bigint) => (x > y ? x : y);
  const choose = which === "min" ? smaller : larger;
  return { min: choose(a.min, b.min), max: choose(a.max, b.max) };
}
