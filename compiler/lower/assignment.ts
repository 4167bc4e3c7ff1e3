import * as C from "../diagnostics/constructs.ts";
import { possiblyUndefined } from "../diagnostics/nullability.ts";
import * as D from "../diagnostics/types.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrExpression, IrPlace } from "../ir/expressions.ts";
import type { IntType } from "../ir/types.ts";
import { arithmetic, type SourceOperator } from "./arithmetic.ts";
import { adopt, describe, read, scalarOf, scalarOrLiteral, toScalar, toValue } from "./coerce.ts";
import type { Binding, FunctionContext } from "./context.ts";
import { type ContextTarget, contextStore, contextTarget } from "./context-store.ts";
import { lowerProvenElement } from "./element-access.ts";
import { readBinding, symbolOf } from "./identifier.ts";
import { operate, whole } from "./interval.ts";
import { literal } from "./literals.ts";
import { rebind } from "./rebind.ts";
import { useOwners } from "./resources.ts";
import {
  failed,
  type LiteralValue,
  type PlaceValue,
  type ScalarValue,
  type SourceType,
  type Value,
} from "./value.ts";

const K = ts.SyntaxKind;

export const compoundOperators: ReadonlyMap<ts.SyntaxKind, SourceOperator> = new Map([
  [K.PlusEqualsToken, "add"],
  [K.MinusEqualsToken, "sub"],
  [K.AsteriskEqualsToken, "mul"],
  [K.SlashEqualsToken, "div"],
  [K.PercentEqualsToken, "mod"],
  [K.AmpersandEqualsToken, "and"],
  [K.BarEqualsToken, "or"],
  [K.CaretEqualsToken, "xor"],
  [K.LessThanLessThanEqualsToken, "shl"],
  [K.GreaterThanGreaterThanEqualsToken, "shr"],
  [K.GreaterThanGreaterThanGreaterThanEqualsToken, "ushr"],
]);

/** Where an assignment goes. */
export type Target =
  | { readonly kind: "local"; readonly binding: Binding }
  | { readonly kind: "place"; readonly value: PlaceValue }
  | ContextTarget;

export function lowerAssignment(cx: FunctionContext, node: ts.BinaryExpression): Value {
  const target = lowerTarget(cx, node.left);
  const operator = compoundOperators.get(node.operatorToken.kind);
  if (operator) return compound(cx, target, operator, node, node.left, () => operand(cx, node.right));
  if (!target) {
    cx.visit(node.right);
    return failed;
  }
  if (target.kind === "local" && target.binding.kind !== "scalar") return rebind(cx, target.binding, node);
  const type = typeOf(target);
  const expected: SourceType | undefined = valueType(type);
  const { body, value } = cx.capture(() =>
    toValue(cx, cx.expression(node.right, expected), type, cx.span(node.right)),
  );
  const kept = body.length > 0 ? keep(cx, target) : target;
  cx.statements.push(...body);
  if (!value) return failed;
  if (kept.kind === "local" && type.kind === "int") noteInterval(cx, kept.binding, value);
  return store(cx, kept, value, node);
}

function valueType(type: IrPlace["type"]): SourceType | undefined {
  if (type.kind === "int" || type.kind === "bool" || type.kind === "struct" || type.kind === "array") {
    return { kind: "value", type, readonly: false };
  }
  return undefined;
}

/** What is known of the right side is known of the variable. */
function noteInterval(cx: FunctionContext, binding: Binding, value: IrExpression): void {
  if (binding.kind !== "scalar") return;
  if (value.op === "constant") cx.flow.setInterval(binding.local, { min: value.value, max: value.value });
  else cx.flow.forget(binding.local);
}

function operand(cx: FunctionContext, node: ts.Expression): ScalarValue | LiteralValue | undefined {
  return scalarOrLiteral(cx, cx.expression(node), cx.span(node));
}

