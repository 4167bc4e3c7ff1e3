import * as D from "../diagnostics/types.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { Compare, IrExpression } from "../ir/expressions.ts";
import type { IrLocal } from "../ir/module.ts";
import type { IrStatement } from "../ir/statements.ts";
import type { IntType } from "../ir/types.ts";
import { describe, read } from "./coerce.ts";
import type { Condition, Fact, FunctionContext } from "./context.ts";
import { Flow } from "./flow.ts";
import { type Interval, whole } from "./interval.ts";
import { assignedIn } from "./mutation.ts";
import type { Value } from "./value.ts";

/** An expression in a place where only its truth matters: `if (x)`, `!x`, `x && y`. */
export function lowerCondition(cx: FunctionContext, node: ts.Expression): Condition | undefined {
  if (ts.isParenthesizedExpression(node)) return lowerCondition(cx, node.expression);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    const inner = lowerCondition(cx, node.operand);
    return inner && negate(inner);
  }
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    if (kind === ts.SyntaxKind.AmpersandAmpersandToken) return lowerLogical(cx, "and", node);
    if (kind === ts.SyntaxKind.BarBarToken) return lowerLogical(cx, "or", node);
  }
  const value = cx.expression(node);
  const expression = truthOf(cx, value, node);
  return expression && withFacts(cx, expression);
}

export function negate(condition: Condition): Condition {
  return {
    expression: ir.not(condition.expression),
    whenTrue: condition.whenFalse,
    whenFalse: condition.whenTrue,
  };
}

/** JavaScript's truth: not false, not 0, not undefined. */
export function truthOf(cx: FunctionContext, raw: Value, node: ts.Node): IrExpression | undefined {
  const span = cx.span(node);
  const value = read(cx, raw, span);
  switch (value.kind) {
    case "error":
      return undefined;
    case "literal":
      return ir.truth(value.value !== 0n, span);
    case "scalar":
      return scalarTruth(value.expression);
    case "optional":
      return ir.logical("and", value.present, scalarTruth(value.value), span);
    case "reference":
      return value.type.nullable ? ir.isPresent(value.expression, span) : ir.truth(true, span);
    case "reservation":
      if (value.held) return ir.isPresent(ir.loadLocal(value.held.local, span), span);
      break;
    case "undefined":
      return ir.truth(false, span);
    case "place":
      // Narrowed by TypeScript already, or never undefined: it is always true.
      return ir.truth(true, span);
    default:
      break;
  }
  cx.report(D.notACondition(span, describe(value)));
  return undefined;
}

function scalarTruth(expression: IrExpression): IrExpression {
  if (expression.type.kind === "bool") return expression;
  const type = expression.type as IntType;
  if (expression.op === "constant") return ir.truth(expression.value !== 0n, expression.span);
  return ir.compare("ne", expression, ir.constant(type, 0n, expression.span), expression.span);
}

function lowerLogical(
  cx: FunctionContext,
  operator: "and" | "or",
  node: ts.BinaryExpression,
): Condition | undefined {
  const left = lowerCondition(cx, node.left);
  const before = cx.flow.clone();
  if (left) cx.assume(operator === "and" ? left.whenTrue : left.whenFalse);
  const { body, value: right } = cx.capture(() => lowerCondition(cx, node.right));
  const after = cx.flow;
  // The right side's effects may not happen; what the left side decided is known only in the outcome.
  cx.flow = Flow.merge([before, after]);
  if (!left || !right) return undefined;
  const expression = shortCircuit(cx, operator, left.expression, body, right.expression, node);
  // What the left side showed of a variable does not outlast an assignment on the right side.
  const changed = assignedLocals(cx, node.right);
  const lasting = (facts: readonly Fact[]) => facts.filter(({ local }) => !changed.has(local));
  const both = [...lasting(left.whenTrue), ...right.whenTrue];
  const neither = [...lasting(left.whenFalse), ...right.whenFalse];
  return operator === "and"
    ? { expression, whenTrue: both, whenFalse: [] }
    : { expression, whenTrue: [], whenFalse: neither };
}

