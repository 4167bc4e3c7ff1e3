import { resolve } from "node:path";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { internalError } from "./diagnostics/internal.ts";
import { arrangeDiagnostics } from "./diagnostics/order.ts";
import { loadSources } from "./frontend/load.ts";
import { keepCompiledTypeScript } from "./frontend/load-typescript.ts";
import type { IrModule } from "./ir/module.ts";

export type { Diagnostic, Fix, Label, Severity, Span } from "./diagnostics/diagnostic.ts";
export { type DiagnosticFormat, type RenderOptions, renderDiagnostics } from "./diagnostics/render.ts";

export interface CompileOptions {
  /** What the entry file and the paths in output are relative to; the process's working directory by default. */
  readonly cwd?: string;
  /** The oldest kernel the object must load on; 5.10 by default. */
  readonly minKernel?: readonly [major: number, minor: number];
  /** `console` calls below it are left out; `info` by default. */
  readonly logLevel?: "debug" | "info" | "warn" | "error" | "off";
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
  const timings: Record<string, number> = {};
  const timed = <T>(stage: string, work: () => T): T => {
    const start = performance.now();
    try {
      return work();
    } finally {
      timings[stage] = performance.now() - start;
    }
  };
  let sources: ReadonlyMap<string, string> = new Map();
  try {
    const { diagnostics, ...result } = timed("frontend", () => loadSources(entry, options));
    sources = result.sources;
    keepCompiledTypeScript();
    return { diagnostics: arrangeDiagnostics(diagnostics), sources, timings };
  } catch (error) {
    const file = resolve(options.cwd ?? ".", entry);
    const span = sources.has(file) ? { file, start: 0, end: 0 } : undefined;
    return { diagnostics: [internalError(span, error)], sources, timings };
  }
}
