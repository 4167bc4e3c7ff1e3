import * as C from "../diagnostics/constructs.ts";
import * as F from "../diagnostics/functions.ts";
import { ts } from "../frontend/typescript.ts";
import type { FunctionContext } from "./context.ts";
import { constantOf } from "./enums.ts";
import { declarationOf } from "./functions.ts";
import { isConstantCall, lowerGlobal } from "./globals.ts";
import { poison } from "./identifier.ts";
import { libraryName } from "./library.ts";
import { literal } from "./literals.ts";
import { lowerMap, mapClassOf } from "./maps.ts";
import { moduleConstant } from "./module-constant.ts";
import { programKindOf } from "./programs.ts";
import { failed, type Value } from "./value.ts";

/** What a name that is no local stands for: a map, a global, a constant, a function, an enum, or something of the library. */
export function lowerEntity(cx: FunctionContext, symbol: ts.Symbol, node: ts.Node): Value {
  const library = libraryName(symbol);
  if (library !== undefined) return libraryEntity(cx, symbol, library, node);
  if (symbol.flags & ts.SymbolFlags.EnumMember) {
    const member = cx.module.types.enums.member(symbol);
    return member ? literal(member.value, "number") : poison(cx, node);
  }
  if (symbol.flags & ts.SymbolFlags.Enum) {
    const type = cx.module.types.enums.of(symbol);
    return type?.enum ? { kind: "enum", type, enum: type.enum } : poison(cx, node);
  }
  const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0];
  if (!declaration) return poison(cx, node);
  if (ts.isFunctionDeclaration(declaration)) {
    // One inside another function is as one of the module's: what it captures is reported where it is used.
    return { kind: "function", symbol };
  }
  if (ts.isVariableDeclaration(declaration)) return variable(cx, symbol, declaration, node);
  if (ts.isParameter(declaration) || ts.isBindingElement(declaration)) {
    const inDefault =
      ts.isParameter(declaration) && declaration.parent.parameters.some((each) => contains(each, node));
    cx.report((inDefault ? F.defaultFromParameter : F.capture)(cx.span(node), symbol.name));
    return failed;
  }
  if (ts.isClassLike(declaration)) {
    cx.report(
      C.unsupported(cx.span(node), "a class", "use an interface for the data and functions for the rest"),
    );
    return failed;
  }
  if (symbol.flags & ts.SymbolFlags.Module) {
    cx.report(C.notAValue(cx.span(node), symbol.name));
    return failed;
  }
  cx.report(C.notAValue(cx.span(node), symbol.name));
  return failed;
}

function libraryEntity(cx: FunctionContext, symbol: ts.Symbol, name: string, node: ts.Node): Value {
  if (symbol.flags & ts.SymbolFlags.Enum) {
    const type = cx.module.types.enums.of(symbol);
    return type?.enum ? { kind: "enum", type, enum: type.enum } : poison(cx, node);
  }
  if (symbol.flags & ts.SymbolFlags.EnumMember) {
    const member = cx.module.types.enums.member(symbol);
    const known = member && constantOf(literal(member.value, "number"));
    return known === undefined ? poison(cx, node) : literal(known, "number");
  }
  return { kind: "builtin", name };
}

function isModuleVariable(declaration: ts.VariableDeclaration): boolean {
  const statement = declaration.parent.parent;
  return ts.isVariableStatement(statement) && ts.isSourceFile(statement.parent);
}

function variable(
  cx: FunctionContext,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration,
  node: ts.Node,
): Value {
  if (declarationOf(symbol) && ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) {
    return { kind: "function", symbol };
  }
  if (!isModuleVariable(declaration)) {
    const inside = cx.declaration && contains(cx.declaration, declaration);
    cx.report(
      inside ? C.usedOutsideItsCase(cx.span(node), symbol.name) : F.capture(cx.span(node), symbol.name),
    );
    return failed;
  }
  if (!ts.isIdentifier(declaration.name)) {
    cx.report(C.unsupported(cx.span(declaration.name), "destructuring", "declare each name on its own"));
    return failed;
  }
  const { initializer } = declaration;
  const isConst = (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
  if (initializer && mapClassOf(cx.module, initializer)) {
    const found = lowerMap(cx.module, symbol, declaration);
    return found ? { kind: "map", ...found } : failed;
  }
  if (initializer && programKindOf(cx.module, initializer)) return { kind: "program", name: symbol.name };
  if (!isConst || (initializer && isConstantCall(cx.module, initializer))) {
    return lowerGlobal(cx.module, symbol, declaration, node);
  }
  return moduleConstant(cx.module, symbol, declaration, node);
}

function contains(outer: ts.Node, inner: ts.Node): boolean {
  for (let node: ts.Node | undefined = inner; node; node = node.parent) if (node === outer) return true;
  return false;
}
