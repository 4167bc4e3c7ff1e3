import type { BuildOptions, BuildResult } from "./build.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { isError } from "./diagnostics/order.ts";
import { emitC } from "./emit/index.ts";
import { emitJavaScript } from "./emit/javascript/index.ts";
import type { IrModule } from "./ir/module.ts";
import { printIr } from "./ir/print.ts";
import { finishObject } from "./object/index.ts";
import { runPasses } from "./passes/index.ts";
import type { Stopwatch } from "./stopwatch.ts";
import { compileC } from "./toolchain/index.ts";

/** What each stage of the back end made, as far as they came. */
export type Stages = Pick<BuildResult, "c" | "ir" | "js" | "object">;

/** From the intermediate representation to an object. Complaints are added to `diagnostics`. */
export async function compile(
  module: IrModule,
  options: BuildOptions,
  diagnostics: Diagnostic[],
  watch: Stopwatch,
): Promise<Stages> {
  const cwd = options.cwd === undefined ? {} : { cwd: options.cwd };
  const passed = watch.time("passes", () => runPasses(module));
  diagnostics.push(...passed.diagnostics);
  if (passed.diagnostics.some(isError)) return { ir: printIr(module) };

  const emitted = watch.time("emit", () => emitC(passed.module, cwd));
  const compiling = watch.timeAsync("clang", () =>
    compileC(emitted.text, {
      map: emitted.map,
      module: passed.module,
      ...(options.clang === undefined ? {} : { clang: options.clang }),
    }),
  );
  // What readers may ask for is made while clang works.
  const ir = printIr(module);
  const js = emitJavaScript(module, { ...cwd, asModule: true });
  const c = emitC(passed.module, { ...cwd, lineDirectives: true }).text;
  const compiled = await compiling;
  diagnostics.push(...compiled.diagnostics);
  const { object } = compiled;
  if (object === undefined) return { ir, c, js };
  const finished = watch.time("object", () =>
    finishObject(object, passed.module, emitted.map, { ...cwd, renamed: emitted.renamed }),
  );
  return { ir, c, js, object: finished };
}
