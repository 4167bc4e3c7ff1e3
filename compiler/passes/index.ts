import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { mapStatements } from "../ir/map.ts";
import type { IrFunction, IrModule } from "../ir/module.ts";
import type { IrStatement } from "../ir/statements.ts";
import { lowerUsing } from "./lower-using.ts";
import { mergeCopies } from "./merge-copies.ts";
import { keepReachable } from "./reachable.ts";

/** What every back end wants done first. The module given is left as it is. */
export function runPasses(module: IrModule): {
  readonly module: IrModule;
  readonly diagnostics: readonly Diagnostic[];
} {
  return {
    module: withBodies(keepReachable(module), (body) => mergeCopies(lowerUsing(body))),
    diagnostics: [],
  };
}

/** The module with each function's body replaced, and each call pointed to the new function. */
function withBodies(
  module: IrModule,
  transform: (body: readonly IrStatement[]) => readonly IrStatement[],
): IrModule {
  const copies = new Map<IrFunction, IrFunction>();
  const all = new Set([...module.functions, ...module.programs.map((program) => program.function)]);
  for (const definition of all) copies.set(definition, { ...definition, body: [] });
  const copyOf = (definition: IrFunction): IrFunction => {
    const copy = copies.get(definition);
    if (copy === undefined) throw new Error(`function ${definition.name} is not in the module`);
    return copy;
  };
  for (const [definition, copy] of copies) {
    copy.body = mapStatements(transform(definition.body), {
      expression: (expression) =>
        expression.op === "call" ? { ...expression, function: copyOf(expression.function) } : expression,
    });
  }
  return {
    ...module,
    functions: module.functions.map(copyOf),
    programs: module.programs.map((program) => ({ ...program, function: copyOf(program.function) })),
  };
}
