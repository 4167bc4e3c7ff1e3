import type { Diagnostic, Span } from "../diagnostics/diagnostic.ts";
import { spanOf } from "../frontend/span.ts";
import type { ts } from "../frontend/typescript.ts";
import { loadLocal, typeName } from "../ir/build.ts";
import type { IrExpression, LogSite } from "../ir/expressions.ts";
import type { IrFunction, IrGlobal, IrLocal, IrMap, IrProgram } from "../ir/module.ts";
import type { IrStatement } from "../ir/statements.ts";
import type { EnumType, IrType, StructType } from "../ir/types.ts";
import { Flow } from "./flow.ts";
import type { LoweredFunction } from "./functions.ts";
import type { Interval } from "./interval.ts";
import { exportsOfLibrary } from "./library.ts";
import type { TypeTable } from "./types.ts";
import type { Provenance, Resource, SourceType, Value } from "./value.ts";

export interface LowerOptions {
  readonly minKernel: readonly [major: number, minor: number];
  readonly logLevel: "debug" | "info" | "warn" | "error" | "off";
}

/** What lowering takes from the front end. */
export interface LoweringInput {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  readonly entry: ts.SourceFile;
  readonly sources: ReadonlyMap<string, string>;
}

/** The two flat maps from syntax to its lowering, handed in so that constructs need not import each other. */
export interface Dispatch {
  expression(cx: FunctionContext, node: ts.Expression, expected: SourceType | undefined): Value;
  statement(cx: FunctionContext, node: ts.Statement): void;
  /** What a name that is not a local stands for. */
  entity(cx: FunctionContext, symbol: ts.Symbol, node: ts.Node): Value;
  /** Kinds of expressions that mean something only where a type is expected. */
  readonly needsType: ReadonlySet<ts.SyntaxKind>;
}

/** What a name of a function's own stands for. */
export type Binding =
  | { readonly kind: "scalar"; readonly local: IrLocal }
  /** The variable is the storage: a constant struct or array. */
  | {
      readonly kind: "aggregate";
      readonly local: IrLocal;
      readonly readonly: boolean;
      readonly region: number;
    }
  | {
      readonly kind: "reference";
      readonly local: IrLocal;
      readonly boxed: boolean;
      readonly provenance: Provenance;
    }
  | { readonly kind: "optional"; readonly present: IrLocal; readonly value: IrLocal }
  | { readonly kind: "alias"; readonly value: Value };

/** A fact that holds where a condition has one outcome. */
export interface Fact {
  readonly local: IrLocal;
  readonly interval: Interval;
}

export interface Condition {
  readonly expression: IrExpression;
  readonly whenTrue: readonly Fact[];
  readonly whenFalse: readonly Fact[];
}

/** Something `break` or `continue` may name. */
export interface JumpTarget {
  readonly kind: "loop" | "switch" | "block";
  readonly label: string | undefined;
  readonly breaks: Flow[];
  readonly continues: Flow[];
  /** Uses of what was there before the loop: they come again in the next iteration. */
  readonly uses: Map<Resource, Span>;
  readonly localUses: Map<IrLocal, Span>;
  /** Resources and variables born inside: no iteration finds what an earlier one left in them. */
  readonly born: Set<Resource | IrLocal>;
}

/** One object for the whole entry file. */
export class ModuleContext {
  readonly diagnostics: Diagnostic[] = [];
  readonly maps = new Map<ts.Symbol, { readonly map: IrMap; readonly className: string } | undefined>();
  readonly globals = new Map<ts.Symbol, IrGlobal | undefined>();
  readonly functions: IrFunction[] = [];
  readonly programs: IrProgram[] = [];
  /** Functions by symbol and by what a use makes of the parameters. */
  readonly uses = new Map<ts.Symbol, Map<string, LoweredFunction | undefined>>();
  /** Functions that are being lowered, outermost first. */
  readonly active: ts.Symbol[] = [];
  /** Values of module constants. */
  readonly constants = new Map<ts.Symbol, Value>();
  readonly structs: StructType[] = [];
  readonly enums: EnumType[] = [];
  readonly logSites: LogSite[] = [];
  /** Something was left out because of an error that someone must have reported. */
  poisoned: Span | undefined;
  readonly #functionNames = new Set<string>();
  readonly #globalNames = new Set<string>();
  readonly #reported = new Set<string>();
  #libraryExports: ReadonlyMap<string, ts.Symbol> | undefined;
  readonly input: LoweringInput;
  readonly options: LowerOptions;
  readonly dispatch: Dispatch;
  readonly types: TypeTable;

