import { type CheckResult, type CompileOptions, check, describeThrown } from "./check.ts";
import type { Stages } from "./compile.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { arrangeDiagnostics, isError } from "./diagnostics/order.ts";
import { noProgram } from "./diagnostics/programs.ts";
import { Stopwatch } from "./stopwatch.ts";

export interface BuildOptions extends CompileOptions {
  /** The C compiler: a path, or a name on PATH. By default `$TSBPF_CLANG`, else the newest clang on PATH. */
  readonly clang?: string;
}

export interface BuildResult extends CheckResult {
  /** The C that clang was given, with `#line` directives for readers. */
  readonly c?: string;
  /** The intermediate representation as text. */
  readonly ir?: string;
  /** The program as JavaScript, which is what `tsbpf/simulator` runs. */
  readonly js?: string;
  /** The ELF object; absent where there are errors. */
  readonly object?: Uint8Array;
}

/**
 * Compiles a program to a BPF object. Whatever is wrong with it, or with the C compiler, is a diagnostic; it never throws. The texts are
 * printed when they are read.
 */
export async function build(entry: string, options: BuildOptions = {}): Promise<BuildResult> {
  const checked = check(entry, options);
  if (checked.module === undefined) return checked;
  const watch = new Stopwatch();
  const diagnostics = [...checked.diagnostics];
  if (checked.module.programs.length === 0) {
    // A file that others import is good in itself; there is nothing in it to load.
    return { ...checked, diagnostics: diagnostics.map(withoutProgramAsError) };
  }
  let stages: Stages = { texts: {} };
  try {
    // Loaded when it is needed: a check should not wait for the back end's files.
    const { compile } = await import("./compile.ts");
    stages = await compile(checked.module, options, diagnostics, watch);
  } catch (error) {
    diagnostics.push(describeThrown(error, { file: checked.module.entry, start: 0, end: 0 }));
  }
  const { object, texts } = stages;
  const result: BuildResult = {
    ...checked,
    ...(object === undefined || diagnostics.some(isError) ? {} : { object }),
    diagnostics: arrangeDiagnostics(diagnostics),
    timings: { ...checked.timings, ...watch.timings },
  };
  return Object.defineProperties(result, Object.getOwnPropertyDescriptors(texts));
}

function withoutProgramAsError(diagnostic: Diagnostic): Diagnostic {
  return diagnostic.code === noProgram.code ? { ...diagnostic, severity: "error" } : diagnostic;
}
