import { possiblyUndefined } from "../diagnostics/nullability.ts";
import * as D from "../diagnostics/types.ts";
import type { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { RefType } from "../ir/types.ts";
import { describe, read, toPlace, toScalar } from "./coerce.ts";
import type { Binding, FunctionContext } from "./context.ts";
import { failed, type Provenance, type SourceType, type Value } from "./value.ts";

/** A reference for a variable or parameter of `type` to hold. */
export interface Reference {
  readonly expression: IrExpression;
  readonly readonly: boolean;
  readonly provenance: Provenance;
}

/** `value` as a reference of `type`; nothing is copied unless the value has no memory yet. */
export function toReference(
  cx: FunctionContext,
  value: Value,
  type: RefType,
  boxed: boolean,
  node: ts.Node,
): Reference | undefined {
  const span = cx.span(node);
  switch (value.kind) {
    case "error":
      return undefined;
    case "undefined":
      if (!type.nullable) break;
      return {
        expression: ir.nullOf(type, span),
        readonly: false,
        provenance: { memory: type.memory, region: 0, owners: [] },
      };
    case "reference": {
      if (value.boxed !== boxed || !ir.sameType(value.type.target, type.target)) break;
      if (value.type.nullable && !type.nullable) {
        cx.report(possiblyUndefined(span, describe(value)));
        return undefined;
      }
      const { expression, provenance } = value;
      return accept(cx, { expression, readonly: value.type.readonly, provenance }, type, node);
    }
    case "place":
    case "aggregate": {
      if (boxed) break;
      const place = toPlace(cx, value, type.target, span);
      if (!place) return undefined;
      const { provenance, readonly } = place;
      const expression = ir.address(place.place, provenance.memory, readonly, span);
      return accept(cx, { expression, readonly, provenance }, type, node);
    }
    default:
      break;
  }
  cx.report(
    D.mismatch(span, describe(value), boxed ? `Ref<${ir.typeName(type.target)}>` : ir.typeName(type)),
  );
  return undefined;
}

/** `Readonly` must not get lost on the way. */
function accept(
  cx: FunctionContext,
  reference: Reference,
  type: RefType,
  node: ts.Node,
): Reference | undefined {
  if (reference.readonly && !type.readonly) {
    cx.report(D.readonlyLost(cx.span(node), ir.typeName(type.target)));
    return undefined;
  }
  return {
    ...reference,
    expression: ir.convert(reference.expression, { ...type, memory: reference.provenance.memory }),
  };
}

/** `variable = value` where the variable holds a reference or may be undefined. */
export function rebind(cx: FunctionContext, binding: Binding, node: ts.BinaryExpression): Value {
  const span = cx.span(node);
  if (binding.kind === "optional") {
    const type = binding.value.type;
    if (type.kind !== "int" && type.kind !== "bool") return failed;
    const value = read(cx, cx.expression(node.right, { kind: "optional", type, readonly: false }), span);
    const parts = optionalParts(cx, value, type, node.right);
    if (!parts) return failed;
    const present = ir.localPlace(binding.present, span);
    // The value first: it may depend on the variable's old state.
    cx.emit({ op: "assign", place: ir.localPlace(binding.value, span), value: parts.value, span });
    cx.emit({ op: "assign", place: present, value: parts.present, span });
    return value;
  }
  if (binding.kind !== "reference") return failed;
  const type = binding.local.type as RefType;
  const target = type.target;
  const expected: SourceType | undefined =
    target.kind === "struct" || target.kind === "array"
      ? { kind: type.nullable ? "optional" : "value", type: target, readonly: type.readonly }
      : undefined;
  const value = cx.expression(node.right, expected);
  if (value.kind === "aggregate" && cx.targets.some((outer) => outer.kind === "loop")) {
    // The storage would be the same in every iteration, and what still refers to the last one's would change.
    cx.report(D.freshInLoop(cx.span(node.right), node.left.getText()));
    return failed;
  }
  const reference = toReference(cx, stored(cx, value, node.right), type, binding.boxed, node.right);
  if (!reference) return failed;
  if (reference.provenance.region > binding.provenance.region) {
    cx.report(D.outlived(cx.span(node.right), node.left.getText()));
    return failed;
  }
  cx.flow.setOwners(binding.local, reference.provenance.owners);
  cx.emit({ op: "assign", place: ir.localPlace(binding.local, span), value: reference.expression, span });
  return value;
}

/** A fresh struct or array gets storage that lasts as long as the function: the variable may be declared further out. */
function stored(cx: FunctionContext, value: Value, node: ts.Node): Value {
  if (value.kind !== "aggregate") return value;
  const span = cx.span(node);
  const place = ir.localPlace(cx.hoist("value", value.type, span), span);
  cx.emit({ op: "assign", place, value: value.expression, span });
  return { kind: "place", place, readonly: false, provenance: { memory: "stack", region: 1, owners: [] } };
}

/** A scalar that may be undefined, in two expressions. */
export function optionalParts(
  cx: FunctionContext,
  raw: Value,
  type: Extract<Value, { kind: "optional" }>["type"],
  node: ts.Node,
): { readonly present: IrExpression; readonly value: IrExpression } | undefined {
  const span = cx.span(node);
  const value = read(cx, raw, span);
  if (value.kind === "undefined")
    return { present: ir.truth(false, span), value: ir.constant(type, 0n, span) };
  if (value.kind === "optional") {
    const expression = toScalar(
      cx,
      { kind: "scalar", type: value.type, expression: value.value },
      type,
      span,
    );
    return expression && { present: value.present, value: expression };
  }
  const expression = toScalar(cx, value, type, span);
  return expression && { present: ir.truth(true, span), value: expression };
}
