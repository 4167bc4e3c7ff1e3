import * as N from "../diagnostics/conversions.ts";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.ts";
import * as I from "../diagnostics/integers.ts";
import { notAMember } from "../diagnostics/kernel-world.ts";
import { possiblyUndefined } from "../diagnostics/nullability.ts";
import * as D from "../diagnostics/types.ts";
import * as ir from "../ir/build.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { BoolType, EnumType, IntType, IrType } from "../ir/types.ts";
import type { FunctionContext } from "./context.ts";
import { belongsTo } from "./enums.ts";
import { exactly, whole } from "./interval.ts";
import { useOwners } from "./resources.ts";
import type { LiteralValue, PlaceValue, ScalarValue, Value } from "./value.ts";

/** How messages name what a value is. */
export function describe(value: Value): string {
  switch (value.kind) {
    case "error":
      return "an error";
    case "literal":
      return value.syntax === "bigint" ? `${value.value}n` : `${value.value}`;
    case "scalar":
    case "aggregate":
      return ir.typeName(value.type);
    case "place":
      return value.readonly ? `Readonly<${ir.typeName(value.place.type)}>` : ir.typeName(value.place.type);
    case "reference": {
      const name = ir.typeName(value.type.target);
      return `${value.boxed ? `Ref<${name}>` : name}${value.type.nullable ? " | undefined" : ""}`;
    }
    case "optional":
      return `${ir.typeName(value.type)} | undefined`;
    case "context":
      return "the program's context";
    case "reservation":
      return "a reservation";
    case "map":
      return `the map \`${value.map.name}\``;
    case "function":
    case "builtin":
    case "method":
      return "a function";
    case "enum":
      return `the enum \`${value.enum.name}\``;
    case "namespace":
      return "a namespace";
    case "text":
      return "a string";
    case "undefined":
      return "undefined";
    case "nothing":
      return "nothing (`void`)";
    case "program":
      return `the program \`${value.name}\``;
  }
}

/** What TypeScript calls a literal's type. */
function kindOf({ syntax }: LiteralValue): string {
  return syntax === "bigint" ? "bigint" : "number";
}

function notConstantOf({ name, members }: EnumType, found: string, span: Span): Diagnostic {
  return notAMember(
    span,
    found,
    name,
    members.map((member) => `${name}.${member.name}`),
  );
}

export function scalarOf(expression: IrExpression): ScalarValue {
  const type = expression.type as IntType | BoolType;
  if (type.kind === "bool") return { kind: "scalar", type, expression };
  const range = expression.op === "constant" ? exactly(expression.value) : whole(type);
  return { kind: "scalar", type, expression, range };
}

/** Reads a scalar place; other values stay what they are. */
export function read(cx: FunctionContext, value: Value, span: Span): Value {
  if (value.kind !== "place") return value;
  const { type } = value.place;
  if (type.kind !== "int" && type.kind !== "bool") return value;
  useOwners(cx, value.provenance.owners, span);
  return scalarOf(ir.load(value.place, span));
}

/** A value as an integer or boolean; a literal stays one. Reported where it is something else. */
export function scalarOrLiteral(
  cx: FunctionContext,
  raw: Value,
  span: Span,
): ScalarValue | LiteralValue | undefined {
  const value = read(cx, raw, span);
  switch (value.kind) {
    case "scalar":
    case "literal":
      return value;
    case "error":
      return undefined;
    case "optional":
    case "undefined":
      cx.report(possiblyUndefined(span, describe(value)));
      return undefined;
    case "text":
      cx.report(I.textOperand(span));
      return undefined;
    default:
      cx.report(D.notANumber(span, describe(value)));
      return undefined;
  }
}

/** A literal without anything to adopt a width from. */
export function settle(cx: FunctionContext, value: LiteralValue, span: Span): ScalarValue | undefined {
  const wide = value.syntax === "bigint";
  const signed = value.value < 0n;
  const type = wide ? (signed ? ir.i64 : ir.u64) : signed ? ir.i32 : ir.u32;
  return adopt(cx, value, type, span);
}

/** A literal in the width of `type`. */
export function adopt(
  cx: FunctionContext,
  value: LiteralValue,
  type: IntType,
  span: Span,
): ScalarValue | undefined {
  const wide = type.bits === 64;
  if (wide !== (value.syntax === "bigint")) {
    cx.report(N.differentWidth(span, kindOf(value), ir.typeName(type), cx.module.textOf(span)));
    return undefined;
  }
  let number = value.value;
  if (value.wraps && number < 0n) number = ir.wrap(type, number);
  if (type.enum && !belongsTo(type.enum, number)) {
    cx.report(notConstantOf(type.enum, `${number}`, span));
    return undefined;
  }
  if (type.bigEndian && number !== 0n) {
    cx.report(N.hostOrder(span, kindOf(value), ir.typeName(type), cx.module.textOf(span)));
    return undefined;
  }
  if (number < ir.minimum(type) || number > ir.maximum(type)) {
    cx.report(
      I.literalOutOfRange(span, `${value.value}`, ir.typeName(type), ir.minimum(type), ir.maximum(type)),
    );
    return undefined;
  }
  const expression = ir.constant(type, number, span);
  return { kind: "scalar", type, expression, range: exactly(number) };
}

