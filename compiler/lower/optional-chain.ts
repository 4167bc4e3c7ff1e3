import * as C from "../diagnostics/constructs.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import { branches, choose } from "./choose.ts";
import { read } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { propertyOf } from "./property-access.ts";
import { failed, type Value } from "./value.ts";

/** `a?.b`: `undefined` where `a` is. */
export function lowerOptionalChain(cx: FunctionContext, node: ts.PropertyAccessExpression): Value {
  if (ts.isOptionalChain(node.parent) && node.parent.expression === node) {
    cx.report(C.longOptionalChain(cx.span(node.parent)));
    return failed;
  }
  return chain(cx, node, node, (value) => value);
}

/** `a?.b()`; undefined where the call is no such chain. */
export function lowerOptionalMethod(
  cx: FunctionContext,
  node: ts.CallExpression,
  call: (method: Value) => Value,
): Value | undefined {
  const callee = node.expression;
  if (!ts.isPropertyAccessExpression(callee) || !callee.questionDotToken || node.questionDotToken) {
    return undefined;
  }
  if (ts.isOptionalChain(node.parent) && node.parent.expression === node) {
    cx.report(C.longOptionalChain(cx.span(node.parent)));
    return failed;
  }
  return chain(cx, callee, node, call);
}

function chain(
  cx: FunctionContext,
  access: ts.PropertyAccessExpression,
  node: ts.Expression,
  use: (value: Value) => Value,
): Value {
  const span = cx.span(node);
  const base = read(cx, cx.expression(access.expression), cx.span(access.expression));
  if (base.kind === "undefined" || base.kind === "error") return base;
  if (base.kind !== "reference" || !base.type.nullable) return use(propertyOf(cx, base, access));
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
    { facts: [], node, lower: () => use(propertyOf(cx, certain, access)) },
    { facts: [], node, lower: (): Value => ({ kind: "undefined" }) },
  ]);
  if (some.value.kind === "nothing") {
    cx.emit({ op: "if", condition: ir.isPresent(reference, span), then: some.body, span });
    return some.value;
  }
  return choose(cx, ir.isPresent(reference, span), some, none, node, undefined);
}
