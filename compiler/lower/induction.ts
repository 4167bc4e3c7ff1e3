import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrLocal } from "../ir/module.ts";
import type { IntType } from "../ir/types.ts";
import { read } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { constantOf } from "./enums.ts";
import { type Interval, whole } from "./interval.ts";
import { assignedIn } from "./mutation.ts";

const K = ts.SyntaxKind;

/** No loop runs more often: BPF_MAX_LOOPS (include/linux/bpf_verifier.h), what `bpf_loop` accepts. */
export const mostIterations = 1n << 23n;

type Step =
  | { readonly kind: "add"; readonly by: bigint }
  /** Every step takes at least one bit away. */
  | { readonly kind: "halve" };

export interface Bound {
  readonly iterations: number;
  readonly local: IrLocal;
  /** What the variable may be at the head of the loop. */
  readonly head: Interval;
}

type Relation = "lt" | "le" | "gt" | "ge" | "ne";

const relations: ReadonlyMap<ts.SyntaxKind, Relation> = new Map([
  [K.LessThanToken, "lt"],
  [K.LessThanEqualsToken, "le"],
  [K.GreaterThanToken, "gt"],
  [K.GreaterThanEqualsToken, "ge"],
  [K.ExclamationEqualsEqualsToken, "ne"],
]);

const mirrored = { lt: "gt", le: "ge", gt: "lt", ge: "le", ne: "ne" } as const;

/**
 * How often a loop runs at most: its condition compares a variable with something, and the variable moves that way by a constant, once
 * in every iteration and nowhere else in the loop. `before` is what the variable is when the loop is entered.
 */
export function proveBound(
  cx: FunctionContext,
  loop: ts.IterationStatement,
  condition: ts.Expression,
  stepOf: (symbol: ts.Symbol) => ts.Expression | undefined,
  before: (local: IrLocal) => Interval,
): Bound | undefined {
  if (ts.isParenthesizedExpression(condition)) {
    return proveBound(cx, loop, condition.expression, stepOf, before);
  }
  if (!ts.isBinaryExpression(condition)) return undefined;
  if (condition.operatorToken.kind === K.AmpersandAmpersandToken) {
    return (
      proveBound(cx, loop, condition.left, stepOf, before) ??
      proveBound(cx, loop, condition.right, stepOf, before)
    );
  }
  const relation = relations.get(condition.operatorToken.kind);
  if (!relation) return undefined;
  return (
    proveSide(cx, loop, condition.left, relation, condition.right, stepOf, before) ??
    proveSide(cx, loop, condition.right, mirrored[relation], condition.left, stepOf, before)
  );
}

function proveSide(
  cx: FunctionContext,
  loop: ts.IterationStatement,
  variable: ts.Expression,
  relation: Relation,
  limit: ts.Expression,
  stepOf: (symbol: ts.Symbol) => ts.Expression | undefined,
  before: (local: IrLocal) => Interval,
): Bound | undefined {
  if (!ts.isIdentifier(variable)) return undefined;
  const symbol = cx.checker.getSymbolAtLocation(variable);
  const binding = symbol && cx.bindings.get(symbol);
  if (!symbol || binding?.kind !== "scalar" || binding.local.type.kind !== "int") return undefined;
  const { local } = binding;
  const stepNode = stepOf(symbol);
  const repeated = ts.isForStatement(loop)
    ? [loop.condition, loop.incrementor, loop.statement].filter((part) => part !== undefined)
    : [loop];
  const steps = repeated.flatMap((part) => assignedIn(cx.checker, part)).filter((each) => each === symbol);
  if (!stepNode || steps.length !== 1) return undefined;
  const step = readStep(cx, stepNode);
  if (!step) return undefined;
  const type = binding.local.type;
  const initial = before(local);
  const { value } = cx.capture(() => read(cx, cx.expression(limit), cx.span(limit)));
  const known = constantOf(value);
  const bound =
    known !== undefined
      ? { min: known, max: known }
      : value.kind === "scalar" && value.type.kind === "int"
        ? (value.range ?? whole(value.type))
        : undefined;
  if (!bound) return undefined;
  const counted = count(type, relation, initial, bound, step);
  if (!counted || counted.iterations > mostIterations) return undefined;
  return { iterations: Number(counted.iterations), local, head: counted.head };
}

function count(
  type: IntType,
  relation: Relation,
  initial: Interval,
  bound: Interval,
  step: Step,
): { readonly iterations: bigint; readonly head: Interval } | undefined {
  if (step.kind === "halve") {
    const stops = (relation === "gt" || relation === "ne") && bound.min === 0n && bound.max === 0n;
    if (!stops || type.signed) return undefined;
    return { iterations: BigInt(type.bits), head: { min: 0n, max: initial.max } };
  }
  const { by } = step;
  if (relation === "ne") {
    if (by !== 1n || initial.max > bound.min) return undefined;
    return { iterations: bound.max - initial.min, head: { min: initial.min, max: bound.max } };
  }
  const exact = initial.min === initial.max && bound.min === bound.max;
  if (relation === "lt" || relation === "le") {
    const limit = relation === "lt" ? bound.max - 1n : bound.max;
    // From a known start to a known end the last value is known as well.
    const last = exact && by > 0n && limit > initial.min ? limit - ((limit - initial.min) % by) : limit;
    // The step from the last value must not wrap around.
    if (by <= 0n || last + by > ir.maximum(type)) return undefined;
    const distance = last - initial.min;
    const end = last + by > initial.max ? last + by : initial.max;
    return {
      iterations: distance < 0n ? 0n : distance / by + 1n,
      head: { min: initial.min, max: end },
    };
  }
  const limit = relation === "gt" ? bound.min + 1n : bound.min;
  const last = exact && by < 0n && initial.max > limit ? limit + ((initial.max - limit) % -by) : limit;
  if (by >= 0n || last + by < ir.minimum(type)) return undefined;
  const distance = initial.max - last;
  const end = last + by < initial.min ? last + by : initial.min;
  return { iterations: distance < 0n ? 0n : distance / -by + 1n, head: { min: end, max: initial.max } };
}

/** `i++`, `i += 2`, `x >>= 1`, `x /= 10` */
function readStep(cx: FunctionContext, node: ts.Expression): Step | undefined {
  if (ts.isParenthesizedExpression(node)) return readStep(cx, node.expression);
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    if (node.operator === K.PlusPlusToken) return { kind: "add", by: 1n };
    return node.operator === K.MinusMinusToken ? { kind: "add", by: -1n } : undefined;
  }
  if (!ts.isBinaryExpression(node)) return undefined;
  const by = constantOf(cx.capture(() => cx.expression(node.right)).value);
  if (by === undefined) return undefined;
  switch (node.operatorToken.kind) {
    case K.PlusEqualsToken:
      return { kind: "add", by };
    case K.MinusEqualsToken:
      return { kind: "add", by: -by };
    case K.GreaterThanGreaterThanEqualsToken:
    case K.GreaterThanGreaterThanGreaterThanEqualsToken:
      return by >= 1n && by < 32n ? { kind: "halve" } : undefined;
    case K.SlashEqualsToken:
      return by >= 2n ? { kind: "halve" } : undefined;
    default:
      return undefined;
  }
}