  constructor(
    input: LoweringInput,
    options: LowerOptions,
    dispatch: Dispatch,
    types: (module: ModuleContext) => TypeTable,
  ) {
    this.input = input;
    this.options = options;
    this.dispatch = dispatch;
    this.types = types(this);
  }

  get checker(): ts.TypeChecker {
    return this.input.checker;
  }

  get needsType(): ReadonlySet<ts.SyntaxKind> {
    return this.dispatch.needsType;
  }

  /** An enum that the standard library exports. */
  libraryEnum(name: string): EnumType | undefined {
    this.#libraryExports ??= exportsOfLibrary(this.input.program, this.checker);
    const symbol = this.#libraryExports.get(name);
    return symbol && this.types.enums.of(symbol)?.enum;
  }

  textOf(span: Span): string {
    return this.input.sources.get(span.file)?.slice(span.start, span.end) ?? "";
  }

  uniqueFunctionName(name: string): string {
    return uniqueName(this.#functionNames, name);
  }

  uniqueGlobalName(name: string): string {
    return uniqueName(this.#globalNames, name);
  }

  /** A text that is the same for the same type only. */
  identify(type: IrType): string {
    if (type.kind !== "struct") return typeName(type);
    const position = this.structs.indexOf(type);
    return `${type.name}#${position}`;
  }

  /** A function lowered twice (for two kinds of memory) complains once. */
  report(diagnostic: Diagnostic): void {
    const { span } = diagnostic;
    const key = `${diagnostic.code} ${span?.file} ${span?.start} ${span?.end}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.diagnostics.push(diagnostic);
  }
}

function uniqueName(taken: Set<string>, name: string): string {
  let unique = name;
  for (let n = 2; taken.has(unique); n++) unique = `${name}_${n}`;
  taken.add(unique);
  return unique;
}

/** One object for a function that is being lowered. */
export class FunctionContext {
  statements: IrStatement[] = [];
  flow = new Flow();
  readonly unreachableReturns: { value?: IrExpression; readonly span: Span }[] = [];
  /** What stands before a `?.`, where it is known to be there. */
  readonly chainBases = new Map<ts.Node, Value>();
  readonly #contextReferences = new Map<string, IrLocal>();
  /** Declarations that stand before the function's body. */
  readonly hoisted: IrStatement[] = [];
  /** Depth of the block: a region for the storage that is made in it. */
  depth = 1;
  readonly bindings = new Map<ts.Symbol, Binding>();
  readonly targets: JumpTarget[] = [];
  /** References into packets that are live names, with their resource. */
  readonly packets = new Set<Resource>();
  /** A call in it may move the packet: so may a call of it. */
  movesPacket: { readonly by: string; readonly span: Span } | undefined;
  readonly module: ModuleContext;
  /** Set while module-level initial values are evaluated: nothing may run. */
  readonly constantOnly: boolean;
  /** The kind of program that is being lowered, a key of the table of programs. */
  readonly program: string | undefined;
  /** A label that stands before the statement which is lowered next. */
  pendingLabel: string | undefined;
  /** The declaration that is being lowered; a name declared in a function around it is a capture. */
  readonly declaration: ts.Node | undefined;
  /** Turns what `return` gives into the result; a program's differs from a function's. */
  returns: ((cx: FunctionContext, node: ts.Node, value: ts.Expression | undefined) => void) | undefined;
  /** Type parameters of a generic function, in this use of it. */
  readonly typeArguments: ReadonlyMap<ts.Type, SourceType>;

  constructor(
    module: ModuleContext,
    origin: {
      readonly constantOnly?: boolean;
      readonly program?: string | undefined;
      readonly declaration?: ts.Node;
      readonly typeArguments?: ReadonlyMap<ts.Type, SourceType>;
    } = {},
  ) {
    this.module = module;
    this.constantOnly = origin.constantOnly ?? false;
    this.program = origin.program;
    this.declaration = origin.declaration;
    this.typeArguments = origin.typeArguments ?? new Map();
  }

  get checker(): ts.TypeChecker {
    return this.module.checker;
  }

  span(node: ts.Node): Span {
    return spanOf(node);
  }

  report(diagnostic: Diagnostic): void {
    this.module.report(diagnostic);
  }

  expression(node: ts.Expression, expected?: SourceType): Value {
    return this.module.dispatch.expression(this, node, expected);
  }

  statement(node: ts.Statement): void {
    this.module.dispatch.statement(this, node);
  }

  emit(statement: IrStatement): void {
    this.statements.push(statement);
  }

  /** Runs `lower` and gives what it emitted, instead of appending it here. */
  capture<T>(lower: () => T): { readonly body: IrStatement[]; readonly value: T } {
    const outer = this.statements;
    const body: IrStatement[] = [];
    this.statements = body;
    try {
      return { body, value: lower() };
    } finally {
      this.statements = outer;
    }
  }

  /** As `capture`, in a block of its own. */
  scope<T>(lower: () => T): { readonly body: IrStatement[]; readonly value: T } {
    this.depth++;
    try {
      return this.capture(lower);
    } finally {
      this.depth--;
    }
  }

  local(name: string, type: IrType, span: Span): IrLocal {
    return { name, type, span };
  }

  declare(name: string, type: IrType, initial: IrExpression | undefined, span: Span): IrLocal {
    const local = this.local(name, type, span);
    for (const target of this.targets) target.born.add(local);
    this.emit({ op: "let", local, ...(initial ? { initial } : {}), span });
    return local;
  }

  /** A way out that is never taken: its value is filled in when the function's result is known. */
  unreachableReturn(span: Span): IrStatement {
    const statement: { op: "return"; span: Span; value?: IrExpression } = { op: "return", span };
    this.unreachableReturns.push(statement);
    return statement;
  }

  /** A local that lives as long as the function. */
  hoist(name: string, type: IrType, span: Span): IrLocal {
    const local = this.local(name, type, span);
    this.hoisted.push({ op: "let", local, span });
    return local;
  }

  /**
   * A reference that the context holds, such as its socket: read once at the start of the function, so that what a test of it shows holds
   * for every later use, for TypeScript and for the verifier.
   */
  contextReference(field: string, load: IrExpression): IrLocal {
    const known = this.#contextReferences.get(field);
    if (known) return known;
    const local = this.local(field, load.type, load.span);
    this.hoisted.push({ op: "let", local, initial: load, span: load.span });
    this.#contextReferences.set(field, local);
    return local;
  }

  /**
   * Something is left out here because of a mistake. Whoever found it has reported it; should nobody have, the program is refused all the
   * same: what is left out is never compiled.
   */
  lost(node: ts.Node): void {
    this.module.poisoned ??= this.span(node);
  }

  /** Looks for mistakes in something whose value is lost already. A literal says nothing without the type it is for. */
  visit(node: ts.Expression): void {
    const { kind } = node;
    if (!this.module.needsType.has(kind)) this.capture(() => this.expression(node));
  }

  /** Evaluates now and names the result: for everything with an effect, so that expressions only read. */
  temporary(name: string, value: IrExpression): IrExpression {
    return loadLocal(this.declare(name, value.type, value, value.span), value.span);
  }

  /**
   * Evaluates `second` after `first` was. Where `second` needs statements of its own, what `first` read is kept in a temporary before them.
   */
  inOrder<T>(
    first: IrExpression,
    second: () => T,
  ): { readonly first: IrExpression; readonly second: T; readonly spilled: boolean } {
    const { body, value } = this.capture(second);
    if (body.length === 0 || first.op === "constant") {
      this.statements.push(...body);
      return { first, second: value, spilled: false };
    }
    const kept = this.temporary("left", first);
    this.statements.push(...body);
    return { first: kept, second: value, spilled: true };
  }

  returnValue(node: ts.Node, value: ts.Expression | undefined): void {
    this.returns?.(this, node, value);
  }

  assume(facts: readonly Fact[]): void {
    for (const { local, interval } of facts) this.flow.refine(local, interval);
  }
}
