// The DSL's scalar types. A module without `declare global` or references to a library: it checks under `noLib` in kernel files and under the
// ordinary libraries where user-space code imports a kernel module's types.

export declare const flavour: unique symbol;

/** An optional tag: plain numbers and literals are accepted, other flavours are not. `| undefined` keeps tsc's message to the point. */
interface Flavour<Tag extends string> {
  readonly [flavour]?: Tag | undefined;
}

/** A required tag: only a conversion makes one. */
interface Brand<Tag extends string> {
  readonly [flavour]: Tag;
}

// A type carries the tags of all that widen into it without loss, so widening is free and narrowing an error.

/** An unsigned 8-bit integer, 0 to 255. */
export type u8 = number & Flavour<"u8">;
/** An unsigned 16-bit integer, 0 to 65,535. */
export type u16 = number & Flavour<"u8" | "u16">;
/** An unsigned 32-bit integer. */
export type u32 = number & Flavour<"u8" | "u16" | "u32">;
/** A signed 8-bit integer, -128 to 127. */
export type i8 = number & Flavour<"i8">;
/** A signed 16-bit integer. */
export type i16 = number & Flavour<"i8" | "i16" | "u8">;
/** A signed 32-bit integer. */
export type i32 = number & Flavour<"i8" | "i16" | "i32" | "u8" | "u16">;
/** An unsigned 64-bit integer: a `bigint`, literals are written `1n`. */
export type u64 = bigint & Flavour<"u64">;
/** A signed 64-bit integer: a `bigint`, literals are written `1n`. */
export type i64 = bigint & Flavour<"i64">;

/** Converts to `u8`: keeps the low 8 bits. */
export declare function u8(value: number | bigint | boolean): u8;
/** Converts to `u16`: keeps the low 16 bits. */
export declare function u16(value: number | bigint | boolean): u16;
/** Converts to `u32`: keeps the low 32 bits. */
export declare function u32(value: number | bigint | boolean): u32;
/** Converts to `i8`: keeps the low 8 bits, the highest is the sign. */
export declare function i8(value: number | bigint | boolean): i8;
/** Converts to `i16`: keeps the low 16 bits, the highest is the sign. */
export declare function i16(value: number | bigint | boolean): i16;
/** Converts to `i32`: keeps the low 32 bits, the highest is the sign. */
export declare function i32(value: number | bigint | boolean): i32;
/** Converts to `u64`: extends by the sign of the operand's type. */
export declare function u64(value: number | bigint | boolean): u64;
/** Converts to `i64`: extends by the sign of the operand's type. */
export declare function i64(value: number | bigint | boolean): i64;

/** 16 bits in network byte order (a port, an EtherType). Only `& | ^ ~ === !==` apply; see `htons` and `ntohs`. */
export type be16 = number & Brand<"be16">;
/** 32 bits in network byte order (an IPv4 address, a sequence number). Only `& | ^ ~ === !==` apply; see `htonl` and `ntohl`. */
export type be32 = number & Brand<"be32">;
/** 64 bits in network byte order. Only `& | ^ ~ === !==` apply; see `htonll` and `ntohll`. */
export type be64 = bigint & Brand<"be64">;

/** What fits one register. */
export type Scalar = number | bigint | boolean;

/** A pointer to a scalar: reading and assigning `value` reads and writes the place it points to. */
export interface Ref<T> {
  value: T;
}

/** A local of type `T` whose every byte is zero. */
export declare function zero<T>(): T;

/** A local struct of type `T`. Fields that are not given are zero. */
export declare function struct<T>(fields: Partial<T>): T;

/**
 * Read-only data that user space may set before the object is loaded; the verifier then prunes branches it decides.
 * Allowed only as the initial value of an exported module constant.
 */
export declare function constant<T>(initial: T): T extends Scalar ? T : Readonly<T>;
