import { isLibrary, type SourceGraph } from "./source-graph.ts";
import { ts } from "./typescript.ts";

/** The same as `tsconfig.bpf.json`, which is what editors use. */
export const languageOptions: ts.CompilerOptions = {
  noLib: true,
  types: [],
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  allowImportingTsExtensions: true,
  isolatedModules: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true,
};

/** Shows TypeScript the files of the graph and nothing else: no file system, no library, no `@types`. */
export function createHost(graph: SourceGraph, cwd: string): ts.CompilerHost {
  return {
    getSourceFile: (path) => (isLibrary(path) ? graph.load(path) : graph.get(path)),
    fileExists: (path) => graph.get(path) !== undefined,
    readFile: (path) => graph.sources.get(path),
    resolveModuleNameLiterals: (literals, _path, _redirected, _options, importer) =>
      literals.map((literal) => ({ resolvedModule: graph.resolve(literal, importer) })),
    resolveTypeReferenceDirectiveReferences: (references) =>
      references.map(() => ({ resolvedTypeReferenceDirective: undefined })),
    getDefaultLibFileName: () => "",
    getCurrentDirectory: () => cwd,
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    writeFile: () => {},
  };
}
