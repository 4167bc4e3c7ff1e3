// Constructors of IR nodes, and the questions about types that every pass asks. They keep the invariants stated at the node types.
import type { Span } from "../diagnostics/diagnostic.ts";
import type {
  AddressOf,
  Compare,
  Constant,
  Convert,
  IrExpression,
  IrPlace,
  Load,
  Not,
  Select,
} from "./expressions.ts";
import type { IrLocal } from "./module.ts";
import type {
  ArrayType,
  BoolType,
  IntType,
  IrType,
  Memory,
  RefType,
  StructField,
  VoidType,
} from "./types.ts";

export const u8: IntType = { kind: "int", bits: 8, signed: false };
export const u16: IntType = { kind: "int", bits: 16, signed: false };
export const u32: IntType = { kind: "int", bits: 32, signed: false };
export const u64: IntType = { kind: "int", bits: 64, signed: false };
export const i8: IntType = { kind: "int", bits: 8, signed: true };
export const i16: IntType = { kind: "int", bits: 16, signed: true };
export const i32: IntType = { kind: "int", bits: 32, signed: true };
export const i64: IntType = { kind: "int", bits: 64, signed: true };
export const be16: IntType = { kind: "int", bits: 16, signed: false, bigEndian: true };
export const be32: IntType = { kind: "int", bits: 32, signed: false, bigEndian: true };
export const be64: IntType = { kind: "int", bits: 64, signed: false, bigEndian: true };
export const bool: BoolType = { kind: "bool" };
export const nothing: VoidType = { kind: "void" };

export function arrayOf(element: IrType, length: number): ArrayType {
  return { kind: "array", element, length };
}

export function refTo(
  target: IrType,
  memory: Memory,
  flags: { nullable?: boolean; readonly?: boolean } = {},
): RefType {
  return {
    kind: "ref",
    target,
    memory,
    nullable: flags.nullable ?? false,
    readonly: flags.readonly ?? false,
  };
}

/** Same meaning and layout; structs by identity. `memory` of references is not compared. */
export function sameType(a: IrType, b: IrType): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case "int":
      return (
        b.kind === "int" &&
        a.bits === b.bits &&
        a.signed === b.signed &&
        (a.bigEndian ?? false) === (b.bigEndian ?? false) &&
        a.enum === b.enum
      );
    case "bool":
    case "void":
      return b.kind === a.kind;
    case "array":
      return b.kind === "array" && a.length === b.length && sameType(a.element, b.element);
    case "ref":
      return b.kind === "ref" && a.nullable === b.nullable && sameType(a.target, b.target);
    case "context":
      return b.kind === "context" && a.name === b.name;
    case "struct":
      return false;
  }
}

/** The source's name of a type. */
export function typeName(type: IrType): string {
  switch (type.kind) {
    case "int":
      if (type.enum) return type.enum.name;
      return `${type.bigEndian ? "be" : type.signed ? "i" : "u"}${type.bits}`;
    case "bool":
      return "boolean";
    case "void":
      return "void";
    case "struct":
      return type.name;
    case "array":
      return `FixedArray<${typeName(type.element)}, ${type.length}>`;
    case "ref":
      return type.nullable ? `${typeName(type.target)} | undefined` : typeName(type.target);
    case "context":
      return type.name;
  }
}

export function sizeOf(type: IrType): number {
  switch (type.kind) {
    case "int":
      return type.bits / 8;
    case "bool":
      return 1;
    case "struct":
      return type.size;
    case "array":
      return type.length * sizeOf(type.element);
    case "ref":
    case "context":
      return 8;
    case "void":
      return 0;
  }
}

export function alignOf(type: IrType): number {
  switch (type.kind) {
    case "struct":
      return type.align;
    case "array":
      return alignOf(type.element);
    case "void":
      return 1;
    default:
      return sizeOf(type);
  }
}

export function minimum(type: IntType): bigint {
  return type.signed ? -(1n << BigInt(type.bits - 1)) : 0n;
}

export function maximum(type: IntType): bigint {
  return (1n << BigInt(type.signed ? type.bits - 1 : type.bits)) - 1n;
}

/** `value` modulo the width of `type`. */
export function wrap(type: IntType, value: bigint): bigint {
  return type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
}

export function constant(type: IntType | BoolType | RefType, value: bigint, span: Span): Constant {
  return { op: "constant", type, value, span };
}

export function truth(value: boolean, span: Span): Constant {
  return constant(bool, value ? 1n : 0n, span);
}

export function nullOf(type: RefType, span: Span): Constant {
  return constant({ ...type, nullable: true }, 0n, span);
}

export function load(place: IrPlace, span: Span): Load {
  return { op: "load", type: place.type, place, span };
}

export function localPlace(local: IrLocal, span: Span): IrPlace {
  return { place: "local", type: local.type, local, span };
}

export function loadLocal(local: IrLocal, span: Span): Load {
  return load(localPlace(local, span), span);
}

export function fieldPlace(base: IrPlace, field: StructField, span: Span): IrPlace {
  return { place: "field", type: field.type, base, field, span };
}

/** `reference` may have a nullable type only where the caller knows that it is not null: the type is narrowed here. */
export function derefPlace(reference: IrExpression, span: Span): IrPlace {
  const type = reference.type as RefType;
  return { place: "deref", type: type.target, reference: nonNull(reference), span };
}

export function address(
  place: IrPlace,
  memory: Memory,
  readonly: boolean,
  span: Span,
): AddressOf | IrExpression {
  if (place.place === "deref") return place.reference;
  return { op: "address", type: refTo(place.type, memory, { readonly }), place, span };
}

export function nonNull(reference: IrExpression): IrExpression {
  const type = reference.type as RefType;
  return type.nullable ? convert(reference, { ...type, nullable: false }) : reference;
}

export function convert(operand: IrExpression, type: IrType): Convert | IrExpression {
  if (sameType(operand.type, type)) return operand;
  return { op: "convert", type, operand, span: operand.span };
}

export function compare(
  operator: Compare["operator"],
  left: IrExpression,
  right: IrExpression,
  span: Span,
): Compare {
  return { op: "compare", type: bool, operator, left, right, span };
}

export function isNull(reference: IrExpression, span: Span): Compare {
  return compare("eq", reference, nullOf(reference.type as RefType, span), span);
}

export function isPresent(reference: IrExpression, span: Span): Compare {
  return compare("ne", reference, nullOf(reference.type as RefType, span), span);
}

const opposite = { eq: "ne", ne: "eq", lt: "ge", ge: "lt", le: "gt", gt: "le" } as const;

/** The logical opposite, without a `not` where the operand can be turned around. */
export function not(operand: IrExpression): Not | IrExpression {
  if (operand.op === "not") return operand.operand;
  if (operand.op === "constant") return truth(operand.value === 0n, operand.span);
  if (operand.op === "compare") return { ...operand, operator: opposite[operand.operator] };
  return { op: "not", type: bool, operand, span: operand.span };
}

export function logical(
  operator: "and" | "or",
  left: IrExpression,
  right: IrExpression,
  span: Span,
): IrExpression {
  if (left.op === "constant") {
    const decides = (left.value === 0n) === (operator === "and");
    return decides ? left : right;
  }
  return { op: "logical", type: bool, operator, left, right, span };
}

export function select(
  condition: IrExpression,
  whenTrue: IrExpression,
  whenFalse: IrExpression,
  span: Span,
): Select | IrExpression {
  if (condition.op === "constant") return condition.value === 0n ? whenFalse : whenTrue;
  return { op: "select", type: whenTrue.type, condition, whenTrue, whenFalse, span };
}
