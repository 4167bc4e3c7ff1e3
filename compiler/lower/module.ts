import * as C from "../diagnostics/constructs.ts";
import * as G from "../diagnostics/globals.ts";
import * as P from "../diagnostics/programs.ts";
import { varDeclaration } from "../diagnostics/unsupported-syntax.ts";
import { isLibrary } from "../frontend/source-graph.ts";
import { spanOf } from "../frontend/span.ts";
import { ts } from "../frontend/typescript.ts";
import type { IrMap } from "../ir/module.ts";
import { FunctionContext, type ModuleContext } from "./context.ts";
import { isConstantCall, lowerGlobal } from "./globals.ts";
import { resolveAlias } from "./library.ts";
import { lowerMap, mapClassOf } from "./maps.ts";
import { isMinKernelCall } from "./min-kernel.ts";
import { moduleConstant } from "./module-constant.ts";
import { lowerProgram, programKindOf } from "./programs.ts";
import { syntaxName, unsupportedHelp } from "./unsupported.ts";

/** The entry file's exports: programs, and the maps and globals that user space reaches by name. */
export function lowerEntry(module: ModuleContext): void {
  const { checker, input } = module;
  const entry = checker.getSymbolAtLocation(input.entry);
  const programs = new Map<string, { name: string; declaration: ts.VariableDeclaration; at: ts.Node }>();
  for (const exported of entry ? checker.getExportsOfModule(entry) : []) {
    const symbol = resolveAlias(checker, exported);
    const declaration = symbol.valueDeclaration;
    if (!declaration || !ts.isVariableDeclaration(declaration)) continue;
    lowerExport(module, exported, symbol, declaration, programs);
  }
  for (const { name, declaration } of inOrder(programs)) lowerProgram(module, name, declaration);
  reportUnexported(module, new Set([...programs.values()].map(({ declaration }) => declaration)));
  if (programs.size === 0) {
    module.report(P.noProgram({ file: input.entry.fileName, start: 0, end: 0 }));
  }
  reportCollisions(module);
}

function inOrder<T extends { readonly declaration: ts.Node }>(found: ReadonlyMap<string, T>): T[] {
  return [...found.values()].sort((a, b) => {
    const [one, other] = [spanOf(a.declaration), spanOf(b.declaration)];
    return one.file === other.file ? one.start - other.start : one.file < other.file ? -1 : 1;
  });
}

function lowerExport(
  module: ModuleContext,
  exported: ts.Symbol,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration,
  programs: Map<string, { name: string; declaration: ts.VariableDeclaration; at: ts.Node }>,
): void {
  const { initializer } = declaration;
  const name = exported.name;
  if (initializer && programKindOf(module, initializer)) {
    const isConst = (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
    if (!isConst) module.report(P.programNotConstant(spanOf(declaration.name), name));
    else if (name === "default") module.report(P.defaultProgram(spanOf(declaration.name)));
    else programs.set(name, { name, declaration, at: declaration.name });
  } else if (initializer && mapClassOf(module, initializer)) {
    lowerMap(module, symbol, declaration);
  } else if (initializer && isConstantCall(module, initializer)) {
    lowerGlobal(module, symbol, declaration, declaration.name);
  } else if (isLet(declaration) && !declaration.getSourceFile().isDeclarationFile) {
    lowerGlobal(module, symbol, declaration, declaration.name);
  }
}

function isLet(declaration: ts.VariableDeclaration): boolean {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Let) !== 0;
}

/** A program that is not exported is in no object: most likely a forgotten `export`. */
function reportUnexported(module: ModuleContext, exported: ReadonlySet<ts.VariableDeclaration>): void {
  for (const statement of module.input.entry.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const declaration of statement.declarationList.declarations) {
      const { initializer } = declaration;
      if (!initializer || exported.has(declaration) || isLet(declaration)) continue;
      if (!programKindOf(module, initializer)) continue;
      module.report(P.programNotExported(spanOf(declaration.name), declaration.name.getText()));
    }
  }
}

