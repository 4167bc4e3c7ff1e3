import { join } from "node:path";
import { noMeaningInKernel, notImported, notInLibrary } from "../../diagnostics/kernel-world.ts";
import { packageRoot } from "../../package-root.ts";
import { ts } from "../typescript.ts";
import { foreignGlobals } from "./globals.ts";
import type { Mistake, Translated } from "./translation.ts";

/** TS2304 and its kin: a name nobody declared. */
export function translateUnknownName(mistake: Mistake): Translated | undefined {
  const { node, span, program } = mistake;
  if (!ts.isIdentifier(node)) return undefined;
  const name = node.text;
  const root = `name ${name}`;
  const instead = foreignGlobals.get(name);
  if (instead !== undefined) {
    return { diagnostic: noMeaningInKernel(span, name, instead === "" ? undefined : instead), root };
  }
  if (libraryExports(program).has(name)) {
    return { diagnostic: { ...notImported(span, name, "tsbpf/stdlib"), fix: importFix(node, name) }, root };
  }
  return undefined;
}

/** TS2305 and TS2724: a name that the imported module does not export. */
export function translateMissingExport({ node, span, error }: Mistake): Translated | undefined {
  const declaration = ts.findAncestor(node, ts.isImportDeclaration);
  const specifier = declaration?.moduleSpecifier;
  if (specifier === undefined || !ts.isStringLiteral(specifier) || !/^tsbpf\//.test(specifier.text)) {
    return undefined;
  }
  const text = ts.flattenDiagnosticMessageText(error.messageText, " ");
  const suggestion = /Did you mean '([^']+)'/.exec(text)?.[1];
  return { diagnostic: notInLibrary(span, node.getText(), specifier.text, suggestion) };
}

function libraryExports(program: ts.Program): ReadonlySet<string> {
  const checker = program.getTypeChecker();
  const library = program.getSourceFile(join(packageRoot, "stdlib", "index.d.ts"));
  const module = library === undefined ? undefined : checker.getSymbolAtLocation(library);
  return new Set(module === undefined ? [] : checker.getExportsOfModule(module).map(({ name }) => name));
}

/** Into the import that is there already, or a new one at the top. */
function importFix(node: ts.Identifier, name: string) {
  const file = node.getSourceFile();
  const title = `import \`${name}\` from "tsbpf/stdlib"`;
  const edit = (at: number, text: string) => ({
    title,
    edits: [{ span: { file: file.fileName, start: at, end: at }, text }],
  });
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (statement.moduleSpecifier.text !== "tsbpf/stdlib" || statement.importClause?.isTypeOnly === true)
      continue;
    const last = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements.at(-1) : undefined;
    if (last !== undefined) return edit(last.end, `, ${name}`);
  }
  const first = file.statements[0]?.getStart(file) ?? 0;
  return edit(first, `import { ${name} } from "tsbpf/stdlib";\n`);
}
