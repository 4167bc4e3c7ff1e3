import { isLibrary } from "../frontend/source-graph.ts";
import { ts } from "../frontend/typescript.ts";

/**
 * The qualified name of something that the standard library *declares* (`htons`, `atomics.add`, `HashMap`); undefined for the program's own
 * and for library functions written in the language itself.
 */
export function libraryName(symbol: ts.Symbol): string | undefined {
  const [declaration] = symbol.declarations ?? [];
  if (!declaration) return undefined;
  const file = declaration.getSourceFile();
  if (!file.isDeclarationFile || !isLibrary(file.fileName)) return undefined;
  const names = [symbol.name];
  for (let node = declaration.parent; node !== undefined; node = node.parent) {
    if (ts.isModuleDeclaration(node)) names.unshift(node.name.text);
  }
  return names.join(".");
}

/** What a name stands for, through imports and re-exports. */
export function resolveAlias(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** What the standard library's declarations export, by name. */
export function exportsOfLibrary(
  program: ts.Program,
  checker: ts.TypeChecker,
): ReadonlyMap<string, ts.Symbol> {
  const found = new Map<string, ts.Symbol>();
  for (const file of program.getSourceFiles()) {
    const module = isLibrary(file.fileName) && file.isDeclarationFile && checker.getSymbolAtLocation(file);
    if (!module) continue;
    for (const symbol of checker.getExportsOfModule(module)) {
      found.set(symbol.name, resolveAlias(checker, symbol));
    }
  }
  return found;
}
