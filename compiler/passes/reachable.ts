import type { LogSite } from "../ir/expressions.ts";
import type { IrFunction, IrGlobal, IrModule } from "../ir/module.ts";
import { visit } from "../ir/walk.ts";

/**
 * Drops what no program reaches: functions, log sites, and globals of other files than the entry. Maps and the entry's own globals stay, for
 * user space may want them even where no program does.
 */
export function keepReachable(module: IrModule): IrModule {
  const functions = new Set<IrFunction>();
  const globals = new Set<IrGlobal>();
  const sites = new Set<LogSite>();
  const reach = (definition: IrFunction): void => {
    if (functions.has(definition)) return;
    functions.add(definition);
    visit(definition.body, {
      statement: (statement) => {
        if (statement.op === "log") sites.add(statement.site);
      },
      expression: (expression) => {
        if (expression.op === "call") reach(expression.function);
      },
      place: (place) => {
        if (place.place === "global") globals.add(place.global);
      },
    });
  };
  for (const program of module.programs) reach(program.function);
  return {
    ...module,
    functions: module.functions.filter((definition) => functions.has(definition)),
    globals: module.globals.filter((global) => globals.has(global) || global.span.file === module.entry),
    logSites: module.logSites.filter((site) => sites.has(site)),
  };
}
