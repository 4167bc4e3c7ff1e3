import * as I from "../../diagnostics/integers.ts";
import * as D from "../../diagnostics/types.ts";
import type { ts } from "../../frontend/typescript.ts";
import * as ir from "../../ir/build.ts";
import type { IntType } from "../../ir/types.ts";
import { asType } from "../arithmetic.ts";
import { scalarOf, scalarOrLiteral, toScalar } from "../coerce.ts";
import type { FunctionContext } from "../context.ts";
import { failed, type Value } from "../value.ts";
import { parseIp4, parseIp6 } from "./addresses.ts";

/** `u8(x)`: keeps the low bits; a wider result is extended by the sign of the operand's type. */
export function lowerConversion(cx: FunctionContext, type: IntType, node: ts.CallExpression): Value {
  const [operand] = node.arguments;
  if (!operand) return failed;
  const span = cx.span(node);
  const value = scalarOrLiteral(cx, cx.expression(operand), cx.span(operand));
  if (!value) return failed;
  if (value.kind === "literal") return scalarOf(ir.constant(type, ir.wrap(type, value.value), span));
  if (value.type.kind === "bool") return scalarOf(ir.convert(value.expression, type));
  if (value.type.bigEndian) {
    cx.report(I.byteOrderMismatch(span, ir.typeName(value.type), ir.typeName(type)));
    return failed;
  }
  return asType(value, type);
}

/** `htons` and its kin. */
export function lowerByteSwap(
  cx: FunctionContext,
  from: IntType,
  to: IntType,
  node: ts.CallExpression,
): Value {
  const [operandNode] = node.arguments;
  if (!operandNode) return failed;
  const operand = toScalar(cx, cx.expression(operandNode), from, cx.span(operandNode));
  if (!operand) return failed;
  const span = cx.span(node);
  if (operand.op === "constant") return scalarOf(ir.constant(to, swap(operand.value, to.bits), span));
  return scalarOf({ op: "byteSwap", type: to, operand, span });
}

/** A constant of a network-order type holds the number that a little-endian load of its bytes gives. */
function swap(value: bigint, bits: number): bigint {
  let swapped = 0n;
  for (let shift = 0n; shift < BigInt(bits); shift += 8n)
    swapped = (swapped << 8n) | ((value >> shift) & 0xffn);
  return swapped;
}

export function lowerIp4(cx: FunctionContext, node: ts.CallExpression): Value {
  const text = addressText(cx, node, "ip4");
  const value = text === undefined ? undefined : parseIp4(text);
  if (text !== undefined && value === undefined) cx.report(I.notAnAddress(cx.span(node), text, "IPv4"));
  if (value === undefined) return failed;
  return scalarOf(ir.constant(ir.be32, swap(value, 32), cx.span(node)));
}

export function lowerIp6(cx: FunctionContext, node: ts.CallExpression): Value {
  const text = addressText(cx, node, "ip6");
  const words = text === undefined ? undefined : parseIp6(text);
  if (text !== undefined && words === undefined) cx.report(I.notAnAddress(cx.span(node), text, "IPv6"));
  if (words === undefined) return failed;
  const span = cx.span(node);
  const type = ir.arrayOf(ir.be32, 4);
  const elements = words.map((word) => ir.constant(ir.be32, swap(word, 32), span));
  return { kind: "aggregate", type, expression: { op: "array", type, elements, span } };
}

function addressText(cx: FunctionContext, node: ts.CallExpression, name: string): string | undefined {
  const [argument] = node.arguments;
  const value = argument && cx.expression(argument);
  if (value?.kind === "text") return value.text;
  if (argument && value?.kind !== "error") cx.report(D.literalNeeded(cx.span(argument), name));
  return undefined;
}