/** BPF_OBJ_NAME_LEN (include/uapi/linux/bpf.h) is 16, with the NUL. */
const nameLength = 15;

function reportCollisions(module: ModuleContext): void {
  const maps = [...module.maps.values()].flatMap((found): IrMap[] => (found ? [found.map] : []));
  for (const [what, named] of [
    ["programs", module.programs],
    ["maps", maps],
  ] as const) {
    const seen = new Map<string, { readonly name: string; readonly span: (typeof named)[0]["span"] }>();
    for (const one of named) {
      const cut = one.name.slice(0, nameLength);
      const other = seen.get(cut);
      if (other) module.report(P.nameCollision(one.span, what, one.name, other.name, cut, other.span));
      else seen.set(cut, one);
    }
  }
}

/** What the program's own files hold at their top level beside declarations that are lowered where they are used. */
export function checkTopLevel(module: ModuleContext): void {
  for (const file of module.input.program.getSourceFiles()) {
    if (isLibrary(file.fileName) || file.isDeclarationFile) continue;
    for (const statement of file.statements) checkStatement(module, statement);
  }
}

function checkStatement(module: ModuleContext, node: ts.Statement): void {
  const K = ts.SyntaxKind;
  switch (node.kind) {
    case K.ImportDeclaration:
    case K.ExportDeclaration:
    case K.InterfaceDeclaration:
    case K.TypeAliasDeclaration:
    case K.EmptyStatement:
      return;
    case K.FunctionDeclaration:
      return;
    case K.EnumDeclaration: {
      const symbol = module.checker.getSymbolAtLocation((node as ts.EnumDeclaration).name);
      if (symbol) module.types.enums.of(symbol);
      return;
    }
    case K.VariableStatement:
      for (const declaration of (node as ts.VariableStatement).declarationList.declarations) {
        checkVariable(module, declaration);
      }
      return;
    case K.ExportAssignment:
      module.report(C.unsupported(spanOf(node), "a default export", "export a constant by its name"));
      return;
    case K.ExpressionStatement:
      if (isMinKernelCall(module.checker, (node as ts.ExpressionStatement).expression)) return;
      module.report(G.codeAtTopLevel(spanOf(node)));
      return;
    case K.IfStatement:
    case K.Block:
    case K.ForStatement:
    case K.ForOfStatement:
    case K.WhileStatement:
    case K.DoStatement:
    case K.SwitchStatement:
    case K.LabeledStatement:
      module.report(G.codeAtTopLevel(spanOf(node)));
      return;
    default:
      module.report(C.unsupported(spanOf(node), syntaxName(node.kind), unsupportedHelp(node.kind)));
  }
}

/** Maps, globals and constants that nothing uses are checked all the same; only what is used or exported is made. */
function checkVariable(module: ModuleContext, declaration: ts.VariableDeclaration): void {
  const { name, initializer } = declaration;
  const cx = new FunctionContext(module, { constantOnly: true });
  if (!ts.isIdentifier(name)) {
    module.report(C.unsupported(cx.span(name), "destructuring", "declare each name on its own"));
    return;
  }
  const flags = ts.getCombinedNodeFlags(declaration);
  if ((flags & ts.NodeFlags.BlockScoped) === 0) {
    module.report(varDeclaration(cx.span(declaration)));
    return;
  }
  const symbol = module.checker.getSymbolAtLocation(name);
  if (!symbol || !initializer) return;
  if (programKindOf(module, initializer) || mapClassOf(module, initializer)) return;
  if (isConstantCall(module, initializer) || (flags & ts.NodeFlags.Const) === 0) return;
  let inner: ts.Expression = initializer;
  while (ts.isParenthesizedExpression(inner)) inner = inner.expression;
  if (ts.isArrowFunction(inner) || ts.isFunctionExpression(inner)) return;
  moduleConstant(module, symbol, declaration, name);
}
