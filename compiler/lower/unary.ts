import * as I from "../diagnostics/integers.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import { asType, result } from "./arithmetic.ts";
import { lowerStep } from "./assignment.ts";
import { scalarOf, scalarOrLiteral } from "./coerce.ts";
import { lowerCondition } from "./condition.ts";
import type { FunctionContext } from "./context.ts";
import { literal } from "./literals.ts";
import { failed, type Value } from "./value.ts";

export function lowerPrefix(cx: FunctionContext, node: ts.PrefixUnaryExpression): Value {
  switch (node.operator) {
    case ts.SyntaxKind.ExclamationToken: {
      const condition = lowerCondition(cx, node);
      return condition ? { kind: "scalar", type: ir.bool, expression: condition.expression } : failed;
    }
    case ts.SyntaxKind.PlusPlusToken:
    case ts.SyntaxKind.MinusMinusToken:
      return lowerStep(cx, node);
    case ts.SyntaxKind.MinusToken:
      return negate(cx, node);
    case ts.SyntaxKind.TildeToken:
      return complement(cx, node);
    case ts.SyntaxKind.PlusToken:
      cx.report(I.unaryPlus(cx.span(node)));
      return failed;
  }
}

export function lowerPostfix(cx: FunctionContext, node: ts.PostfixUnaryExpression): Value {
  return lowerStep(cx, node);
}

function negate(cx: FunctionContext, node: ts.PrefixUnaryExpression): Value {
  const span = cx.span(node);
  const value = scalarOrLiteral(cx, cx.expression(node.operand), cx.span(node.operand));
  if (!value) return failed;
  if (value.kind === "literal") return literal(-value.value, value.syntax);
  const { type } = value;
  if (type.kind === "bool") {
    cx.report(I.booleanOperand(cx.span(node.operand)));
    return failed;
  }
  const known = value.expression.op === "constant" ? value.expression.value : undefined;
  if (known !== undefined && type.enum) {
    // `-Errno.EPERM`: a constant, so its negative is known to fit.
    const signed = ir.i32;
    if (-known >= ir.minimum(signed) && -known <= ir.maximum(signed)) {
      return scalarOf(ir.constant(signed, -known, span));
    }
  }
  if (type.bigEndian) {
    cx.report(I.byteOrderOperator(span, ir.typeName(type), type.bits));
    return failed;
  }
  if (!type.signed) {
    cx.report(I.negatedUnsigned(span, ir.typeName(type), type.bits));
    return failed;
  }
  const wide = result(type);
  if (known !== undefined) return scalarOf(ir.constant(wide, ir.wrap(wide, -known), span));
  const operand = asType(value, wide).expression;
  return scalarOf({ op: "unary", type: wide, operator: "negate", operand, span });
}

function complement(cx: FunctionContext, node: ts.PrefixUnaryExpression): Value {
  const span = cx.span(node);
  const value = scalarOrLiteral(cx, cx.expression(node.operand), cx.span(node.operand));
  if (!value) return failed;
  if (value.kind === "literal") return literal(~value.value, value.syntax, true);
  if (value.type.kind === "bool") {
    cx.report(I.booleanOperand(cx.span(node.operand)));
    return failed;
  }
  const wide = result(value.type);
  const operand = asType(value, wide).expression;
  if (operand.op === "constant") return scalarOf(ir.constant(wide, ir.wrap(wide, ~operand.value), span));
  return scalarOf({ op: "unary", type: wide, operator: "complement", operand, span });
}
