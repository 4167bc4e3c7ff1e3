import * as C from "../../diagnostics/constructs.ts";
import * as D from "../../diagnostics/types.ts";
import { ts } from "../../frontend/typescript.ts";
import * as ir from "../../ir/build.ts";
import { scalarOf } from "../coerce.ts";
import type { FunctionContext } from "../context.ts";
import { objectLiteral } from "../object-literal.ts";
import { failed, type SourceType, type Value } from "../value.ts";

/** `zero<T>()` */
export function lowerZero(
  cx: FunctionContext,
  node: ts.CallExpression,
  expected: SourceType | undefined,
): Value {
  const type = wanted(cx, node, expected, "zero");
  if (!type) return failed;
  const span = cx.span(node);
  switch (type.kind) {
    case "int":
    case "bool":
      return scalarOf(ir.constant(type, 0n, span));
    case "array":
      return { kind: "aggregate", type, expression: { op: "array", type, elements: [], span } };
    case "struct":
      return { kind: "aggregate", type, expression: { op: "struct", type, fields: [], span } };
  }
}

/** `struct<T>({ … })`: fields that are not given are zero. */
export function lowerStruct(
  cx: FunctionContext,
  node: ts.CallExpression,
  expected: SourceType | undefined,
): Value {
  const type = wanted(cx, node, expected, "struct");
  const [fields] = node.arguments;
  if (!type || !fields) return failed;
  if (type.kind !== "struct" || !ts.isObjectLiteralExpression(fields)) {
    cx.report(C.structArgument(cx.span(node)));
    return failed;
  }
  return objectLiteral(cx, fields, type, true);
}

function wanted(
  cx: FunctionContext,
  node: ts.CallExpression,
  expected: SourceType | undefined,
  name: string,
): Extract<SourceType, { kind: "value" }>["type"] | undefined {
  const [argument] = node.typeArguments ?? [];
  if (!argument) {
    if (expected?.kind === "value" || expected?.kind === "optional") return expected.type;
    cx.report(D.typeArgumentNeeded(cx.span(node), name));
    return undefined;
  }
  const type = cx.module.types.ofNode(argument, cx.typeArguments);
  if (type && type.kind !== "value") cx.report(D.unsupportedType(cx.span(argument), argument.getText()));
  return type?.kind === "value" ? type.type : undefined;
}
