export type Integer = "u8" | "u16" | "u32" | "i8" | "i16" | "i32" | "u64" | "i64";
export type Scalar = Integer | "boolean" | "be16" | "be32";

export const integers: readonly Integer[] = ["u32", "u8", "u16", "i8", "i16", "i32", "u64", "i64"];

/** What arithmetic on operands of a type gives. */
export type Class = "u32" | "i32" | "u64" | "i64";

export function bitsOf(type: Integer): number {
  return Number(type.slice(1));
}

export function isSigned(type: Integer): boolean {
  return type.startsWith("i");
}

export function isWide(type: Integer): boolean {
  return type.endsWith("64");
}

/** The types that mix freely in arithmetic of a class. */
export const operands: Readonly<Record<Class, readonly Integer[]>> = {
  u32: ["u32", "u8", "u16"],
  i32: ["i32", "i8", "i16"],
  u64: ["u64"],
  i64: ["i64"],
};

export function convert(type: Integer, text: string): string {
  return `to${type.slice(0, 1).toUpperCase()}${type.slice(1)}(${text})`;
}

/** Numbers where arithmetic goes wrong first. */
export function edges(type: Integer): readonly bigint[] {
  const bits = BigInt(bitsOf(type));
  const low = isSigned(type) ? -(1n << (bits - 1n)) : 0n;
  const high = (1n << (isSigned(type) ? bits - 1n : bits)) - 1n;
  const near = [0n, 1n, 2n, 3n, 7n, 10n, 31n, 32n, 33n, 63n, 64n, 127n, 128n, 255n, 256n, -1n, -2n, -7n];
  return [...new Set([...near, low, low + 1n, high, high - 1n, high / 2n])].filter(
    (n) => n >= low && n <= high,
  );
}

export function literal(type: Integer, value: bigint): string {
  return isWide(type) ? `${value}n` : `${value}`;
}
