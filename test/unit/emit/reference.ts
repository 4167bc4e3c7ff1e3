import * as ir from "../../../compiler/ir/build.ts";
import type { BinaryOperator, Compare } from "../../../compiler/ir/expressions.ts";
import type { IntType } from "../../../compiler/ir/types.ts";

// What integers mean, once more and in the plainest way: by unbounded integers, cut to the width.

export function binaryResult(operator: BinaryOperator, type: IntType, left: bigint, right: bigint): bigint {
  const count = right & BigInt(type.bits - 1);
  const results: Record<BinaryOperator, () => bigint> = {
    add: () => left + right,
    sub: () => left - right,
    mul: () => left * right,
    div: () => (right === 0n ? 0n : left / right),
    mod: () => (right === 0n ? left : left % right),
    and: () => left & right,
    or: () => left | right,
    xor: () => left ^ right,
    shl: () => left << count,
    shr: () => left >> count,
  };
  return ir.wrap(type, results[operator]());
}

export function compareResult(operator: Compare["operator"], left: bigint, right: bigint): boolean {
  switch (operator) {
    case "eq":
      return left === right;
    case "ne":
      return left !== right;
    case "lt":
      return left < right;
    case "le":
      return left <= right;
    case "gt":
      return left > right;
    case "ge":
      return left >= right;
  }
}

/** Values where arithmetic goes wrong first. */
export function edges(type: IntType): readonly bigint[] {
  const low = ir.minimum(type);
  const high = ir.maximum(type);
  const candidates = [0n, 1n, 2n, 3n, 7n, 8n, 10n, 31n, 32n, 63n, 64n, 127n, 128n, 255n, 256n, -1n, -2n, -7n];
  const near = [low, low + 1n, low + 2n, high, high - 1n, high / 2n, high / 2n + 1n, low / 2n];
  return [...new Set([...candidates, ...near])].filter((value) => value >= low && value <= high);
}
