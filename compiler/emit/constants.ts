import { minimum } from "../ir/build.ts";
import type { BoolType, IntType, RefType } from "../ir/types.ts";
import type { CExpression } from "./c/ast.ts";
import { binary, identifier, number } from "./c/build.ts";
import type { TypeEmitter } from "./types.ts";

const intMaximum = 0x7fff_ffffn;

/**
 * A constant. Without `exact` small numbers carry no suffix, for readers: C then takes them for `int`, which is converted by the other
 * operand. Where no other operand decides, `exact` asks for the type itself.
 */
export function constantOf(
  types: TypeEmitter,
  type: IntType | BoolType | RefType,
  value: bigint,
  exact = false,
): CExpression {
  if (type.kind !== "int") return number(value);
  const enumerator = types.enumerator(type, value);
  if (enumerator !== undefined) return identifier(enumerator);
  if (type.bits >= 32 && value === minimum(type) && type.signed) {
    // The positive number would be of a wider type.
    return binary("-", number(value + 1n, type.bits === 64 ? "ll" : ""), number(1));
  }
  if (!exact && value <= intMaximum && value >= -intMaximum) return number(value);
  if (type.bits === 64) return number(value, type.signed ? "ll" : "ull");
  return number(value, type.signed ? "" : type.bits === 32 ? "u" : "");
}
