// Types of the intermediate representation. They say layout and meaning; nothing in them is C's or JavaScript's.

export interface IntType {
  readonly kind: "int";
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
  /** Network byte order: only bitwise operators and equality apply. */
  readonly bigEndian?: boolean;
  /** The enum whose constants the value is drawn from, where the program declares one. */
  readonly enum?: EnumType;
}

export interface EnumType {
  readonly name: string;
  readonly members: readonly { readonly name: string; readonly value: bigint }[];
}

export interface BoolType {
  readonly kind: "bool";
}

export interface VoidType {
  readonly kind: "void";
}

export interface StructField {
  readonly name: string;
  readonly type: IrType;
  /** Bytes from the start of the struct. */
  readonly offset: number;
}

/** Identity is by object: two structs are the same type only if they are the same declaration. */
export interface StructType {
  readonly kind: "struct";
  readonly name: string;
  /** In order of offset; padding is not listed, it is every byte no field covers, and always zero. */
  readonly fields: readonly StructField[];
  readonly size: number;
  readonly align: number;
}

export interface ArrayType {
  readonly kind: "array";
  readonly element: IrType;
  readonly length: number;
}

/** Where a reference points: it decides which accesses the verifier allows and what invalidates it. */
export type Memory = "stack" | "map" | "packet" | "ringbuf" | "global" | "kernel";

export interface RefType {
  readonly kind: "ref";
  readonly target: IrType;
  readonly nullable: boolean;
  readonly readonly: boolean;
  readonly memory: Memory;
}

/** The program's context argument. `name` is a key of `compiler/kernel/contexts.ts`. */
export interface ContextType {
  readonly kind: "context";
  readonly name: string;
}

export type IrType = IntType | BoolType | VoidType | StructType | ArrayType | RefType | ContextType;
