import * as C from "../diagnostics/constructs.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import { branches, choose } from "./choose.ts";
import { read } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { propertyOf } from "./property-access.ts";
import { failed, type Value } from "./value.ts";

/** `a?.b`: `undefined` where `a` is. Longer chains and calls after `?.` are written with `if`. */
export function lowerOptionalChain(cx: FunctionContext, node: ts.PropertyAccessExpression): Value {
  const span = cx.span(node);
  if (ts.isOptionalChain(node.parent) && node.parent.expression === node) {
    cx.report(C.longOptionalChain(cx.span(node.parent)));
    return failed;
  }
  const base = read(cx, cx.expression(node.expression), cx.span(node.expression));
  if (base.kind === "undefined") return base;
  if (base.kind !== "reference" || !base.type.nullable) return propertyOf(cx, base, node);
  const reference = cx.temporary("chain", base.expression);
  const certain: Value = base.boxed
    ? { ...base, type: { ...base.type, nullable: false }, expression: ir.nonNull(reference) }
    : {
        kind: "place",
        place: ir.derefPlace(reference, span),
        readonly: base.type.readonly,
        provenance: base.provenance,
      };
  const [some, none] = branches(cx, [
    { facts: [], node, lower: () => propertyOf(cx, certain, node) },
    { facts: [], node, lower: (): Value => ({ kind: "undefined" }) },
  ]);
  return choose(cx, ir.isPresent(reference, span), some, none, node, undefined);
}
