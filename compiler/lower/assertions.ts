import * as C from "../diagnostics/constructs.ts";
import * as D from "../diagnostics/types.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import { isIndexed } from "./builtins/map-methods.ts";
import { describe, scalarOf } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { lowerProvenElement } from "./element-access.ts";
import { constantOf } from "./enums.ts";
import { whole } from "./interval.ts";
import { failed, type SourceType, type Value } from "./value.ts";

/** `x!` is a proof obligation here, not a wish: accepted where the compiler can show it. */
export function lowerNonNull(
  cx: FunctionContext,
  node: ts.NonNullExpression,
  expected: SourceType | undefined,
): Value {
  let inner: ts.Expression = node.expression;
  while (ts.isParenthesizedExpression(inner)) inner = inner.expression;
  if (ts.isElementAccessExpression(inner)) return lowerProvenElement(cx, inner, "assert");
  const value = cx.expression(inner, expected);
  if (value.kind === "error") return failed;
  const nullable =
    value.kind === "optional" ||
    value.kind === "undefined" ||
    (value.kind === "reference" && value.type.nullable);
  if (!nullable) return value;
  if (ts.isCallExpression(inner) && isProvenEntry(cx, inner)) return assumePresent(cx, value, node);
  cx.report(D.notProven(cx.span(node), describe(value)));
  return failed;
}

/** `map.get(i)!` and `map.ref(i)!` of a map that has every index below `maxEntries`. */
function isProvenEntry(cx: FunctionContext, call: ts.CallExpression): boolean {
  const callee = call.expression;
  const [indexNode] = call.arguments;
  if (!ts.isPropertyAccessExpression(callee) || !indexNode) return false;
  if (callee.name.text !== "get" && callee.name.text !== "ref") return false;
  const { value } = cx.capture(() => {
    const receiver = cx.expression(callee.expression);
    if (receiver.kind !== "map" || !isIndexed(receiver.className)) return undefined;
    const index = cx.expression(indexNode);
    return { map: receiver.map, index };
  });
  if (!value) return false;
  const known = constantOf(value.index);
  const { index, map } = value;
  const range =
    known !== undefined
      ? { min: known, max: known }
      : index.kind === "scalar" && index.type.kind === "int"
        ? (index.range ?? whole(index.type))
        : undefined;
  return range !== undefined && range.min >= 0n && range.max < BigInt(map.maxEntries);
}

/**
 * The verifier does not know what was proven, so it still gets a null check; the way out of it is never taken.
 */
function assumePresent(cx: FunctionContext, value: Value, node: ts.Node): Value {
  const span = cx.span(node);
  if (value.kind === "optional") return scalarOf(value.value);
  if (value.kind !== "reference") return failed;
  cx.emit({
    op: "if",
    condition: ir.isNull(value.expression, span),
    then: [cx.unreachableReturn(span)],
    span,
  });
  if (value.boxed) {
    return { ...value, type: { ...value.type, nullable: false }, expression: ir.nonNull(value.expression) };
  }
  return {
    kind: "place",
    place: ir.derefPlace(value.expression, span),
    readonly: value.type.readonly,
    provenance: value.provenance,
  };
}

/** `x as T`: nothing is checked by it, so nothing is allowed with it but `as const`. */
export function lowerAs(
  cx: FunctionContext,
  node: ts.AsExpression | ts.TypeAssertion,
  expected: SourceType | undefined,
): Value {
  if (ts.isConstTypeReference(node.type)) return cx.expression(node.expression, expected);
  cx.report(C.typeAssertion(cx.span(node), node.type.getText()));
  return failed;
}

export function lowerSatisfies(cx: FunctionContext, node: ts.SatisfiesExpression): Value {
  const type = cx.module.types.ofNode(node.type, cx.typeArguments);
  return type ? cx.expression(node.expression, type) : failed;
}
