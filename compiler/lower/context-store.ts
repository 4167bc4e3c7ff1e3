import type { Span } from "../diagnostics/diagnostic.ts";
import { contextReadOnly } from "../diagnostics/program-shape.ts";
import * as P from "../diagnostics/programs.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { ArrayType, IntType } from "../ir/types.ts";
import { scalarOf } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { constantOf } from "./enums.ts";
import { contextField, fieldType } from "./property-access.ts";
import { type ContextValue, failed, type Value } from "./value.ts";

/** A field of the context, or one element of it, that is assigned. */
export interface ContextTarget {
  readonly kind: "context";
  readonly context: ContextValue;
  readonly field: string;
  readonly index: number | undefined;
  readonly type: IntType | ArrayType;
  /** What it holds now. */
  readonly current: Value;
}

/** Undefined where the target is no context field at all. */
export function contextTarget(
  cx: FunctionContext,
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
): ContextTarget | { readonly kind: "refused" } | undefined {
  const access = ts.isElementAccessExpression(node) ? node.expression : node;
  if (!ts.isPropertyAccessExpression(access) || !isContext(cx, access.expression)) return undefined;
  const context = cx.expression(access.expression);
  if (context.kind !== "context") return undefined;
  const field = contextField(context, access.name.text);
  const type = field && fieldType(cx, field);
  if (!field || !type) return undefined;
  if (!field.writable) {
    cx.report(contextReadOnly(cx.span(access.name), access.name.text, cx.program ?? ""));
    return { kind: "refused" };
  }
  const load = (index: number | undefined): IrExpression => ({
    op: "contextLoad",
    type,
    context: context.expression,
    field: field.kernel,
    ...(index === undefined ? {} : { index }),
    span: cx.span(node),
  });
  if (field.length === undefined) {
    const current = scalarOf(load(field.index));
    return { kind: "context", context, field: field.kernel, index: field.index, type, current };
  }
  if (!ts.isElementAccessExpression(node)) {
    const array = ir.arrayOf(type, field.length);
    return { kind: "context", context, field: field.kernel, index: undefined, type: array, current: failed };
  }
  const index = constantOf(cx.expression(node.argumentExpression));
  if (index === undefined || index < 0n || index >= BigInt(field.length)) {
    cx.report(P.contextIndex(cx.span(node.argumentExpression), access.name.text, field.length));
    return { kind: "refused" };
  }
  const current = scalarOf(load(Number(index)));
  return { kind: "context", context, field: field.kernel, index: Number(index), type, current };
}

/** By the name's binding, so that nothing is evaluated twice. */
function isContext(cx: FunctionContext, node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return isContext(cx, node.expression);
  if (!ts.isIdentifier(node)) return false;
  const symbol = cx.checker.getSymbolAtLocation(node);
  const binding = symbol && cx.bindings.get(symbol);
  return binding?.kind === "alias" && binding.value.kind === "context";
}

export function contextStore(
  cx: FunctionContext,
  target: ContextTarget,
  value: IrExpression,
  span: Span,
): void {
  const { context, field } = target;
  if (target.type.kind === "int") {
    const { index } = target;
    cx.emit({
      op: "contextStore",
      context: context.expression,
      field,
      ...(index === undefined ? {} : { index }),
      value,
      span,
    });
    return;
  }
  const { type } = target;
  // All elements are read before any is written: the source may be the same field.
  const local = cx.declare("value", type, value, span);
  for (let index = 0; index < type.length; index++) {
    const place = {
      place: "element",
      type: type.element,
      base: ir.localPlace(local, span),
      array: type,
      index: ir.constant(ir.u32, BigInt(index), span),
      span,
    } as const;
    cx.emit({
      op: "contextStore",
      context: context.expression,
      field,
      index,
      value: ir.load(place, span),
      span,
    });
  }
}
