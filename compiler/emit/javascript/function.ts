import type { IrPlace } from "../../ir/expressions.ts";
import type { IrFunction, IrLocal } from "../../ir/module.ts";
import { rootLocal, visit } from "../../ir/walk.ts";
import type { NameScope } from "../names.ts";
import { NameScope as Scope } from "../names.ts";
import type { JsStatement } from "./ast.ts";
import { call, declare, identifier, literal } from "./build.ts";
import type { ModuleEmitter } from "./module.ts";
import { accessName, isAggregate, isScalar } from "./scalars.ts";
import { emitStatements } from "./statements.ts";

/** What is known while one function is printed: the names of its locals, and which of them are memory. */
export class FunctionEmitter {
  readonly module: ModuleEmitter;
  readonly #pointedTo: ReadonlySet<IrLocal>;
  readonly #assigned: ReadonlySet<IrLocal>;
  readonly #names = new Map<IrLocal, string>();
  #scope: NameScope;

  constructor(module: ModuleEmitter, definition: IrFunction, outer: NameScope) {
    this.module = module;
    this.#scope = new Scope(outer);
    const { pointedTo, assigned } = usesOf(definition);
    this.#pointedTo = pointedTo;
    this.#assigned = assigned;
  }

  get scope(): NameScope {
    return this.#scope;
  }

  /** Names taken by `emit` are free again behind it. */
  inBlock<T>(emit: () => T): T {
    const outer = this.#scope;
    this.#scope = new Scope(outer);
    try {
      return emit();
    } finally {
      this.#scope = outer;
    }
  }

  declare(local: IrLocal): string {
    const name = this.#scope.take(local.name);
    this.#names.set(local, name);
    return name;
  }

  nameOf(local: IrLocal): string {
    const name = this.#names.get(local);
    if (name === undefined) throw new Error(`${local.name} is used where it is not declared`);
    return name;
  }

  /** Whether the local is a variable of JavaScript: a scalar that nothing points to, or a reference. */
  isVariable(local: IrLocal): boolean {
    return !isAggregate(local.type) && !this.isBoxed(local);
  }

  /** Whether the local is a scalar in memory, for something points to it. */
  isBoxed(local: IrLocal): boolean {
    return isScalar(local.type) && this.#pointedTo.has(local);
  }

  isAssigned(local: IrLocal): boolean {
    return this.#assigned.has(local);
  }
}

function usesOf(definition: IrFunction): {
  readonly pointedTo: ReadonlySet<IrLocal>;
  readonly assigned: ReadonlySet<IrLocal>;
} {
  const pointedTo = new Set<IrLocal>();
  const assigned = new Set<IrLocal>();
  const point = (place: IrPlace): void => {
    const local = rootLocal(place);
    if (local !== undefined) pointedTo.add(local);
  };
  visit(definition.body, {
    statement: (statement) => {
      if (statement.op === "assign" && statement.place.place === "local") assigned.add(statement.place.local);
    },
    expression: (expression) => {
      if (expression.op === "address" || expression.op === "atomic") point(expression.place);
    },
  });
  return { pointedTo, assigned };
}

/** The function's parameters and statements. */
export function emitFunction(
  module: ModuleEmitter,
  definition: IrFunction,
  outer: NameScope,
): { readonly parameters: readonly string[]; readonly body: readonly JsStatement[] } {
  const f = new FunctionEmitter(module, definition, outer);
  const boxes: JsStatement[] = [];
  const parameters = definition.parameters.map((parameter) => {
    if (!f.isBoxed(parameter)) return f.declare(parameter);
    const given = f.scope.take(`${parameter.name}_value`);
    const name = f.declare(parameter);
    boxes.push(declare("const", name, call("box", literal(accessName(parameter.type)), identifier(given))));
    return given;
  });
  return { parameters, body: [...boxes, ...emitStatements(f, definition.body)] };
}
