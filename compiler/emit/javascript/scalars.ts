import type { BoolType, IntType, IrType } from "../../ir/types.ts";

/** How a scalar is named at accesses of memory. One in network order is what its bytes are, read as the machine reads them. */
export function accessName(type: IrType): string {
  if (type.kind === "bool") return "bool";
  if (type.kind === "int") return `${type.signed ? "i" : "u"}${type.bits}`;
  throw new Error(`a ${type.kind} is no scalar in memory`);
}

/** `putU32` */
export function storeName(type: IrType): string {
  const name = accessName(type);
  return `put${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

export function isScalar(type: IrType): type is IntType | BoolType {
  return type.kind === "int" || type.kind === "bool";
}

export function isAggregate(type: IrType): boolean {
  return type.kind === "struct" || type.kind === "array";
}

/** 64-bit integers are `bigint`s, narrower ones are `number`s; both always in the range of their type. */
export function isBigint(type: IrType): boolean {
  return type.kind === "int" && type.bits === 64;
}
