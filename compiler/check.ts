import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic, Span } from "./diagnostics/diagnostic.ts";
import { nestedTooDeeply } from "./diagnostics/files.ts";
import { internalError } from "./diagnostics/internal.ts";
import { arrangeDiagnostics, isError } from "./diagnostics/order.ts";
import { withoutConsequences } from "./frontend/consequences.ts";
import { type LoadedProgram, loadSources } from "./frontend/load.ts";
import type { Overlay } from "./frontend/read-source.ts";
import type { IrModule } from "./ir/module.ts";
import { type LowerResult, lowerModule } from "./lower/index.ts";
import { keepCompiledScripts } from "./startup/load-script.ts";
import { Stopwatch } from "./stopwatch.ts";

export interface CompileOptions {
  /** What the entry file and the paths in output are relative to; the process's working directory by default. */
  readonly cwd?: string;
  /** The oldest kernel the object must load on, whatever `minKernel` in the source says; 5.10 where nobody says. */
  readonly minKernel?: readonly [major: number, minor: number];
  /** `console` calls below it are left out; `info` by default. */
  readonly logLevel?: "debug" | "info" | "warn" | "error" | "off";
  /** Texts that are read instead of files, by absolute path with symbolic links resolved: what an editor has not saved. */
  readonly overlay?: Overlay;
}

export interface CheckResult {
  /** In order of file and place. The program is good if none is an error. */
  readonly diagnostics: readonly Diagnostic[];
  /** Text by absolute path, of every file that a span names. */
  readonly sources: ReadonlyMap<string, string>;
  /** The intermediate representation; absent where there are errors. */
  readonly module?: IrModule;
  /** Milliseconds by stage. */
  readonly timings: Readonly<Record<string, number>>;
}

/** Checks a program without making code. Whatever is wrong with it is a diagnostic; it never throws. */
export function check(entry: string, options: CompileOptions = {}): CheckResult {
  const watch = new Stopwatch();
  let sources: ReadonlyMap<string, string> = new Map();
  const done = (diagnostics: readonly Diagnostic[], module?: IrModule): CheckResult => ({
    diagnostics: arrangeDiagnostics(diagnostics),
    sources,
    timings: watch.timings,
    ...(module === undefined || diagnostics.some(isError) ? {} : { module }),
  });
  try {
    const { diagnostics, loaded, ...result } = watch.time("frontend", () => loadSources(entry, options));
    sources = result.sources;
    if (loaded === undefined) return done(diagnostics);
    const lowered = watch.time("lower", () => lower(loaded, options, diagnostics.some(isError)));
    keepCompiledScripts();
    const further = withoutConsequences(loaded.complaints, lowered.diagnostics, loaded.program);
    return done([...diagnostics, ...further], lowered.module);
  } catch (error) {
    return done([describeThrown(error, startOf(entry, options, sources))]);
  }
}

/** A program with wrong types is lowered for what else can be said about it; where that fails, the types are why. */
function lower(loaded: LoadedProgram, options: CompileOptions, isWrong: boolean): LowerResult {
  try {
    return lowerModule(loaded, options);
  } catch (error) {
    if (isWrong) return { diagnostics: [] };
    throw error;
  }
}

/** Running out of stack is the program's doing; anything else that is thrown is ours. */
export function describeThrown(error: unknown, span: Span | undefined): Diagnostic {
  return error instanceof RangeError && /call stack/.test(error.message)
    ? nestedTooDeeply(span)
    : internalError(span, error);
}

function startOf(
  entry: string,
  options: CompileOptions,
  sources: ReadonlyMap<string, string>,
): Span | undefined {
  try {
    const file = realpathSync(resolve(options.cwd ?? ".", entry));
    return sources.has(file) ? { file, start: 0, end: 0 } : undefined;
  } catch {
    return undefined;
  }
}
