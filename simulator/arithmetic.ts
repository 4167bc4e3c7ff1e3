// What operators of JavaScript do not do as the language defines it: dividing by zero and the order of bytes.

/** `a % b` of integers to 32 bits; `a` where `b` is 0. */
export function remainder(a: number, b: number): number {
  // Adding 0 makes -0 a plain zero.
  return b === 0 ? a : (a % b) + 0;
}

export function remainder64(a: bigint, b: bigint): bigint {
  return b === 0n ? a : a % b;
}

/** `a / b` toward zero; 0 where `b` is 0. */
export function quotient64(a: bigint, b: bigint): bigint {
  return b === 0n ? 0n : a / b;
}

export function swap16(value: number): number {
  return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
}

export function swap32(value: number): number {
  return ((swap16(value & 0xffff) << 16) | swap16(value >>> 16)) >>> 0;
}

export function swap64(value: bigint): bigint {
  const low = Number(value & 0xffffffffn);
  const high = Number((value >> 32n) & 0xffffffffn);
  return (BigInt(swap32(low)) << 32n) | BigInt(swap32(high));
}
