import type { Span } from "../diagnostics/diagnostic.ts";
import type { IrFunction, IrGlobal, IrLocal, IrMap } from "./module.ts";
import type { ArrayType, BoolType, IntType, IrType, RefType, StructField, StructType } from "./types.ts";

interface Node<T extends IrType = IrType> {
  readonly type: T;
  readonly span: Span;
}

/** `value` is in the range of `type` (for a bool 0n or 1n; for a nullable ref 0n is null). */
export interface Constant extends Node<IntType | BoolType | RefType> {
  readonly op: "constant";
  readonly value: bigint;
}

/** Reads a place. A struct or array is copied. */
export interface Load extends Node {
  readonly op: "load";
  readonly place: IrPlace;
}

/** A reference to a place; never null. */
export interface AddressOf extends Node<RefType> {
  readonly op: "address";
  readonly place: IrPlace;
}

export type BinaryOperator = "add" | "sub" | "mul" | "div" | "mod" | "and" | "or" | "xor" | "shl" | "shr";

/**
 * Both operands have exactly `type`, except that the count of a shift is any unsigned int. Results wrap. `div` truncates, a zero divisor
 * gives 0 and `mod` the dividend, minimum / -1 is minimum. Shift counts are taken modulo the width; `shr` keeps the sign of a
 * signed type (`>>>` is lowered as a conversion to unsigned, `shr`, and back).
 */
export interface Binary extends Node<IntType> {
  readonly op: "binary";
  readonly operator: BinaryOperator;
  readonly left: IrExpression;
  readonly right: IrExpression;
}

export interface Unary extends Node<IntType> {
  readonly op: "unary";
  /** `complement` flips every bit. */
  readonly operator: "negate" | "complement";
  readonly operand: IrExpression;
}

/** Operands have the same type: int, bool, or (with `eq`/`ne`) a ref against a null constant. */
export interface Compare extends Node<BoolType> {
  readonly op: "compare";
  readonly operator: "eq" | "ne" | "lt" | "le" | "gt" | "ge";
  readonly left: IrExpression;
  readonly right: IrExpression;
}

/** Short-circuits. */
export interface Logical extends Node<BoolType> {
  readonly op: "logical";
  readonly operator: "and" | "or";
  readonly left: IrExpression;
  readonly right: IrExpression;
}

export interface Not extends Node<BoolType> {
  readonly op: "not";
  readonly operand: IrExpression;
}

/** Evaluates one of two. */
export interface Select extends Node {
  readonly op: "select";
  readonly condition: IrExpression;
  readonly whenTrue: IrExpression;
  readonly whenFalse: IrExpression;
}

/** Int to int (truncate, or extend by the sign of the operand's type), bool to int; or a ref losing `nullable` or gaining `readonly`. */
export interface Convert extends Node {
  readonly op: "convert";
  readonly operand: IrExpression;
}

/** Between host and network order, either way; the types differ only in `bigEndian`. */
export interface ByteSwap extends Node<IntType> {
  readonly op: "byteSwap";
  readonly operand: IrExpression;
}

/** A whole struct value; fields that are not given are zero, padding is zero. */
export interface StructValue extends Node<StructType> {
  readonly op: "struct";
  readonly fields: readonly { readonly field: StructField; readonly value: IrExpression }[];
  /** Copied first, where the source spreads (`{ ...base, port }`). */
  readonly base?: IrExpression;
}

/** A whole array value; elements that are not given are zero. */
export interface ArrayValue extends Node<ArrayType> {
  readonly op: "array";
  readonly elements: readonly IrExpression[];
}

export interface Call extends Node {
  readonly op: "call";
  readonly function: IrFunction;
  readonly arguments: readonly IrExpression[];
}

/** A field of the context, by the kernel's name; with `index` one element of an array field (a constant: the verifier takes no other). */
export interface ContextLoad extends Node<IntType | RefType> {
  readonly op: "contextLoad";
  readonly context: IrExpression;
  readonly field: string;
  readonly index?: number;
}

