import * as F from "../diagnostics/functions.ts";
import { asyncFunction, generatorFunction } from "../diagnostics/unsupported-syntax.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrFunction, IrLocal, IrMap } from "../ir/module.ts";
import type { BoolType, IntType, RefType } from "../ir/types.ts";
import { lowerStatements } from "./block.ts";
import { FunctionContext } from "./context.ts";
import { newResource } from "./resources.ts";
import { finishResults, type Result, Results } from "./results.ts";
import type { SourceType } from "./value.ts";

export type FunctionLike = ts.FunctionDeclaration | ts.ArrowFunction | ts.FunctionExpression;

/** What a parameter is in one use of the function. */
export type ParameterShape =
  | { readonly kind: "scalar"; readonly type: IntType | BoolType }
  | { readonly kind: "optional"; readonly type: IntType | BoolType }
  | { readonly kind: "reference"; readonly type: RefType; readonly boxed: boolean }
  | { readonly kind: "context"; readonly name: string }
  | { readonly kind: "map"; readonly map: IrMap; readonly className: string };

export interface LoweredFunction {
  readonly function: IrFunction;
  readonly result: Result;
  readonly movesPacket: boolean;
}

/** A function declaration, or a constant that holds an arrow function. */
export function declarationOf(symbol: ts.Symbol): FunctionLike | undefined {
  for (const declaration of symbol.declarations ?? []) {
    if (ts.isFunctionDeclaration(declaration) && declaration.body) return declaration;
    if (ts.isVariableDeclaration(declaration) && declaration.initializer) {
      let initial: ts.Expression = declaration.initializer;
      while (ts.isParenthesizedExpression(initial)) initial = initial.expression;
      if (ts.isArrowFunction(initial) || ts.isFunctionExpression(initial)) return initial;
    }
  }
  return undefined;
}

/**
 * The function for these parameters, lowered at its first use. Where references point to, which map is meant and which program calls
 * are part of the use: the verifier and the checks of packet references need to know.
 */
export function lowerFunction(
  cx: FunctionContext,
  symbol: ts.Symbol,
  declaration: FunctionLike,
  shapes: readonly ParameterShape[],
  typeArguments: ReadonlyMap<ts.Type, SourceType>,
  node: ts.Node,
): LoweredFunction | undefined {
  const { module } = cx;
  const uses = module.uses.get(symbol) ?? new Map<string, LoweredFunction | undefined>();
  module.uses.set(symbol, uses);
  const key = [
    cx.program ?? "",
    ...shapes.map(keyOf),
    ...[...typeArguments.values()].map((type) => ("type" in type ? module.identify(type.type) : type.kind)),
  ].join("|");
  if (uses.has(key)) return uses.get(key);
  if (module.active.includes(symbol)) {
    const cycle = [...module.active.slice(module.active.indexOf(symbol)), symbol].map(({ name }) => name);
    cx.report(F.recursion(cx.span(node), symbol.name, cycle));
    return undefined;
  }
  module.active.push(symbol);
  const lowered = lowerBody(cx, symbol.name, declaration, shapes, typeArguments);
  module.active.pop();
  uses.set(key, lowered);
  return lowered;
}

function keyOf(shape: ParameterShape): string {
  switch (shape.kind) {
    case "scalar":
    case "optional":
      return `${shape.kind} ${ir.typeName(shape.type)}`;
    case "reference":
      return `${ir.typeName(shape.type)} ${shape.type.memory}`;
    case "context":
      return shape.name;
    case "map":
      return shape.map.name;
  }
}

