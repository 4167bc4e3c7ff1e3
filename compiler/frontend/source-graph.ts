import { statSync } from "node:fs";
import { basename, join, sep } from "node:path";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.ts";
import { displayPath } from "../diagnostics/display-path.ts";
import { packageRoot } from "../package-root.ts";
import { parseSource } from "./parse.ts";
import { type Overlay, readSource } from "./read-source.ts";
import { resolveModule } from "./resolve-module.ts";
import { ts } from "./typescript.ts";

export interface ImportEdge {
  readonly target: string;
  readonly span: Span;
  /** Gone after type checking: it orders nothing. */
  readonly typeOnly: boolean;
}

const libraryFolder = join(packageRoot, "stdlib") + sep;

/** The declarations that stand in for TypeScript's own library. */
export const kernelDeclarations = join(libraryFolder, "kernel.d.ts");

export function isLibrary(path: string): boolean {
  return path.startsWith(libraryFolder);
}

/** The standard library's files as parsed by earlier checks of this process; `version` notices an edit (a checkout, a test). */
const parsedLibrary = new Map<string, { readonly version: string; readonly file: ts.SourceFile }>();

/**
 * The files of one check, read and parsed as imports ask for them. A file that cannot be used is reported once, at the first import
 * that names it.
 */
export class SourceGraph {
  readonly diagnostics: Diagnostic[] = [];
  /** Text by path, of the files that a span may name. */
  readonly sources = new Map<string, string>();
  /** By importing file; the standard library's own imports are left out. */
  readonly imports = new Map<string, ImportEdge[]>();
  readonly #files = new Map<string, ts.SourceFile | undefined>();
  readonly #cwd: string;
  readonly #overlay: Overlay;

  constructor(cwd: string, overlay: Overlay = new Map()) {
    this.#cwd = cwd;
    this.#overlay = overlay;
  }

  get(path: string): ts.SourceFile | undefined {
    return this.#files.get(path);
  }

  load(path: string, from?: Span): ts.SourceFile | undefined {
    if (!this.#files.has(path)) {
      this.#files.set(
        path,
        isLibrary(path) ? this.#loadLibrary(path) : this.#loadSource(path, from, this.#overlay),
      );
    }
    return this.#files.get(path);
  }

  /** What TypeScript asks for each import and re-export of a file. */
  resolve(literal: ts.StringLiteralLike, importer: ts.SourceFile): ts.ResolvedModuleFull | undefined {
    const resolution = resolveModule(literal.text, importer.fileName, this.#overlay);
    const span = { file: importer.fileName, start: literal.getStart(importer), end: literal.getEnd() };
    if ("problem" in resolution) {
      this.diagnostics.push(resolution.problem(span));
      return undefined;
    }
    const { path } = resolution;
    if (this.load(path, span) === undefined) return undefined;
    if (!isLibrary(importer.fileName))
      this.#addImport(importer, { target: path, span, typeOnly: isTypeOnly(literal) });
    return {
      resolvedFileName: path,
      extension: path.endsWith(".d.ts") ? ts.Extension.Dts : ts.Extension.Ts,
      isExternalLibraryImport: false,
    };
  }

  show(path: string): string {
    return displayPath(path, this.#cwd);
  }

  #addImport(importer: ts.SourceFile, edge: ImportEdge): void {
    const edges = this.imports.get(importer.fileName);
    if (edges === undefined) this.imports.set(importer.fileName, [edge]);
    else edges.push(edge);
  }

  #loadSource(path: string, from?: Span, overlay?: Overlay): ts.SourceFile | undefined {
    const read = readSource(path, this.show(path), from, overlay);
    if ("diagnostic" in read) {
      this.diagnostics.push(read.diagnostic);
      return undefined;
    }
    this.sources.set(path, read.text);
    const parsed = parseSource(path, read.text);
    if ("diagnostic" in parsed) {
      this.diagnostics.push(parsed.diagnostic);
      return undefined;
    }
    return parsed.file;
  }

  #loadLibrary(path: string): ts.SourceFile | undefined {
    const { mtimeMs, size } = statSync(path);
    const version = `${mtimeMs} ${size}`;
    const known = parsedLibrary.get(path);
    if (known?.version === version) {
      this.sources.set(path, known.file.text);
      return known.file;
    }
    const file = this.#loadSource(path);
    if (file !== undefined) parsedLibrary.set(path, { version, file });
    return file;
  }
}

/** `import type`, `export type`, `import("…").T`, and named imports that are all marked `type`. */
function isTypeOnly(literal: ts.StringLiteralLike): boolean {
  const { parent } = literal;
  if (ts.isExportDeclaration(parent)) return parent.isTypeOnly;
  // What remains is `import("…")`, as a type or as a call, which a rule refuses.
  if (!ts.isImportDeclaration(parent)) return true;
  const clause = parent.importClause;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    named.elements.every((element) => element.isTypeOnly)
  );
}

export function isKernelSource(path: string): boolean {
  return basename(path).endsWith(".bpf.ts");
}