/** Whether every value of `from` is one of `to`: what TypeScript's flavours let through without a call. */
export function widens(from: IntType, to: IntType): boolean {
  if ((from.bigEndian ?? false) !== (to.bigEndian ?? false)) return false;
  if (from.bigEndian) return from.bits === to.bits;
  if ((from.bits === 64) !== (to.bits === 64)) return false;
  return ir.minimum(from) >= ir.minimum(to) && ir.maximum(from) <= ir.maximum(to);
}

/** `value` as it is stored into something of `type`; undefined where that was reported. */
export function toScalar(
  cx: FunctionContext,
  raw: Value,
  type: IntType | BoolType,
  span: Span,
): IrExpression | undefined {
  const value = scalarOrLiteral(cx, raw, span);
  if (!value) return undefined;
  if (type.kind === "bool") {
    if (value.kind === "scalar" && value.type.kind === "bool") return value.expression;
    cx.report(D.notBoolean(span, describe(value)));
    return undefined;
  }
  if (value.kind === "literal") return adopt(cx, value, type, span)?.expression;
  return integerTo(cx, value, type, span);
}

function integerTo(
  cx: FunctionContext,
  value: ScalarValue,
  type: IntType,
  span: Span,
): IrExpression | undefined {
  const from = value.type;
  if (from.kind === "bool") {
    cx.report(I.booleanAsInteger(span, ir.typeName(type)));
    return undefined;
  }
  if (type.enum && from.enum !== type.enum) {
    const known = value.expression.op === "constant" ? value.expression.value : undefined;
    if (known === undefined || from.enum || !belongsTo(type.enum, known)) {
      cx.report(notConstantOf(type.enum, describe(value), span));
      return undefined;
    }
    return ir.constant(type, known, span);
  }
  if (widens(from, type)) return ir.convert(value.expression, type);
  if (value.expression.op === "constant" && from.enum && !type.bigEndian && type.bits < 64) {
    const number = value.expression.value;
    if (number >= ir.minimum(type) && number <= ir.maximum(type)) return ir.constant(type, number, span);
  }
  const named = [ir.typeName(from), ir.typeName(type), cx.module.textOf(span)] as const;
  if ((from.bigEndian ?? false) !== (type.bigEndian ?? false)) {
    cx.report(from.bigEndian ? N.networkOrder(span, ...named) : N.hostOrder(span, ...named));
  } else if (from.bigEndian) {
    cx.report(N.networkWidths(span, ...named));
  } else if ((from.bits === 64) !== (type.bits === 64)) {
    cx.report(N.differentWidth(span, ...named));
  } else if (from.signed !== type.signed && from.bits >= type.bits) {
    cx.report(N.differentSign(span, ...named));
  } else {
    cx.report(N.narrowing(span, ...named));
  }
  return undefined;
}

/** `value` as it is copied into something of `type`. */
export function toValue(
  cx: FunctionContext,
  value: Value,
  type: IrType,
  span: Span,
): IrExpression | undefined {
  if (type.kind === "int" || type.kind === "bool") return toScalar(cx, value, type, span);
  switch (value.kind) {
    case "error":
      return undefined;
    case "aggregate":
      if (ir.sameType(value.type, type)) return value.expression;
      break;
    case "place":
      if (ir.sameType(value.place.type, type)) {
        useOwners(cx, value.provenance.owners, span);
        return ir.load(value.place, span);
      }
      break;
    case "reference":
      if (value.type.nullable && ir.sameType(value.type.target, type)) {
        cx.report(possiblyUndefined(span, describe(value)));
        return undefined;
      }
      break;
    default:
      break;
  }
  cx.report(mismatch(value, type, span));
  return undefined;
}

function mismatch(value: Value, type: IrType, span: Span) {
  const from =
    value.kind === "place" ? value.place.type : value.kind === "aggregate" ? value.type : undefined;
  if (from?.kind === "struct" && type.kind === "struct") return D.otherStruct(span, from, type);
  return D.mismatch(span, describe(value), ir.typeName(type));
}

/** A struct or array as a place: one that has no memory yet gets a local of its own. */
export function toPlace(
  cx: FunctionContext,
  value: Value,
  type: IrType | undefined,
  span: Span,
): PlaceValue | undefined {
  switch (value.kind) {
    case "error":
      return undefined;
    case "aggregate": {
      if (type && !ir.sameType(value.type, type)) break;
      const local = cx.declare("value", value.type, value.expression, span);
      return {
        kind: "place",
        place: ir.localPlace(local, span),
        readonly: false,
        provenance: { memory: "stack", region: cx.depth, owners: [] },
      };
    }
    case "place":
      if (type && !ir.sameType(value.place.type, type)) break;
      return value;
    case "reference":
    case "optional":
    case "undefined":
      if (value.kind === "reference" && value.boxed) break;
      cx.report(possiblyUndefined(span, describe(value)));
      return undefined;
    default:
      break;
  }
  cx.report(type ? mismatch(value, type, span) : D.notAStruct(span, describe(value)));
  return undefined;
}
