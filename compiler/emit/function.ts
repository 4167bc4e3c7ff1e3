import type { Span } from "../diagnostics/diagnostic.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { IrFunction, IrLocal } from "../ir/module.ts";
import type { IrType } from "../ir/types.ts";
import type { CExpression, CInitializer, CMember, CStatement, CVariable } from "./c/ast.ts";
import { addressOf, identifier, opaque, pointer, variable } from "./c/build.ts";
import { type FunctionFacts, factsOf } from "./function-facts.ts";
import { JumpTargets } from "./jumps.ts";
import { declareValue } from "./memory.ts";
import { NameScope } from "./names.ts";
import { emitStatements } from "./statements.ts";
import type { UnitEmitter } from "./unit.ts";

/**
 * One function on its way to C: the names that are taken, the statements written so far. Expressions are translated to C expressions
 * without effects; what has effects, or needs statements, goes before into the current list, so that C's freedom in the order of
 * evaluation never shows.
 */
export class FunctionEmitter {
  readonly unit: UnitEmitter;
  readonly facts: FunctionFacts;
  readonly jumps: JumpTargets;
  /** Locals whose value is below a known number wherever they are read. */
  readonly bounds = new Map<IrLocal, number>();
  readonly #locals = new Map<IrLocal, string>();
  /** C variables that keep their value once they are declared. */
  readonly #stable = new Set<string>();
  #names: NameScope;
  #statements: CStatement[] = [];

  constructor(unit: UnitEmitter, definition: IrFunction) {
    this.unit = unit;
    this.facts = factsOf(definition);
    this.#names = new NameScope(unit.names);
    this.jumps = new JumpTargets(this.#names);
  }

  parameters(definition: IrFunction): readonly CMember[] {
    return definition.parameters.map((parameter) => ({
      name: this.declare(parameter),
      type: this.unit.types.of(parameter.type),
    }));
  }

  body(definition: IrFunction): readonly CStatement[] {
    return this.scope(() => emitStatements(this, definition.body));
  }

  push(...statements: readonly CStatement[]): void {
    this.#statements.push(...statements);
  }

  /** The statements that `body` writes, in the same block. */
  capture<T>(body: () => T): { readonly statements: readonly CStatement[]; readonly result: T } {
    const outer = this.#statements;
    this.#statements = [];
    try {
      const result = body();
      return { statements: this.#statements, result };
    } finally {
      this.#statements = outer;
    }
  }

  /** As `capture`, in a block of its own. */
  scoped<T>(body: () => T): { readonly statements: readonly CStatement[]; readonly result: T } {
    const outer = this.#names;
    this.#names = new NameScope(outer);
    try {
      return this.capture(body);
    } finally {
      this.#names = outer;
    }
  }

  /** The statements that `body` writes, in a block of their own. */
  scope(body: () => void): readonly CStatement[] {
    return this.scoped(body).statements;
  }

  name(hint: string): string {
    return this.#names.take(hint);
  }

  /** The name was not needed after all. */
  untake(name: string): void {
    this.#names.untake(name);
  }

  /** Gives a local its C name; it is read through `local` from then on. */
  declare(local: IrLocal): string {
    const name = this.name(local.name);
    this.bind(local, name);
    return name;
  }

  bind(local: IrLocal, name: string): void {
    this.#locals.set(local, name);
    if (!this.facts.assigned.has(local) && !this.facts.addressed.has(local)) this.#stable.add(name);
    else this.#stable.delete(name);
  }

  local(local: IrLocal): CExpression {
    const name = this.#locals.get(local);
    if (name === undefined) throw new Error(`local ${local.name} is used before it is declared`);
    return identifier(name);
  }

  markStable(name: string): void {
    this.#stable.add(name);
  }

  /** Whether the expression has the same value wherever in the block it is evaluated. */
  isStable(expression: CExpression): boolean {
    switch (expression.kind) {
      case "number":
      case "string":
      case "sizeofType":
        return true;
      case "identifier":
        return this.#stable.has(expression.name);
      case "unary":
        if (expression.operator === "&") return this.#isFixedPlace(expression.operand);
        return expression.operator !== "*" && this.isStable(expression.operand);
      case "binary":
        return this.isStable(expression.left) && this.isStable(expression.right);
      case "conditional":
        return (
          this.isStable(expression.condition) &&
          this.isStable(expression.whenTrue) &&
          this.isStable(expression.whenFalse)
        );
      case "cast":
        return this.isStable(expression.operand);
      default:
        return false;
    }
  }

  #isFixedPlace(place: CExpression): boolean {
    switch (place.kind) {
      case "identifier":
        return true;
      case "member":
        return this.#isFixedPlace(place.base);
      case "arrow":
        return this.isStable(place.base);
      case "unary":
        return place.operator === "*" && this.isStable(place.operand);
      case "index":
        return this.#isFixedPlace(place.base) && this.isStable(place.index);
      default:
        return false;
    }
  }

  /** Declares a variable of the emitter's own that is never assigned again; `e` is what the value was made from. */
  temporary(hint: string, e: IrExpression, value: CExpression): CExpression {
    const name = this.name(hint);
    declareValue(this, name, value, e, e.span);
    this.markStable(name);
    return identifier(name);
  }

  /** A variable that holds the address of a place. */
  addressVariable(place: CExpression, type: IrType): CExpression {
    const name = this.name("target");
    this.push(variable(name, pointer(this.unit.types.of(type)), addressOf(place)));
    this.markStable(name);
    return identifier(name);
  }

  /** A variable; structs and arrays start on eight bytes, or copies of them fall apart into bytes. */
  storage(name: string, type: IrType, initializer?: CInitializer, span?: Span): CVariable {
    const value = initializer?.kind === "compound" ? initializer.initializer : initializer;
    const base = variable(name, this.unit.types.of(type), value, span);
    return type.kind === "struct" || type.kind === "array" ? { ...base, attributes: ["aligned(8)"] } : base;
  }

  opaque(name: string): void {
    this.push(opaque(name));
  }
}
