import type { Span } from "../diagnostics/diagnostic.ts";
import type { ts } from "../frontend/typescript.ts";
import type { IrExpression, IrPlace } from "../ir/expressions.ts";
import type { IrLocal, IrMap } from "../ir/module.ts";
import type {
  ArrayType,
  BoolType,
  EnumType,
  IntType,
  IrType,
  Memory,
  RefType,
  StructType,
} from "../ir/types.ts";
import type { Interval } from "./interval.ts";

/** Something that may be taken away while names for it remain: a packet's memory, a reservation. */
export interface Resource {
  readonly kind: "packet" | "reservation";
  /** As the source calls it, where it has a name. */
  readonly name: string | undefined;
  readonly span: Span;
}

/** Where the memory behind a reference is, and for how long. */
export interface Provenance {
  readonly memory: Memory;
  /** Depth of the block that owns the storage; 0 outlives the function. */
  readonly region: number;
  /** What must still be held for the memory to be valid. */
  readonly owners: readonly Resource[];
}

export const everlasting = { memory: "map", region: 0, owners: [] } as const satisfies Provenance;

/** A program's error was reported (or will be by the front end): whatever depends on it stays silent. */
export interface ErrorValue {
  readonly kind: "error";
}

/** An integer constant without a width: it adopts the one of whatever it meets. */
export interface LiteralValue {
  readonly kind: "literal";
  readonly value: bigint;
  readonly syntax: "number" | "bigint";
  /** Made with `~`: may be cut to the width it adopts. */
  readonly wraps: boolean;
}

export interface ScalarValue {
  readonly kind: "scalar";
  readonly type: IntType | BoolType;
  /** Only reads: it may be evaluated later, as long as nothing is written in between. */
  readonly expression: IrExpression;
  /** Absent for booleans. */
  readonly range?: Interval;
}

/** A struct or array in memory, or a scalar that has not been read yet. */
export interface PlaceValue {
  readonly kind: "place";
  readonly place: IrPlace;
  readonly readonly: boolean;
  readonly provenance: Provenance;
}

/** A struct or array that has no memory yet. */
export interface AggregateValue {
  readonly kind: "aggregate";
  readonly type: StructType | ArrayType;
  readonly expression: IrExpression;
}

/** A reference that may be null, or a `Ref<T>` to a scalar. */
export interface ReferenceValue {
  readonly kind: "reference";
  readonly type: RefType;
  readonly expression: IrExpression;
  /** A `Ref<T>`: the scalar is reached by `.value`. */
  readonly boxed: boolean;
  readonly provenance: Provenance;
}

/** A scalar that may be undefined. */
export interface OptionalValue {
  readonly kind: "optional";
  readonly type: IntType | BoolType;
  readonly present: IrExpression;
  /** Any value where it is not present. */
  readonly value: IrExpression;
  /** An element in memory with an index that was not proven: what it is, for messages. */
  readonly unproven?: "element" | undefined;
}

export interface ContextValue {
  readonly kind: "context";
  readonly expression: IrExpression;
  /** A key of the table of contexts. */
  readonly name: string;
}

export interface ReservationValue {
  readonly kind: "reservation";
  readonly map: IrMap;
  readonly record: IrType;
  /** Absent until `using` holds it. */
  readonly held?: { readonly local: IrLocal; readonly resource: Resource };
}

export interface MapValue {
  readonly kind: "map";
  readonly map: IrMap;
  /** The class of the standard library it was made from. */
  readonly className: string;
}

/** A function of the program's own. */
export interface FunctionValue {
  readonly kind: "function";
  readonly symbol: ts.Symbol;
}

/** Something the standard library declares, by its qualified name: `htons`, `atomics.add`. */
export interface BuiltinValue {
  readonly kind: "builtin";
  readonly name: string;
}

/** A method of a receiver that was evaluated already. */
export interface MethodValue {
  readonly kind: "method";
  readonly receiver: Value;
  readonly name: string;
}

export interface EnumValue {
  readonly kind: "enum";
  readonly type: IntType;
  readonly enum: EnumType;
}

export interface NamespaceValue {
  readonly kind: "namespace";
  readonly symbol: ts.Symbol;
}

export interface TextValue {
  readonly kind: "text";
  readonly text: string;
}

export interface UndefinedValue {
  readonly kind: "undefined";
}

/** What a call without a result gives. */
export interface NothingValue {
  readonly kind: "nothing";
}

export interface ProgramValue {
  readonly kind: "program";
  readonly name: string;
}

export type Value =
  | ErrorValue
  | LiteralValue
  | ScalarValue
  | PlaceValue
  | AggregateValue
  | ReferenceValue
  | OptionalValue
  | ContextValue
  | ReservationValue
  | MapValue
  | FunctionValue
  | BuiltinValue
  | MethodValue
  | EnumValue
  | NamespaceValue
  | TextValue
  | UndefinedValue
  | NothingValue
  | ProgramValue;

export const failed: ErrorValue = { kind: "error" };

/** A type as the source declares it: what a value, a variable or a parameter may hold. */
export type SourceType =
  | {
      readonly kind: "value";
      readonly type: IntType | BoolType | StructType | ArrayType;
      readonly readonly: boolean;
    }
  | {
      readonly kind: "optional";
      readonly type: IntType | BoolType | StructType | ArrayType;
      readonly readonly: boolean;
    }
  | { readonly kind: "box"; readonly type: IntType | BoolType; readonly nullable: boolean }
  | { readonly kind: "context"; readonly name: string }
  | { readonly kind: "map"; readonly className: string }
  | { readonly kind: "reservation"; readonly record: IrType }
  | { readonly kind: "void" };
