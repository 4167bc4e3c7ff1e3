import { maximum, minimum } from "../ir/build.ts";
import type { BinaryOperator } from "../ir/expressions.ts";
import type { IntType } from "../ir/types.ts";

/** Every value an integer may have, both ends included. */
export interface Interval {
  readonly min: bigint;
  readonly max: bigint;
}

export function whole(type: IntType): Interval {
  return { min: minimum(type), max: maximum(type) };
}

export function exactly(value: bigint): Interval {
  return { min: value, max: value };
}

export function join(a: Interval, b: Interval): Interval {
  return { min: a.min < b.min ? a.min : b.min, max: a.max > b.max ? a.max : b.max };
}

/** Absent where nothing is left: the code is not reached. */
export function intersect(a: Interval, b: Interval): Interval | undefined {
  const min = a.min > b.min ? a.min : b.min;
  const max = a.max < b.max ? a.max : b.max;
  return min <= max ? { min, max } : undefined;
}

function inside(type: IntType, value: Interval): Interval {
  return value.min >= minimum(type) && value.max <= maximum(type) ? value : whole(type);
}

/** What an operation on two intervals may give; the whole type where it may wrap. */
export function operate(operator: BinaryOperator, type: IntType, a: Interval, b: Interval): Interval {
  const natural = a.min >= 0n && b.min >= 0n;
  switch (operator) {
    case "add":
      return inside(type, { min: a.min + b.min, max: a.max + b.max });
    case "sub":
      return inside(type, { min: a.min - b.max, max: a.max - b.min });
    case "mul":
      return natural ? inside(type, { min: a.min * b.min, max: a.max * b.max }) : whole(type);
    case "div":
      // A zero divisor gives 0.
      if (!natural) return whole(type);
      return b.min > 0n ? { min: a.min / b.max, max: a.max / b.min } : { min: 0n, max: a.max };
    case "mod":
      // A zero divisor gives the dividend.
      if (!natural) return whole(type);
      if (b.min === 0n) return { min: 0n, max: a.max };
      return { min: 0n, max: a.max < b.max - 1n ? a.max : b.max - 1n };
    case "and":
      if (a.min >= 0n && b.min >= 0n) return { min: 0n, max: a.max < b.max ? a.max : b.max };
      if (b.min >= 0n) return { min: 0n, max: b.max };
      if (a.min >= 0n) return { min: 0n, max: a.max };
      return whole(type);
    case "or":
    case "xor":
      return natural ? inside(type, { min: 0n, max: allOnes(a.max > b.max ? a.max : b.max) }) : whole(type);
    case "shl":
      if (!natural || b.max >= BigInt(type.bits)) return whole(type);
      return inside(type, { min: a.min << b.min, max: a.max << b.max });
    case "shr":
      if (!natural || b.max >= BigInt(type.bits)) return whole(type);
      return { min: a.min >> b.max, max: a.max >> b.min };
  }
}

function allOnes(value: bigint): bigint {
  let bits = 0n;
  for (let rest = value; rest > 0n; rest >>= 1n) bits++;
  return (1n << bits) - 1n;
}
