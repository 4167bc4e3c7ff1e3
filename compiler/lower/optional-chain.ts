import * as C from "../diagnostics/constructs.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import { branches, choose } from "./choose.ts";
import { read } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { failed, type Value } from "./value.ts";

type Link = ts.PropertyAccessExpression | ts.ElementAccessExpression;

/** The whole of `a?.b.c?.d(e)`: the node that nothing continues. */
export function isWholeChain(node: ts.Node): node is ts.OptionalChain {
  return ts.isOptionalChain(node) && !(ts.isOptionalChain(node.parent) && node.parent.expression === node);
}

/**
 * An optional chain: `undefined` as soon as what stands before a `?.` is. The links are resolved from the innermost on; each finds the base
 * that was tested in `cx.chainBases`.
 */
export function lowerOptionalChain(cx: FunctionContext, node: ts.Expression, lower: () => Value): Value {
  const links: Link[] = [];
  for (let part: ts.Node = node; ts.isOptionalChain(part); part = part.expression) {
    if (ts.isNonNullExpression(part) || !part.questionDotToken) continue;
    if (ts.isCallExpression(part)) {
      cx.report(C.optionalCall(cx.span(part)));
      return failed;
    }
    if (ts.isPropertyAccessExpression(part) || ts.isElementAccessExpression(part)) links.unshift(part);
  }
  return resolve(cx, node, links, lower);
}

function resolve(
  cx: FunctionContext,
  node: ts.Expression,
  links: readonly Link[],
  lower: () => Value,
): Value {
  const [link, ...rest] = links;
  if (!link) return lower();
  const base = read(cx, cx.expression(link.expression), cx.span(link.expression));
  if (base.kind === "undefined" || base.kind === "error") return base;
  if (base.kind !== "reference" || !base.type.nullable) {
    cx.chainBases.set(link, base);
    return resolve(cx, node, rest, lower);
  }
  const span = cx.span(node);
  const reference = cx.temporary("chain", base.expression);
  const certain: Value = base.boxed
    ? { ...base, type: { ...base.type, nullable: false }, expression: ir.nonNull(reference) }
    : {
        kind: "place",
        place: ir.derefPlace(reference, span),
        readonly: base.type.readonly,
        provenance: base.provenance,
      };
  cx.chainBases.set(link, certain);
  const [some, none] = branches(cx, [
    { facts: [], node, lower: () => resolve(cx, node, rest, lower) },
    { facts: [], node, lower: (): Value => ({ kind: "undefined" }) },
  ]);
  if (some.value.kind === "nothing") {
    cx.emit({ op: "if", condition: ir.isPresent(reference, span), then: some.body, span });
    return some.value;
  }
  return choose(cx, ir.isPresent(reference, span), some, none, node, undefined);
}
