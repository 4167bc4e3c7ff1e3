import { differentSign, mixedWidths } from "../diagnostics/conversions.ts";
import type { Span } from "../diagnostics/diagnostic.ts";
import * as D from "../diagnostics/integers.ts";
import * as ir from "../ir/build.ts";
import type { BinaryOperator } from "../ir/expressions.ts";
import type { IntType } from "../ir/types.ts";
import { adopt, scalarOf, settle } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { belongsTo } from "./enums.ts";
import { exactly, operate, whole } from "./interval.ts";
import { literal } from "./literals.ts";
import type { LiteralValue, ScalarValue, Value } from "./value.ts";

/** The operators of the source; `>>>` is `shr` on the unsigned type of the same width. */
export type SourceOperator = BinaryOperator | "ushr";

const bitwise: ReadonlySet<SourceOperator> = new Set(["and", "or", "xor"]);
const shifts: ReadonlySet<SourceOperator> = new Set(["shl", "shr", "ushr"]);

type Number = ScalarValue | LiteralValue;

export interface Operands {
  readonly left: Number;
  readonly right: Number;
  readonly leftSpan: Span;
  readonly rightSpan: Span;
}

/** `a op b` by the rules of the language; undefined where a mistake was reported. */
export function arithmetic(
  cx: FunctionContext,
  operator: SourceOperator,
  operands: Operands,
  span: Span,
): Value | undefined {
  const { left, right, leftSpan, rightSpan } = operands;
  for (const [side, at] of [
    [left, leftSpan],
    [right, rightSpan],
  ] as const) {
    if (side.kind === "scalar" && side.type.kind === "bool") {
      cx.report(D.booleanOperand(at));
      return undefined;
    }
  }
  if (left.kind === "literal" && right.kind === "literal")
    return foldLiterals(cx, operator, left, right, span);
  if (shifts.has(operator)) return shift(cx, operator, operands, span);
  const common = commonType(cx, operands, span, bitwise.has(operator));
  if (!common) return undefined;
  const { type } = common;
  if (type.bigEndian && !bitwise.has(operator)) {
    cx.report(D.byteOrderOperator(span, ir.typeName(type), type.bits));
    return undefined;
  }
  return binary(operator as BinaryOperator, type, common.left, common.right, span);
}

/** Folds where both sides are constants. */
export function binary(
  operator: BinaryOperator,
  type: IntType,
  left: ScalarValue,
  right: ScalarValue,
  span: Span,
): ScalarValue {
  const a = left.expression;
  const b = right.expression;
  if (a.op === "constant" && b.op === "constant") {
    let value = evaluate(operator, type, a.value, b.value);
    if (type.enum && !belongsTo(type.enum, value)) {
      const { enum: _, ...plain } = type;
      return scalarOf(ir.constant(plain, value, span));
    }
    value = ir.wrap(type, value);
    return scalarOf(ir.constant(type, value, span));
  }
  const range = operate(operator, type, left.range ?? whole(type), right.range ?? whole(type));
  return {
    kind: "scalar",
    type,
    expression: { op: "binary", type, operator, left: a, right: b, span },
    range,
  };
}

/** One operation on constants, exactly as it runs in the kernel. */
export function evaluate(operator: BinaryOperator, type: IntType, a: bigint, b: bigint): bigint {
  const count = BigInt.asUintN(64, b) % BigInt(type.bits);
  switch (operator) {
    case "add":
      return ir.wrap(type, a + b);
    case "sub":
      return ir.wrap(type, a - b);
    case "mul":
      return ir.wrap(type, a * b);
    case "div":
      return b === 0n ? 0n : ir.wrap(type, a / b);
    case "mod":
      return b === 0n ? a : a % b;
    case "and":
      return ir.wrap(type, a & b);
    case "or":
      return ir.wrap(type, a | b);
    case "xor":
      return ir.wrap(type, a ^ b);
    case "shl":
      return ir.wrap(type, a << count);
    case "shr":
      return ir.wrap(type, a >> count);
  }
}

/**
 * Two constants without a width: sums and products are exact, and must fit where they are used; shifts to the left are cut to 32 bits
 * (64 for a bigint), as they would be on integers of that width.
 */
function foldLiterals(
  cx: FunctionContext,
  operator: SourceOperator,
  left: LiteralValue,
  right: LiteralValue,
  span: Span,
): Value | undefined {
  if (left.syntax !== right.syntax) {
    cx.report(mixedWidths(span, "bigint", "number"));
    return undefined;
  }
  const a = left.value;
  const b = right.value;
  const bits = left.syntax === "bigint" ? 64 : 32;
  const count = ((b % BigInt(bits)) + BigInt(bits)) % BigInt(bits);
  const wraps = left.wraps || right.wraps;
  const of = (value: bigint, keepsWrap = false) => literal(value, left.syntax, keepsWrap && wraps);
  switch (operator) {
    case "add":
      return of(a + b);
    case "sub":
      return of(a - b);
    case "mul":
      return of(a * b);
    case "div":
      return of(b === 0n ? 0n : a / b);
    case "mod":
      return of(b === 0n ? a : a % b);
    case "and":
      return of(a & b, true);
    case "or":
      return of(a | b, true);
    case "xor":
      return of(a ^ b, true);
    case "shl":
      return of(a < 0n ? BigInt.asIntN(bits, a << count) : BigInt.asUintN(bits, a << count));
    case "shr":
      return of(a >> count);
    case "ushr":
      return of(BigInt.asUintN(bits, a) >> count);
  }
}

