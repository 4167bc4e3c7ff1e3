import * as G from "../diagnostics/globals.ts";
import { ts } from "../frontend/typescript.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { IrGlobal } from "../ir/module.ts";
import type { ArrayType, BoolType, IntType, StructType } from "../ir/types.ts";
import { settle, toValue } from "./coerce.ts";
import { FunctionContext, type ModuleContext } from "./context.ts";
import { libraryName, resolveAlias } from "./library.ts";
import { zeroOf } from "./results.ts";
import { failed, type SourceType, type Value } from "./value.ts";

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
  const value = cx.expression(initializer, declared as SourceType | undefined);
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