function lowerTarget(cx: FunctionContext, node: ts.Expression): Target | undefined {
  // `list[i]! += 1`: the index has to be proven for writing anyway.
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node)) {
    return lowerTarget(cx, node.expression);
  }
  if (ts.isIdentifier(node)) {
    const symbol = symbolOf(cx, node);
    const binding = symbol && cx.bindings.get(symbol);
    if (binding) {
      if (binding.kind === "scalar" || binding.kind === "reference" || binding.kind === "optional") {
        return { kind: "local", binding };
      }
      const lost = binding.kind === "alias" && binding.value.kind === "error";
      if (!lost) cx.report(C.notAssignable(cx.span(node), node.text));
      return undefined;
    }
  }
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
    const context = contextTarget(cx, node);
    if (context) return context.kind === "refused" ? undefined : context;
  }
  if (ts.isArrayLiteralExpression(node) || ts.isObjectLiteralExpression(node)) {
    cx.report(C.unsupported(cx.span(node), "a destructuring assignment", "assign each variable on its own"));
    return undefined;
  }
  const value = ts.isElementAccessExpression(node)
    ? lowerProvenElement(cx, node, "write")
    : cx.expression(node);
  if (value.kind === "error") return undefined;
  if (value.kind !== "place") {
    cx.report(
      value.kind === "reference" || value.kind === "optional"
        ? possiblyUndefined(cx.span(node), describe(value))
        : C.notAssignable(cx.span(node), node.getText()),
    );
    return undefined;
  }
  if (value.readonly) {
    cx.report(D.readonlyWrite(cx.span(node), node.getText()));
    return undefined;
  }
  useOwners(cx, value.provenance.owners, cx.span(node));
  return { kind: "place", value };
}

function typeOf(target: Target): IrPlace["type"] {
  switch (target.kind) {
    case "local":
      return target.binding.kind === "scalar" ? target.binding.local.type : ir.nothing;
    case "place":
      return target.value.place.type;
    case "context":
      return target.type;
  }
}

function placeOf(target: Target, node: ts.Node, cx: FunctionContext): IrPlace | undefined {
  if (target.kind === "place") return target.value.place;
  if (target.kind === "local" && target.binding.kind === "scalar") {
    return ir.localPlace(target.binding.local, cx.span(node));
  }
  return undefined;
}

/** The right side has effects: what the target's place depends on is read before them. */
function keep(cx: FunctionContext, target: Target): Target {
  if (target.kind !== "place") return target;
  return { kind: "place", value: { ...target.value, place: keepPlace(cx, target.value.place) } };
}

function keepPlace(cx: FunctionContext, place: IrPlace): IrPlace {
  switch (place.place) {
    case "local":
    case "global":
      return place;
    case "field":
      return { ...place, base: keepPlace(cx, place.base) };
    case "deref":
      if (place.reference.op === "address") return place;
      return { ...place, reference: cx.temporary("target", place.reference) };
    case "element": {
      const base = keepPlace(cx, place.base);
      if (place.index.op === "constant") return { ...place, base };
      return { ...place, base, index: cx.temporary("index", place.index) };
    }
  }
}

function store(cx: FunctionContext, target: Target, value: IrExpression, node: ts.Node): Value {
  const span = cx.span(node);
  if (target.kind === "context") {
    contextStore(cx, target, value, span);
    return value.type.kind === "int" ? scalarOf(value) : { kind: "nothing" };
  }
  const place = placeOf(target, node, cx);
  if (!place) return failed;
  cx.emit({ op: "assign", place, value, span });
  if (place.type.kind === "int" || place.type.kind === "bool") return scalarOf(ir.load(place, span));
  return {
    kind: "place",
    place,
    readonly: false,
    provenance:
      target.kind === "place" ? target.value.provenance : { memory: "stack", region: cx.depth, owners: [] },
  };
}

