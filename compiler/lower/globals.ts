import * as G from "../diagnostics/globals.ts";
import { ts } from "../frontend/typescript.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { IrGlobal } from "../ir/module.ts";
import type { ArrayType, BoolType, IntType, StructType } from "../ir/types.ts";
import { settle, toValue } from "./coerce.ts";
import { FunctionContext, type ModuleContext } from "./context.ts";
import { libraryName, resolveAlias } from "./library.ts";
import { objectLiteral } from "./object-literal.ts";
import { zeroOf } from "./results.ts";
import { failed, type Value } from "./value.ts";

type GlobalType = IntType | BoolType | StructType | ArrayType;

/** `export let n: u32 = 0` or `export const cfg = constant<T>(…)`, as a value at `at`. */
export function lowerGlobal(
  module: ModuleContext,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration,
  at: ts.Node,
): Value {
  if (!module.globals.has(symbol)) {
    module.globals.set(symbol, undefined);
    module.globals.set(symbol, define(module, symbol, declaration));
  }
  const global = module.globals.get(symbol);
  if (!global) return failed;
  const span = new FunctionContext(module).span(at);
  return {
    kind: "place",
    place: { place: "global", type: global.type, global, span },
    readonly: global.constant,
    provenance: { memory: "global", region: 0, owners: [] },
  };
}

export function defineGlobal(
  module: ModuleContext,
  symbol: ts.Symbol,
  type: GlobalType,
  initial: IrExpression,
  constant: boolean,
  span: IrGlobal["span"],
): IrGlobal {
  const global: IrGlobal = { name: module.uniqueGlobalName(symbol.name), type, constant, initial, span };
  module.globals.set(symbol, global);
  return global;
}

function define(
  module: ModuleContext,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration,
): IrGlobal | undefined {
  const cx = new FunctionContext(module, { constantOnly: true });
  const call = declaration.initializer && constantCall(module, declaration.initializer);
  const initializer = call ? call.arguments[0] : declaration.initializer;
  const typeNode = call?.typeArguments?.[0] ?? declaration.type;
  const declared = typeNode && module.types.ofNode(typeNode);
  if (typeNode && !declared) return undefined;
  if (declared && declared.kind !== "value") {
    module.report(G.globalType(cx.span(typeNode), symbol.name));
    return undefined;
  }
  const span = cx.span(declaration.name);
  if (!initializer) {
    if (!declared) {
      module.report(G.untypedGlobal(span, symbol.name));
      return undefined;
    }
    return finish(module, symbol, declared.type, zeroOf(declared.type, span), false, span);
  }
  const value =
    call && !declared && ts.isObjectLiteralExpression(initializer)
      ? inferredStruct(cx, symbol.name, initializer)
      : cx.expression(initializer, declared);
  if (value.kind === "error") return undefined;
  let type: GlobalType;
  let initial: IrExpression | undefined;
  if (declared) {
    type = declared.type;
    initial = toValue(cx, value, type, cx.span(initializer));
  } else {
    const settled = value.kind === "literal" ? settle(cx, value, cx.span(initializer)) : value;
    if (settled?.kind !== "scalar" && settled?.kind !== "aggregate") {
      module.report(G.untypedGlobal(span, symbol.name));
      return undefined;
    }
    type = settled.type;
    initial = settled.expression;
  }
  if (!initial) return undefined;
  if (!isConstantExpression(initial)) {
    module.report(G.notConstant(cx.span(initializer), symbol.name));
    return undefined;
  }
  return finish(module, symbol, type, initial, call !== undefined, span);
}

function finish(
  module: ModuleContext,
  symbol: ts.Symbol,
  type: GlobalType,
  initial: IrExpression,
  constant: boolean,
  span: IrGlobal["span"],
): IrGlobal {
  return { name: module.uniqueGlobalName(symbol.name), type, constant, initial, span };
}

/** `constant({ enforce: true })`: a struct of what the fields are. */
function inferredStruct(cx: FunctionContext, name: string, node: ts.ObjectLiteralExpression): Value {
  const members: { name: string; type: GlobalType }[] = [];
  for (const property of node.properties) {
    const initial = ts.isPropertyAssignment(property) ? property.initializer : undefined;
    const raw = initial && ts.isIdentifier(property.name as ts.Node) ? cx.expression(initial) : undefined;
    const value = raw?.kind === "literal" && initial ? settle(cx, raw, cx.span(initial)) : raw;
    if (value?.kind !== "scalar" && value?.kind !== "aggregate") {
      if (value?.kind !== "error") cx.report(G.untypedGlobal(cx.span(property), name));
      return failed;
    }
    members.push({ name: (property.name as ts.Identifier).text, type: value.type });
  }
  if (members.length === 0) {
    cx.report(G.untypedGlobal(cx.span(node), name));
    return failed;
  }
  return objectLiteral(cx, node, cx.module.types.structs.synthesize(name, members), false);
}

/** `constant<T>(…)` of the standard library. */
function constantCall(module: ModuleContext, node: ts.Expression): ts.CallExpression | undefined {
  if (ts.isParenthesizedExpression(node)) return constantCall(module, node.expression);
  if (!ts.isCallExpression(node)) return undefined;
  const symbol = module.checker.getSymbolAtLocation(node.expression);
  return symbol && libraryName(resolveAlias(module.checker, symbol)) === "constant" ? node : undefined;
}

export function isConstantCall(module: ModuleContext, node: ts.Expression): boolean {
  return constantCall(module, node) !== undefined;
}

/** Known when the object is made: constants, and structs and arrays of them. */
export function isConstantExpression(expression: IrExpression): boolean {
  switch (expression.op) {
    case "constant":
      return true;
    case "struct":
      return (
        expression.fields.every(({ value }) => isConstantExpression(value)) &&
        (!expression.base || isConstantExpression(expression.base))
      );
    case "array":
      return expression.elements.every(isConstantExpression);
    case "load":
      // A module constant that is read-only data: its initial value is what would be read, but user space may set it before load.
      return false;
    default:
      return false;
  }
}
