import { existsSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.ts";
import {
  fileNotFound,
  nestedTooDeeply,
  notAFile,
  notBpfSource,
  unreadableFile,
} from "../diagnostics/files.ts";
import { createHost, languageOptions } from "./host.ts";
import { checkModules } from "./modules.ts";
import type { Overlay } from "./read-source.ts";
import { checkRules } from "./rules/index.ts";
import { isKernelSource, isLibrary, kernelDeclarations, SourceGraph } from "./source-graph.ts";
import { ts } from "./typescript.ts";
import { reportTypeScript } from "./typescript-diagnostics/index.ts";
import { reportSyntax } from "./typescript-diagnostics/syntax.ts";

export interface LoadOptions {
  /** What paths in messages are relative to; the process's working directory by default. */
  readonly cwd?: string;
  /** What is read instead of files; the entry may be one of them. */
  readonly overlay?: Overlay;
}

/** A program as TypeScript understands it. */
export interface LoadedProgram {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  readonly entry: ts.SourceFile;
  /** Text by absolute path, of every file that a span may name. */
  readonly sources: ReadonlyMap<string, string>;
  /** Every place that the front end found wrong, those included that it says nothing about. */
  readonly complaints: readonly Span[];
}

export interface LoadResult {
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
  /** Absent where a file could not be read or parsed; present with errors of types, so look at `diagnostics` first. */
  readonly loaded?: LoadedProgram;
}

/** Reads, resolves, parses and type-checks an entry file and all that it imports. */
export function loadSources(entryPath: string, options: LoadOptions = {}): LoadResult {
  const cwd = workingDirectory(options.cwd);
  const graph = new SourceGraph(cwd, options.overlay);
  const fail = (diagnostic: Diagnostic): LoadResult => ({
    diagnostics: [...graph.diagnostics, diagnostic],
    sources: graph.sources,
  });

  const named = resolve(cwd, entryPath);
  const inMemory = options.overlay?.has(named) === true && isKernelSource(named);
  const problem = inMemory ? undefined : entryProblem(named, entryPath, graph);
  if (problem !== undefined) return fail(problem);
  const path = inMemory ? named : realEntry(named);

  try {
    const entry = graph.load(path);
    if (entry === undefined) return { diagnostics: graph.diagnostics, sources: graph.sources };
    const program = ts.createProgram({
      rootNames: [kernelDeclarations, path],
      options: languageOptions,
      host: createHost(graph, cwd),
    });
    const imported = program.getSourceFiles().filter((file) => file !== entry && !isLibrary(file.fileName));
    const files = [entry, ...imported];
    const syntax = files.flatMap((file) => program.getSyntacticDiagnostics(file));
    const diagnostics = [...graph.diagnostics, ...checkModules(graph, files)];
    if (syntax.length > 0) {
      diagnostics.push(...reportSyntax(syntax, graph));
      return { diagnostics, sources: graph.sources };
    }
    const checker = program.getTypeChecker();
    const rules = checkRules(files, checker);
    const types = [
      ...files.flatMap((file) => program.getSemanticDiagnostics(file)),
      ...program.getGlobalDiagnostics(),
    ];
    const errors = reportTypeScript(types, program, rules.covered);
    diagnostics.push(...rules.diagnostics, ...errors.diagnostics);
    const complaints = [...errors.places, ...diagnostics.flatMap(({ span }) => span ?? [])];
    const loaded = { program, checker, entry, sources: graph.sources, complaints };
    return { diagnostics, sources: graph.sources, loaded };
  } catch (error) {
    if (error instanceof RangeError) return fail(nestedTooDeeply({ file: path, start: 0, end: 0 }));
    throw error;
  }
}

/** As real paths have it. One that is gone (removed under a running shell) still names what relative paths cannot be found in. */
function workingDirectory(given: string | undefined): string {
  try {
    return realpathSync.native(given ?? process.cwd());
  } catch {
    return resolve("/", given ?? "");
  }
}

function entryProblem(path: string, shown: string, graph: SourceGraph): Diagnostic | undefined {
  if (path.includes("\0")) return fileNotFound(undefined, shown.replaceAll("\0", "\\0"));
  if (!existsSync(path)) {
    try {
      realpathSync.native(path);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "ELOOP")
        return unreadableFile(undefined, graph.show(path), "its symbolic links form a loop");
      if (code === "EACCES") return unreadableFile(undefined, graph.show(path), "permission denied");
    }
    return fileNotFound(undefined, graph.show(path));
  }
  if (statSync(path).isDirectory()) return notAFile(undefined, graph.show(path), "a directory");
  return isKernelSource(path) ? undefined : notBpfSource(undefined, graph.show(path));
}

/** Symbolic links are followed, so that a file reached by two names is one module, unless the target's name is no source's. */
function realEntry(path: string): string {
  const real = realpathSync.native(path);
  return real.endsWith(".ts") ? real : path;
}