/** `++` and `--`, before and after. */
export function lowerStep(
  cx: FunctionContext,
  node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
): Value {
  const operator = node.operator === K.PlusPlusToken ? "add" : "sub";
  const target = lowerTarget(cx, node.operand);
  if (!target) return failed;
  const before = ts.isPostfixUnaryExpression(node) ? keepOld(cx, target, node) : undefined;
  const type = target.kind === "local" && target.binding.kind !== "scalar" ? undefined : typeOf(target);
  const syntax = type?.kind === "int" && type.bits === 64 ? "bigint" : "number";
  const after = compound(cx, target, operator, node, node.operand, () => literal(1n, syntax));
  return after.kind === "error" ? after : (before ?? after);
}

function keepOld(cx: FunctionContext, target: Target, node: ts.Node): Value | undefined {
  const place = placeOf(target, node, cx);
  if (!place || (place.type.kind !== "int" && place.type.kind !== "bool")) return undefined;
  // As a statement nobody reads the old value.
  if (ts.isExpressionStatement(node.parent) || isForUpdate(node)) return undefined;
  return scalarOf(cx.temporary("old", ir.load(place, cx.span(node))));
}

function isForUpdate(node: ts.Node): boolean {
  return ts.isForStatement(node.parent) && node.parent.incrementor === node;
}

/** `target op= value`: computed as integers are, then cut to the target's width. */
function compound(
  cx: FunctionContext,
  lowered: Target | undefined,
  operator: SourceOperator,
  node: ts.Node,
  targetNode: ts.Expression,
  lowerRight: () => ScalarValue | LiteralValue | undefined,
): Value {
  const { body, value: right } = cx.capture(lowerRight);
  if (!lowered) {
    cx.statements.push(...body);
    return failed;
  }
  const target = body.length > 0 ? keep(cx, lowered) : lowered;
  const current = currentValue(cx, target, targetNode);
  const left = body.length > 0 && current ? spilled(cx, current) : current;
  cx.statements.push(...body);
  if (!left || !right) return failed;
  const { type } = left;
  const span = cx.span(node);
  const rightNode = ts.isBinaryExpression(node) ? node.right : node;
  if (type.kind === "bool") {
    cx.report(D.notANumber(cx.span(targetNode), "boolean"));
    return failed;
  }
  const shifts = operator === "shl" || operator === "shr" || operator === "ushr";
  if (right.kind === "literal" && !shifts && !adopt(cx, right, plain(type), cx.span(rightNode)))
    return failed;
  const result = arithmetic(
    cx,
    operator,
    { left, right, leftSpan: cx.span(targetNode), rightSpan: cx.span(rightNode) },
    span,
  );
  if (result?.kind !== "scalar" || result.type.kind !== "int") return failed;
  const value =
    type.enum && result.type.enum !== type.enum
      ? toScalar(cx, result, type, span)
      : cut(result.expression, type);
  if (!value) return failed;
  if (target.kind === "local" && target.binding.kind === "scalar") {
    const a = left.range ?? whole(type);
    const b =
      right.kind === "literal" ? { min: right.value, max: right.value } : (right.range ?? whole(type));
    const fitting = operator === "ushr" ? whole(type) : operate(operator, type, a, b);
    cx.flow.setInterval(target.binding.local, fitting);
  }
  return store(cx, target, value, node);
}

function plain(type: IntType): IntType {
  const { enum: _, ...bare } = type;
  return bare;
}

function cut(expression: IrExpression, type: IntType): IrExpression {
  if (expression.op === "constant")
    return ir.constant(type, ir.wrap(type, expression.value), expression.span);
  return ir.convert(expression, type);
}

function currentValue(cx: FunctionContext, target: Target, node: ts.Expression): ScalarValue | undefined {
  const value =
    target.kind === "local"
      ? readBinding(cx, target.binding, node)
      : target.kind === "context"
        ? target.current
        : read(cx, target.value, cx.span(node));
  if (value.kind === "scalar") return value;
  if (value.kind !== "error") cx.report(D.notANumber(cx.span(node), describe(value)));
  return undefined;
}

function spilled(cx: FunctionContext, value: ScalarValue): ScalarValue {
  if (value.expression.op === "constant") return value;
  return { ...value, expression: cx.temporary("left", value.expression) };
}
