import { notCompiled } from "../diagnostics/constructs.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { IrModule } from "../ir/module.ts";
import { type LoweringInput, type LowerOptions, ModuleContext } from "./context.ts";
import { lowerEntity } from "./entities.ts";
import { lowerExpression, needsType } from "./expressions.ts";
import { declaredMinKernel } from "./min-kernel.ts";
import { checkTopLevel, lowerEntry } from "./module.ts";
import { lowerStatement } from "./statements.ts";
import { TypeTable } from "./types.ts";
import { checkUnusedFunctions } from "./unused.ts";

export type { LoweringInput, LowerOptions } from "./context.ts";

export interface LowerResult {
  /** Absent where there are errors. */
  readonly module?: IrModule;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * From checked syntax to the intermediate representation. Everything that the exported programs reach is in the module. What is wrong is
 * reported and left out, so that several mistakes are found in one run.
 */
export function lowerModule(loaded: LoweringInput, options: Partial<LowerOptions> = {}): LowerResult {
  const declared = declaredMinKernel(loaded);
  const settings: LowerOptions = {
    minKernel: options.minKernel ?? declared.newest ?? [5, 10],
    logLevel: options.logLevel ?? "info",
  };
  const dispatch = { expression: lowerExpression, statement: lowerStatement, entity: lowerEntity, needsType };
  const module = new ModuleContext(loaded, settings, dispatch, (made) => new TypeTable(made));
  for (const diagnostic of declared.diagnostics) module.report(diagnostic);
  lowerEntry(module);
  checkTopLevel(module);
  checkUnusedFunctions(module);
  const { diagnostics } = module;
  if (diagnostics.some(({ severity }) => severity === "error")) return { diagnostics };
  if (module.poisoned) return { diagnostics: [...diagnostics, notCompiled(module.poisoned)] };
  return { diagnostics, module: finish(module, loaded) };
}

function finish(module: ModuleContext, loaded: LoweringInput): IrModule {
  return {
    entry: loaded.entry.fileName,
    minKernel: module.options.minKernel,
    sources: loaded.sources,
    structs: module.structs,
    enums: module.enums,
    maps: [...module.maps.values()].flatMap((found) => (found ? [found.map] : [])),
    globals: [...module.globals.values()].flatMap((found) => (found ? [found] : [])),
    functions: module.functions,
    programs: module.programs,
    logSites: module.logSites,
  };
}