function assignedLocals(cx: FunctionContext, node: ts.Node): ReadonlySet<IrLocal> {
  const locals = new Set<IrLocal>();
  for (const symbol of assignedIn(cx.checker, node)) {
    const binding = cx.bindings.get(symbol);
    if (binding?.kind === "scalar") locals.add(binding.local);
  }
  return locals;
}

/** `left op right`, where `right` may need statements that run only if `left` does not decide. */
export function shortCircuit(
  cx: FunctionContext,
  operator: "and" | "or",
  left: IrExpression,
  body: readonly IrStatement[],
  right: IrExpression,
  node: ts.Node,
): IrExpression {
  const span = cx.span(node);
  if (body.length === 0) return ir.logical(operator, left, right, span);
  const local = cx.declare("outcome", ir.bool, left, span);
  const condition = ir.loadLocal(local, span);
  cx.emit({
    op: "if",
    condition: operator === "and" ? condition : ir.not(condition),
    then: [...body, { op: "assign", place: ir.localPlace(local, span), value: right, span }],
    span,
  });
  return ir.loadLocal(local, span);
}

/** What a comparison of a local with something says about the local. */
function withFacts(_cx: FunctionContext, expression: IrExpression): Condition {
  if (expression.op !== "compare") return { expression, whenTrue: [], whenFalse: [] };
  return {
    expression,
    whenTrue: facts(expression, expression.operator),
    whenFalse: facts(expression, opposite[expression.operator]),
  };
}

const opposite = { eq: "ne", ne: "eq", lt: "ge", ge: "lt", le: "gt", gt: "le" } as const;
const mirrored = { eq: "eq", ne: "ne", lt: "gt", ge: "le", le: "ge", gt: "lt" } as const;

/** Ranges of the operands of comparisons, remembered from where they were lowered. */
const ranges = new WeakMap<IrExpression, Interval>();

export function rememberRange(expression: IrExpression, range: Interval | undefined): void {
  if (range) ranges.set(expression, range);
}

function rangeOf(expression: IrExpression): Interval | undefined {
  if (expression.type.kind !== "int") return undefined;
  if (expression.op === "constant") return { min: expression.value, max: expression.value };
  return ranges.get(expression) ?? whole(expression.type);
}

function facts(comparison: Compare, operator: Compare["operator"]): Fact[] {
  const found: Fact[] = [];
  for (const [side, other, op] of [
    [comparison.left, comparison.right, operator],
    [comparison.right, comparison.left, mirrored[operator]],
  ] as const) {
    const local = localOf(side);
    const range = rangeOf(other);
    if (!local || !range) continue;
    const type = local.type as IntType;
    const interval = implied(op, range, whole(type));
    if (interval) found.push({ local, interval });
  }
  return found;
}

/** The local behind an extension to a wider type that keeps its value. */
function localOf(expression: IrExpression) {
  let inner = expression;
  while (inner.op === "convert") {
    const from = inner.operand.type;
    const to = inner.type;
    if (from.kind !== "int" || to.kind !== "int") return undefined;
    if (ir.minimum(from) < ir.minimum(to) || ir.maximum(from) > ir.maximum(to)) return undefined;
    inner = inner.operand;
  }
  if (inner.op !== "load" || inner.place.place !== "local" || inner.type.kind !== "int") return undefined;
  return inner.place.local;
}

function implied(operator: Compare["operator"], other: Interval, all: Interval): Interval | undefined {
  switch (operator) {
    case "eq":
      return other;
    case "lt":
      return { min: all.min, max: other.max - 1n };
    case "le":
      return { min: all.min, max: other.max };
    case "gt":
      return { min: other.min + 1n, max: all.max };
    case "ge":
      return { min: other.min, max: all.max };
    case "ne":
      if (other.min !== other.max) return undefined;
      if (other.min === all.min) return { min: all.min + 1n, max: all.max };
      if (other.max === all.max) return { min: all.min, max: all.max - 1n };
      return undefined;
  }
}
