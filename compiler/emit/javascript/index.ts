import type { IrModule } from "../../ir/module.ts";
import { keepReachable } from "../../passes/reachable.ts";
import { ModuleEmitter } from "./module.ts";
import { printJs } from "./printer.ts";

export interface JavaScriptOptions {
  /** File names are written relative to it. */
  readonly cwd?: string;
  /** As a module that exports the function; by default the text is the function alone. */
  readonly asModule?: boolean;
}

/**
 * The module as the source of one JavaScript function, `link`: it takes what stands for the kernel and gives the programs by name. It is
 * printed from the module as it was lowered, not as the passes leave it: where both executions agree, the passes changed nothing.
 */
export function emitJavaScript(module: IrModule, options: JavaScriptOptions = {}): string {
  return printJs(
    new ModuleEmitter(keepReachable(module), options.cwd ?? process.cwd()).emit(options.asModule ?? false),
  );
}