function shift(
  cx: FunctionContext,
  operator: SourceOperator,
  { left, right, leftSpan, rightSpan }: Operands,
  span: Span,
): Value | undefined {
  const from = left.kind === "literal" ? settle(cx, left, leftSpan) : left;
  const by = right.kind === "literal" ? shiftCount(cx, right, rightSpan) : right;
  if (!from || !by) return undefined;
  const type = result(from.type as IntType);
  const countType = by.type as IntType;
  if (type.bigEndian || countType.bigEndian) {
    cx.report(D.byteOrderOperator(span, ir.typeName(type), type.bits));
    return undefined;
  }
  const count = countAsUnsigned(by, type);
  const value = asType(from, type);
  if (operator !== "ushr" || !type.signed) {
    return binary(operator === "ushr" ? "shr" : (operator as BinaryOperator), type, value, count, span);
  }
  // `>>>` never keeps the sign: as unsigned there and back. As in JavaScript its result is a natural number.
  const unsigned = type.bits === 64 ? ir.u64 : ir.u32;
  return binary("shr", unsigned, asType(value, unsigned), count, span);
}

/** A shift's count is taken modulo the width, so its sign does not matter. */
function countAsUnsigned(count: ScalarValue, type: IntType): ScalarValue {
  const from = count.type as IntType;
  const width = BigInt(type.bits);
  if (count.expression.op === "constant") {
    const value = ((count.expression.value % width) + width) % width;
    return { ...scalarOf(ir.constant(ir.u32, value, count.expression.span)), range: exactly(value) };
  }
  const unsigned: IntType = { kind: "int", bits: from.bits, signed: false };
  if (!from.signed) return { ...count, type: unsigned };
  return scalarOf(ir.convert(count.expression, unsigned));
}

function shiftCount(cx: FunctionContext, value: LiteralValue, span: Span): ScalarValue | undefined {
  if (value.value >= 0n && value.value < 64n) return scalarOf(ir.constant(ir.u32, value.value, span));
  return settle(cx, value, span);
}

/** The type in which an operand is computed with: 32 or 64 bits. */
export function result(type: IntType): IntType {
  if (type.bigEndian) return { ...ir.be32, bits: type.bits };
  if (type.bits === 64) return type.signed ? ir.i64 : ir.u64;
  return type.signed ? ir.i32 : ir.u32;
}

/** Between types of which one holds every value of the other, or of the same width. */
export function asType(value: ScalarValue, type: IntType): ScalarValue {
  const from = value.type as IntType;
  if (ir.sameType(from, type)) return value;
  if (value.expression.op === "constant") {
    return scalarOf(ir.constant(type, ir.wrap(type, value.expression.value), value.expression.span));
  }
  const range = value.range;
  const fits = range && range.min >= ir.minimum(type) && range.max <= ir.maximum(type);
  return {
    kind: "scalar",
    type,
    expression: ir.convert(value.expression, type),
    range: fits ? range : whole(type),
  };
}

export interface Common {
  readonly type: IntType;
  readonly left: ScalarValue;
  readonly right: ScalarValue;
}

/** Both sides in the one type that the operation is computed in; also for comparisons. */
export function commonType(
  cx: FunctionContext,
  { left, right, leftSpan, rightSpan }: Operands,
  span: Span,
  keepEnum: boolean,
): Common | undefined {
  if (left.kind === "literal" && right.kind === "literal") {
    const a = settle(cx, left, leftSpan);
    const b = settle(cx, right, rightSpan);
    if (!a || !b) return undefined;
    return commonType(cx, { left: a, right: b, leftSpan, rightSpan }, span, keepEnum);
  }
  if (left.kind === "literal") {
    const swapped = commonType(
      cx,
      { left: right, right: left, leftSpan: rightSpan, rightSpan: leftSpan },
      span,
      keepEnum,
    );
    return swapped && { type: swapped.type, left: swapped.right, right: swapped.left };
  }
  const a = left.type as IntType;
  if (right.kind === "literal") {
    const type = result(a);
    const adopted = adopt(cx, right, type, rightSpan);
    return adopted && { type, left: asType(left, type), right: adopted };
  }
  const b = right.type as IntType;
  if (keepEnum && a.enum && a.enum === b.enum) return { type: a, left, right };
  if ((a.bigEndian ?? false) !== (b.bigEndian ?? false)) {
    cx.report(D.byteOrderMismatch(span, ir.typeName(a), ir.typeName(b)));
    return undefined;
  }
  if (a.bigEndian && a.bits !== b.bits) {
    cx.report(D.byteOrderMismatch(span, ir.typeName(a), ir.typeName(b)));
    return undefined;
  }
  if ((a.bits === 64) !== (b.bits === 64)) {
    const [long, short] = a.bits === 64 ? [a, b] : [b, a];
    cx.report(mixedWidths(span, ir.typeName(long), ir.typeName(short)));
    return undefined;
  }
  if (a.signed !== b.signed) {
    const fixed = signOfConstant(left, right);
    if (!fixed) {
      cx.report(differentSign(span, ir.typeName(a), ir.typeName(b)));
      return undefined;
    }
    return fixed;
  }
  const type = result(a);
  return { type, left: asType(left, type), right: asType(right, type) };
}

/** An enum's constant or another typed constant meets the other sign as a literal would: where it fits. */
function signOfConstant(left: ScalarValue, right: ScalarValue): Common | undefined {
  for (const [known, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const type = result(other.type as IntType);
    if (known.expression.op !== "constant" || !(known.type as IntType).enum) continue;
    const { value } = known.expression;
    if (value < ir.minimum(type) || value > ir.maximum(type)) continue;
    return { type, left: asType(left, type), right: asType(right, type) };
  }
  return undefined;
}
