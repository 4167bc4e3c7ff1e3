import type { Span } from "../diagnostics/diagnostic.ts";
import type { IrExpression, IrPlace, LogSite } from "./expressions.ts";
import type { IrLocal, IrMap } from "./module.ts";

interface Node {
  readonly span: Span;
}

/** Declares a local; without an initial value it is zero. */
export interface Let extends Node {
  readonly op: "let";
  readonly local: IrLocal;
  readonly initial?: IrExpression;
}

/** Evaluates the place's base, then the value, then stores. Structs and arrays are copied. */
export interface Assign extends Node {
  readonly op: "assign";
  readonly place: IrPlace;
  readonly value: IrExpression;
}

export interface ContextStore extends Node {
  readonly op: "contextStore";
  readonly context: IrExpression;
  readonly field: string;
  readonly index?: number;
  readonly value: IrExpression;
}

export interface Evaluate extends Node {
  readonly op: "evaluate";
  readonly expression: IrExpression;
}

export interface If extends Node {
  readonly op: "if";
  readonly condition: IrExpression;
  readonly then: readonly IrStatement[];
  readonly otherwise?: readonly IrStatement[];
}

/** Falls through from one case into the next unless its body ends in a jump, as in the source. */
export interface Switch extends Node {
  readonly op: "switch";
  readonly subject: IrExpression;
  readonly cases: readonly SwitchCase[];
  readonly label?: string;
}

export interface SwitchCase extends Node {
  /** Constants of the subject's type; empty for `default` alone. */
  readonly values: readonly bigint[];
  readonly isDefault: boolean;
  readonly body: readonly IrStatement[];
}

/**
 * `initial` once; then while `condition`: body, update. `continue` goes to `update`. `maxIterations` is what the compiler proved
 * or the source declared; the emitter must make the verifier see a bound.
 */
export interface Loop extends Node {
  readonly op: "loop";
  readonly initial: readonly IrStatement[];
  readonly condition: IrExpression;
  readonly update: readonly IrStatement[];
  readonly body: readonly IrStatement[];
  readonly maxIterations: number;
  readonly label?: string;
}

/** `for (const local of range(start, end, { max }))`: `local` is a u32 and fresh on every iteration; ends early after `max` iterations. */
export interface RangeLoop extends Node {
  readonly op: "rangeLoop";
  readonly local: IrLocal;
  readonly start: IrExpression;
  readonly end: IrExpression;
  readonly maxIterations: number;
  readonly body: readonly IrStatement[];
  readonly label?: string;
}

export interface Break extends Node {
  readonly op: "break";
  /** Absent: the innermost loop or switch. */
  readonly label?: string;
}

export interface Continue extends Node {
  readonly op: "continue";
  readonly label?: string;
}

export interface Return extends Node {
  readonly op: "return";
  readonly value?: IrExpression;
}

export interface Block extends Node {
  readonly op: "block";
  readonly body: readonly IrStatement[];
  readonly label?: string;
}

/**
 * A ring buffer reservation held by `local` (a nullable ref to the record): the rest of its scope is `body`. At every way out of `body`
 * where it is still held, it is discarded; null needs no release. `passes/` turns this into an owned flag and explicit releases.
 */
export interface Using extends Node {
  readonly op: "using";
  readonly local: IrLocal;
  readonly map: IrMap;
  readonly body: readonly IrStatement[];
}

/** Gives up a reservation that `Using` holds. After it the record must not be touched. */
export interface Release extends Node {
  readonly op: "release";
  readonly local: IrLocal;
  readonly how: "submit" | "discard";
  /** A u64. */
  readonly flags: IrExpression;
}

export interface Log extends Node {
  readonly op: "log";
  readonly site: LogSite;
  readonly arguments: readonly IrExpression[];
}

export type IrStatement =
  | Let
  | Assign
  | ContextStore
  | Evaluate
  | If
  | Switch
  | Loop
  | RangeLoop
  | Break
  | Continue
  | Return
  | Block
  | Using
  | Release
  | Log;
