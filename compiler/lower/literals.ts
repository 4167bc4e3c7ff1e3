import * as C from "../diagnostics/constructs.ts";
import * as D from "../diagnostics/integers.ts";
import type { ts } from "../frontend/typescript.ts";
import { truth } from "../ir/build.ts";
import type { FunctionContext } from "./context.ts";
import { failed, type LiteralValue, type Value } from "./value.ts";

export function literal(value: bigint, syntax: "number" | "bigint", wraps = false): LiteralValue {
  return { kind: "literal", value, syntax, wraps };
}

export function lowerNumericLiteral(cx: FunctionContext, node: ts.NumericLiteral): Value {
  // The compiler API gives the value in decimal, with large ones in scientific notation: the source's text is exact.
  const text = node.getText().replaceAll("_", "");
  if (/^0[xob]/i.test(text) || /^\d+$/.test(text)) return literal(BigInt(text), "number");
  const value = Number(text);
  if (Number.isSafeInteger(value)) return literal(BigInt(value), "number");
  cx.report(D.notAnInteger(cx.span(node), text));
  return failed;
}

export function lowerBigIntLiteral(_cx: FunctionContext, node: ts.BigIntLiteral): Value {
  return literal(BigInt(node.getText().replaceAll("_", "").slice(0, -1)), "bigint");
}

export function lowerBooleanLiteral(cx: FunctionContext, node: ts.BooleanLiteral): Value {
  const isTrue = node.getText() === "true";
  const expression = truth(isTrue, cx.span(node));
  return { kind: "scalar", type: { kind: "bool" }, expression };
}

export function lowerNull(cx: FunctionContext, node: ts.NullLiteral): Value {
  cx.report(C.nullLiteral(cx.span(node)));
  return failed;
}

export function lowerText(_cx: FunctionContext, node: ts.StringLiteralLike): Value {
  return { kind: "text", text: node.text };
}
