import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { importCycle, importNotFound, referenceDirective } from "../diagnostics/modules.ts";
import { checkPlainModule } from "./plain-module.ts";
import type { ImportEdge, SourceGraph } from "./source-graph.ts";
import { isKernelSource } from "./source-graph.ts";
import { spanOf } from "./span.ts";
import { ts } from "./typescript.ts";

/** What is wrong between files rather than inside one. */
export function checkModules(graph: SourceGraph, files: readonly ts.SourceFile[]): Diagnostic[] {
  return [
    ...findCycles(graph, files),
    ...files.flatMap(checkReferences),
    ...files.flatMap(checkEmptySpecifiers),
    ...files
      .filter((file) => !isKernelSource(file.fileName))
      .flatMap((file) => checkPlainModule(file, graph)),
  ];
}

/** One diagnostic per cycle, at the import that closes it when files are visited in the order of imports. */
function findCycles(graph: SourceGraph, files: readonly ts.SourceFile[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  const done = new Set<string>();
  for (const { fileName } of files) {
    // Depth first without recursion: a chain of imports may be long.
    const path: { file: string; edges: Iterator<ImportEdge> }[] = [];
    const enter = (file: string) =>
      path.push({ file, edges: (graph.imports.get(file) ?? [])[Symbol.iterator]() });
    if (!done.has(fileName)) enter(fileName);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.edges.next();
      if (next.done === true) {
        done.add(top.file);
        path.pop();
        continue;
      }
      const { target, span, typeOnly } = next.value;
      if (typeOnly || done.has(target)) continue;
      const start = path.findIndex(({ file }) => file === target);
      if (start < 0) {
        enter(target);
        continue;
      }
      const cycle = [...path.slice(start).map(({ file }) => file), target];
      found.push(
        importCycle(
          span,
          cycle.map((file) => graph.show(file)),
        ),
      );
    }
  }
  return found;
}

function checkReferences(file: ts.SourceFile): Diagnostic[] {
  const references = [
    ...file.referencedFiles,
    ...file.typeReferenceDirectives,
    ...file.libReferenceDirectives,
  ];
  return references.map(({ pos, end }) => referenceDirective({ file: file.fileName, start: pos, end }));
}

/** TypeScript does not ask where `""` leads. */
function checkEmptySpecifiers(file: ts.SourceFile): Diagnostic[] {
  return file.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const { moduleSpecifier } = statement;
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier) || moduleSpecifier.text !== "")
      return [];
    return [importNotFound(spanOf(moduleSpecifier, file), "")];
  });
}
