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

/** What the back end made, as far as it came. */
export interface Stages {
  readonly texts: Texts;
  readonly object?: Uint8Array;
}

/** What readers may ask for, by getters: most who build do not. */
type Texts = Pick<BuildResult, "c" | "ir" | "js">;

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
  if (passed.diagnostics.some(isError)) return { texts: whenAsked({ ir: () => printIr(module) }) };

  const emitted = watch.time("emit", () => emitC(passed.module, cwd));
  const compiling = watch.timeAsync("clang", () =>
    compileC(emitted.text, {
      map: emitted.map,
      module: passed.module,
      ...(options.clang === undefined ? {} : { clang: options.clang }),
    }),
  );
  const texts = whenAsked({
    ir: () => printIr(module),
    js: () => emitJavaScript(module, { ...cwd, asModule: true }),
    c: () => emitC(passed.module, { ...cwd, lineDirectives: true }).text,
  });
  const compiled = await compiling;
  diagnostics.push(...compiled.diagnostics);
  const { object } = compiled;
  if (object === undefined) return { texts };
  const finished = watch.time("object", () =>
    finishObject(object, passed.module, emitted.map, { ...cwd, renamed: emitted.renamed }),
  );
  return { texts, object: finished };
}

/** Each text is printed when it is first read, and once. */
function whenAsked(printers: Readonly<Partial<Record<keyof Texts, () => string>>>): Texts {
  const texts: Texts = {};
  for (const [name, print] of Object.entries(printers)) {
    let text: string | undefined;
    Object.defineProperty(texts, name, {
      enumerable: true,
      configurable: true,
      get: () => {
        text ??= print();
        return text;
      },
    });
  }
  return texts;
}
