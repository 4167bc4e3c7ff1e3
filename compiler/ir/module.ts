import type { Span } from "../diagnostics/diagnostic.ts";
import type { IrExpression, LogSite } from "./expressions.ts";
import type { IrStatement } from "./statements.ts";
import type { EnumType, IrType, StructType } from "./types.ts";

/** A map as the kernel will create it. `type` is the kernel's name in lower case: `hash`, `lru_hash`, `sk_storage` … */
export interface IrMap {
  readonly name: string;
  readonly type: string;
  readonly key?: IrType;
  readonly value?: IrType;
  readonly maxEntries: number;
  /** `BPF_F_*` bits, those the map type requires included. */
  readonly flags: number;
  readonly numaNode?: number;
  /** `LIBBPF_PIN_BY_NAME` when true. */
  readonly pin: boolean;
  readonly span: Span;
}

export interface IrGlobal {
  readonly name: string;
  readonly type: IrType;
  /** A constant goes to `.rodata` and may be set before load; a variable to `.data` or `.bss`. */
  readonly constant: boolean;
  readonly initial: IrExpression;
  readonly span: Span;
}

export interface IrLocal {
  /** The source's name; the emitters make it unique. */
  readonly name: string;
  readonly type: IrType;
  readonly span: Span;
  /** An optimiser must take it for unknown after each assignment: the verifier follows its value, and so must find it in use. */
  readonly opaque?: boolean;
}

export interface IrFunction {
  readonly name: string;
  readonly parameters: readonly IrLocal[];
  readonly result: IrType;
  /** Filled after creation, so that calls can name a function before its body is lowered. */
  body: IrStatement[];
  readonly span: Span;
}

export interface IrProgram {
  readonly name: string;
  /** A key of `compiler/kernel/programs.ts`, such as `sockOps` or `cgroup.connect4`. */
  readonly kind: string;
  /** The libbpf section, such as `sockops` or `cgroup/connect4`. */
  readonly section: string;
  /** `parameters[0]` is the context; the result is what the kernel gets, already an int. */
  readonly function: IrFunction;
  readonly span: Span;
}

export interface IrModule {
  /** Absolute path of the entry file. */
  readonly entry: string;
  /** The oldest kernel the object must load on. */
  readonly minKernel: readonly [major: number, minor: number];
  /** Text of every source file that a span may name. */
  readonly sources: ReadonlyMap<string, string>;
  readonly structs: readonly StructType[];
  readonly enums: readonly EnumType[];
  readonly maps: readonly IrMap[];
  readonly globals: readonly IrGlobal[];
  /** In an order in which callees come before callers. */
  readonly functions: readonly IrFunction[];
  readonly programs: readonly IrProgram[];
  readonly logSites: readonly LogSite[];
}