function lowerBody(
  outer: FunctionContext,
  name: string,
  declaration: FunctionLike,
  shapes: readonly ParameterShape[],
  typeArguments: ReadonlyMap<ts.Type, SourceType>,
): LoweredFunction | undefined {
  if (!isPlain(outer, declaration)) return undefined;
  const cx = new FunctionContext(outer.module, { program: outer.program, declaration, typeArguments });
  const declared = declaration.type ? outer.module.types.ofNode(declaration.type, typeArguments) : undefined;
  if (declaration.type && !declared) return undefined;
  const parameters: IrLocal[] = [];
  let complete = true;
  for (const [position, parameter] of declaration.parameters.entries()) {
    const shape = shapes[position];
    if (shape && bindParameter(cx, parameter, shape, parameters)) continue;
    complete = false;
  }
  if (!complete) return undefined;
  const results = new Results(declared, name);
  cx.returns = (at, node, value) => results.add(at, node, value);
  lowerFunctionBody(cx, declaration);
  const finished = finishResults(cx, results, declaration);
  if (!finished) return undefined;
  const lowered: IrFunction = {
    name: outer.module.uniqueFunctionName(name),
    parameters,
    result: finished.type,
    body: [...cx.hoisted, ...cx.statements],
    span: cx.span(declaration),
  };
  outer.module.functions.push(lowered);
  return { function: lowered, result: finished.result, movesPacket: cx.movesPacket !== undefined };
}

/** The statements of a body, or the expression of a short arrow function. */
export function lowerFunctionBody(cx: FunctionContext, declaration: FunctionLike): void {
  const { body } = declaration;
  if (!body) return;
  if (ts.isBlock(body)) {
    lowerStatements(cx, body.statements);
    return;
  }
  cx.returnValue(body, body);
}

export function isPlain(cx: FunctionContext, declaration: FunctionLike): boolean {
  if (declaration.asteriskToken) {
    cx.report(generatorFunction(cx.span(declaration.asteriskToken)));
    return false;
  }
  const async = declaration.modifiers?.find((modifier) => modifier.kind === ts.SyntaxKind.AsyncKeyword);
  if (async) {
    cx.report(asyncFunction(cx.span(async)));
    return false;
  }
  const rest = declaration.parameters.find((parameter) => parameter.dotDotDotToken);
  if (rest) {
    cx.report(F.restParameter(cx.span(rest)));
    return false;
  }
  if (declaration.type && ts.isTypePredicateNode(declaration.type)) {
    cx.report(F.typePredicate(cx.span(declaration.type)));
    return false;
  }
  return true;
}

function bindParameter(
  cx: FunctionContext,
  parameter: ts.ParameterDeclaration,
  shape: ParameterShape,
  parameters: IrLocal[],
): boolean {
  const span = cx.span(parameter);
  if (!ts.isIdentifier(parameter.name)) {
    cx.report(F.destructuredParameter(cx.span(parameter.name)));
    return false;
  }
  const symbol = cx.checker.getSymbolAtLocation(parameter.name);
  if (!symbol) return false;
  const name = parameter.name.text;
  const add = (type: IrLocal["type"], as = name): IrLocal => {
    const local = cx.local(as, type, span);
    parameters.push(local);
    return local;
  };
  switch (shape.kind) {
    case "scalar":
      cx.bindings.set(symbol, { kind: "scalar", local: add(shape.type) });
      return true;
    case "optional":
      cx.bindings.set(symbol, {
        kind: "optional",
        present: add(ir.bool, `${name}_present`),
        value: add(shape.type),
      });
      return true;
    case "reference": {
      const local = add(shape.type);
      const { memory } = shape.type;
      const owners = memory === "packet" ? [newResource(cx, "packet", name, span)] : [];
      cx.flow.setOwners(local, owners);
      cx.bindings.set(symbol, {
        kind: "reference",
        local,
        boxed: shape.boxed,
        provenance: { memory, region: 0, owners },
      });
      return true;
    }
    case "context": {
      const local = add({ kind: "context", name: shape.name });
      cx.bindings.set(symbol, {
        kind: "alias",
        value: { kind: "context", expression: ir.loadLocal(local, span), name: shape.name },
      });
      return true;
    }
    case "map":
      cx.bindings.set(symbol, {
        kind: "alias",
        value: { kind: "map", map: shape.map, className: shape.className },
      });
      return true;
  }
}
