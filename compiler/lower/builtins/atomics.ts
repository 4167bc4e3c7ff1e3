import * as A from "../../diagnostics/atomics.ts";
import { possiblyUndefined } from "../../diagnostics/nullability.ts";
import * as D from "../../diagnostics/types.ts";
import { ts } from "../../frontend/typescript.ts";
import * as ir from "../../ir/build.ts";
import type { Atomic, IrPlace } from "../../ir/expressions.ts";
import type { ArrayType } from "../../ir/types.ts";
import { isOlder } from "../../kernel/version.ts";
import { asType } from "../arithmetic.ts";
import { describe, scalarOf, scalarOrLiteral, settle, toScalar } from "../coerce.ts";
import type { FunctionContext } from "../context.ts";
import { whole } from "../interval.ts";
import { useOwners } from "../resources.ts";
import { failed, type Value } from "../value.ts";

/** `atomics.add(object, "field", n)`. Every operation but a plain `add` came with Linux 5.12 (BPF_FETCH, commit 5ca419f2864a). */
export function lowerAtomic(
  cx: FunctionContext,
  operator: Atomic["operator"],
  node: ts.CallExpression,
): Value {
  const span = cx.span(node);
  const [objectNode, fieldNode, ...operandNodes] = node.arguments;
  if (!objectNode || !fieldNode) return failed;
  const place = atomicPlace(cx, objectNode, fieldNode);
  if (!place) return failed;
  const { type } = place;
  if (type.kind !== "int" || type.bits < 32) {
    cx.report(A.atomicWidth(cx.span(fieldNode), ir.typeName(type)));
    return failed;
  }
  const operands = operandNodes.map((operand) => {
    const value = toScalar(
      cx,
      cx.expression(operand, { kind: "value", type, readonly: false }),
      type,
      cx.span(operand),
    );
    return value && value.op !== "constant" ? cx.temporary("operand", value) : value;
  });
  const [first, second] = operands;
  if (!first || operands.includes(undefined)) return failed;
  const resultUsed = !ts.isExpressionStatement(node.parent);
  const newer = resultUsed || operator !== "add";
  if (newer && isOlder(cx.module.options.minKernel, [5, 12])) {
    const what = operator === "add" ? "the result of `atomics.add`" : `\`atomics.${operator}\``;
    cx.report(A.atomicNeedsKernel(span, what, cx.module.options.minKernel));
    return failed;
  }
  const expression: Atomic = {
    op: "atomic",
    type,
    operator,
    place,
    operand: second ?? first,
    ...(operator === "compareExchange" ? { expected: first } : {}),
    resultUsed,
    span,
  };
  if (!resultUsed) {
    cx.emit({ op: "evaluate", expression, span });
    return { kind: "nothing" };
  }
  return scalarOf(cx.temporary("before", expression));
}

function atomicPlace(
  cx: FunctionContext,
  objectNode: ts.Expression,
  fieldNode: ts.Expression,
): IrPlace | undefined {
  const span = cx.span(objectNode);
  const object = cx.expression(objectNode);
  const name = ts.isStringLiteralLike(fieldNode) ? fieldNode.text : undefined;
  if (object.kind === "reference" && !object.type.nullable && object.boxed) {
    if (name !== "value") return refuseField(cx, fieldNode);
    return ir.derefPlace(object.expression, span);
  }
  if (object.kind === "reference" || object.kind === "optional") {
    cx.report(possiblyUndefined(span, describe(object)));
    return undefined;
  }
  if (object.kind === "error") return undefined;
  if (object.kind !== "place") {
    cx.report(D.notAStruct(span, describe(object)));
    return undefined;
  }
  useOwners(cx, object.provenance.owners, span);
  if (object.readonly) {
    cx.report(D.readonlyWrite(span, objectNode.getText()));
    return undefined;
  }
  const { place } = object;
  if (place.type.kind === "struct") {
    const field = place.type.fields.find((candidate) => candidate.name === name);
    return field ? ir.fieldPlace(place, field, cx.span(fieldNode)) : refuseField(cx, fieldNode);
  }
  return place.type.kind === "array"
    ? atomicElement(cx, place, place.type, fieldNode)
    : refuseField(cx, fieldNode);
}

/** `atomics.add(histogram.slots, slot, 1n)`: the index must be proven, as for `slots[slot] = …`. */
function atomicElement(
  cx: FunctionContext,
  base: IrPlace,
  array: ArrayType,
  indexNode: ts.Expression,
): IrPlace | undefined {
  const span = cx.span(indexNode);
  const given = scalarOrLiteral(cx, cx.expression(indexNode), span);
  const index = given?.kind === "literal" ? settle(cx, given, span) : given;
  if (!index) return undefined;
  if (index.type.kind !== "int" || index.type.bits === 64 || index.type.bigEndian) {
    cx.report(D.indexType(span, ir.typeName(index.type)));
    return undefined;
  }
  const { expression } = index;
  const known = expression.op === "constant" ? expression.value : undefined;
  if (known !== undefined && (known < 0n || known >= BigInt(array.length))) {
    cx.report(D.indexOutOfRange(span, `${known}`, array.length));
    return undefined;
  }
  const range = known === undefined ? (index.range ?? whole(index.type)) : { min: known, max: known };
  if (range.min < 0n || range.max >= BigInt(array.length)) {
    cx.report(D.indexNotProven(span, "write", array.length, index.range && `${range.min} to ${range.max}`));
    return undefined;
  }
  const proven = asType(index, ir.u32).expression;
  return { place: "element", type: array.element, base, array, index: proven, span };
}

function refuseField(cx: FunctionContext, node: ts.Expression): undefined {
  cx.report(A.atomicField(cx.span(node)));
  return undefined;
}