/** Names a map as the argument of a kernel helper. */
export interface MapReference extends Node {
  readonly op: "mapReference";
  readonly map: IrMap;
}

/**
 * A kernel helper by its name without `bpf_` (`ktime_get_ns`), arguments in the kernel's order. An argument is a scalar, the context, a map, a ref,
 * or a *value* of struct/array/int type marked by `pass: "pointer"`, which the emitter puts into a temporary and passes by address.
 */
export interface HelperCall extends Node {
  readonly op: "helper";
  readonly helper: string;
  readonly arguments: readonly HelperArgument[];
}

export interface HelperArgument {
  readonly pass: "value" | "pointer";
  readonly value: IrExpression;
}

/** The value in the map, or null. The key is a value; the emitter makes its address. */
export interface MapLookup extends Node<RefType> {
  readonly op: "mapLookup";
  readonly map: IrMap;
  /** A CPU's value of a per-CPU map is the running CPU's. */
  readonly key: IrExpression;
}

/** 0 or a negative errno, as i32. `flags` is a u64. */
export interface MapUpdate extends Node<IntType> {
  readonly op: "mapUpdate";
  readonly map: IrMap;
  readonly key: IrExpression;
  readonly value: IrExpression;
  readonly flags: IrExpression;
}

/** 0 or a negative errno, as i32. */
export interface MapDelete extends Node<IntType> {
  readonly op: "mapDelete";
  readonly map: IrMap;
  readonly key: IrExpression;
}

/** A bounds-checked reference into the packet (or the message) at a byte offset, or null where it does not fit. */
export interface PacketAccess extends Node<RefType> {
  readonly op: "packet";
  readonly context: IrExpression;
  /** A u32; any value is safe. */
  readonly offset: IrExpression;
}

/** An element by an index that may be out of range: null then. */
export interface ElementOrNull extends Node<RefType> {
  readonly op: "elementOrNull";
  readonly base: IrPlace;
  readonly index: IrExpression;
}

export interface Atomic extends Node<IntType> {
  readonly op: "atomic";
  readonly operator: "add" | "and" | "or" | "xor" | "exchange" | "compareExchange";
  readonly place: IrPlace;
  readonly operand: IrExpression;
  readonly expected?: IrExpression;
  /** The old value is the result; where it is not used a cheaper instruction serves, and older kernels have it. */
  readonly resultUsed: boolean;
}

/** A call of `console.*`: the record's layout is in the site. */
export interface LogSite {
  readonly id: number;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly span: Span;
  /** Text between the arguments: always one more than there are arguments. */
  readonly parts: readonly string[];
  readonly arguments: readonly IrType[];
}

export type IrExpression =
  | Constant
  | Load
  | AddressOf
  | Binary
  | Unary
  | Compare
  | Logical
  | Not
  | Select
  | Convert
  | ByteSwap
  | StructValue
  | ArrayValue
  | Call
  | ContextLoad
  | MapReference
  | HelperCall
  | MapLookup
  | MapUpdate
  | MapDelete
  | PacketAccess
  | ElementOrNull
  | Atomic;

export interface LocalPlace extends Node {
  readonly place: "local";
  readonly local: IrLocal;
}

export interface GlobalPlace extends Node {
  readonly place: "global";
  readonly global: IrGlobal;
}

/** What a non-null reference points to. */
export interface DerefPlace extends Node {
  readonly place: "deref";
  readonly reference: IrExpression;
}

export interface FieldPlace extends Node {
  readonly place: "field";
  readonly base: IrPlace;
  readonly field: StructField;
}

/** The index is a u32 and proven to be below `array.length`; the emitter may have to prove it to the verifier again. */
export interface ElementPlace extends Node {
  readonly place: "element";
  readonly base: IrPlace;
  readonly array: ArrayType;
  readonly index: IrExpression;
}

export type IrPlace = LocalPlace | GlobalPlace | DerefPlace | FieldPlace | ElementPlace;
