import type { Diagnostic, Span } from "../diagnostics/diagnostic.ts";
import { programParameters, programWithoutReturn, wrongReturn } from "../diagnostics/program-shape.ts";
import * as P from "../diagnostics/programs.ts";
import { spanOf } from "../frontend/span.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrExpression } from "../ir/expressions.ts";
import type { IrFunction } from "../ir/module.ts";
import { type ProgramKind, programKind } from "../kernel/programs.ts";
import { describe, read, scalarOrLiteral, toScalar } from "./coerce.ts";
import { FunctionContext, type ModuleContext } from "./context.ts";
import { belongsTo } from "./enums.ts";
import { declarationOf, type FunctionLike, isPlain, lowerFunctionBody } from "./functions.ts";
import { libraryName, resolveAlias } from "./library.ts";
import { fillUnreachable } from "./results.ts";

/** The kind of program that a call makes, of the standard library's constructors. */
export function programKindOf(module: ModuleContext, node: ts.Expression): ProgramKind | undefined {
  if (ts.isParenthesizedExpression(node)) return programKindOf(module, node.expression);
  if (!ts.isCallExpression(node)) return undefined;
  const callee = node.expression;
  const name = ts.isPropertyAccessExpression(callee) ? callee.name : callee;
  const symbol = module.checker.getSymbolAtLocation(name);
  const library = symbol && libraryName(resolveAlias(module.checker, symbol));
  return library === undefined ? undefined : programKind(library);
}

/** `export const name = kind((ctx) => …)` */
export function lowerProgram(module: ModuleContext, name: string, declaration: ts.VariableDeclaration): void {
  const { initializer } = declaration;
  const kind = initializer && programKindOf(module, initializer);
  let call = initializer;
  while (call && ts.isParenthesizedExpression(call)) call = call.expression;
  if (!kind || !call || !ts.isCallExpression(call)) return;
  const body = programBody(module, call);
  if (!body) return;
  const span = spanOf(declaration.name);
  const cx = new FunctionContext(module, { program: kind.name, declaration: body });
  if (!isPlain(cx, body)) return;
  const context = cx.local("ctx", { kind: "context", name: kind.context }, span);
  const [parameter, extra] = body.parameters;
  if (extra) {
    module.report(programParameters(spanOf(extra), kind.name));
    return;
  }
  if (parameter && !bindContext(cx, parameter, context, kind)) return;
  cx.returns = (at, node, value) => lowerResult(at, kind, node, value);
  lowerFunctionBody(cx, body);
  if (cx.flow.reachable) endProgram(cx, kind, body);
  fillUnreachable(cx, ir.i32);
  const lowered: IrFunction = {
    name: module.uniqueFunctionName(name),
    parameters: [context],
    result: ir.i32,
    body: [...cx.hoisted, ...cx.statements],
    span: spanOf(body),
  };
  module.programs.push({ name, kind: kind.name, section: kind.section, function: lowered, span });
}

function programBody(module: ModuleContext, call: ts.CallExpression): FunctionLike | undefined {
  let [argument] = call.arguments;
  while (argument && ts.isParenthesizedExpression(argument)) argument = argument.expression;
  if (argument && (ts.isArrowFunction(argument) || ts.isFunctionExpression(argument))) return argument;
  const symbol = argument && module.checker.getSymbolAtLocation(argument);
  const named = symbol && declarationOf(resolveAlias(module.checker, symbol));
  if (!named) module.report(P.programFunction(spanOf(argument ?? call)));
  return named;
}

function bindContext(
  cx: FunctionContext,
  parameter: ts.ParameterDeclaration,
  context: ReturnType<FunctionContext["local"]>,
  kind: ProgramKind,
): boolean {
  const symbol = ts.isIdentifier(parameter.name) && cx.checker.getSymbolAtLocation(parameter.name);
  if (!symbol) {
    cx.report(P.destructuredContext(cx.span(parameter.name)));
    return false;
  }
  const expression = ir.loadLocal(context, cx.span(parameter));
  cx.bindings.set(symbol, { kind: "alias", value: { kind: "context", expression, name: kind.context } });
  return true;
}

/** The number that the kernel gets for what the program returns. */
function lowerResult(
  cx: FunctionContext,
  kind: ProgramKind,
  node: ts.Node,
  expression: ts.Expression | undefined,
): void {
  const span = cx.span(node);
  const give = (value: IrExpression | undefined) => {
    cx.flow.reachable = false;
    if (value) cx.emit({ op: "return", value, span });
    else cx.lost(node);
  };
  const rule = kind.result;
  if (rule.kind === "void") {
    // A short arrow function may call something: what it gives is dropped.
    const value = expression && cx.expression(expression);
    if (value && value.kind !== "nothing" && value.kind !== "undefined" && value.kind !== "error") {
      if (!ts.isExpression(node))
        cx.report(wrongReturn(cx.span(expression), kind.name, "void", describe(value), []));
    }
    give(ir.constant(ir.i32, BigInt(rule.value), span));
    return;
  }
  if (!expression) {
    cx.report(programWithoutReturn(span, kind.name, ...wanted(cx, kind)));
    cx.flow.reachable = false;
    return;
  }
  const at = cx.span(expression);
  const value = read(cx, cx.expression(expression), at);
  switch (rule.kind) {
    case "boolean": {
      if (value.kind === "scalar" && value.type.kind === "bool") {
        give(ir.convert(value.expression, ir.i32));
        return;
      }
      if (value.kind !== "error") cx.report(refused(cx, kind, describe(value), at));
      break;
    }
    case "enum": {
      give(enumResult(cx, kind, rule.name, value, expression));
      break;
    }
    case "length": {
      const number = scalarOrLiteral(cx, value, at);
      if (!number) break;
      if (number.kind === "scalar" && number.type.kind === "int" && number.type.bits <= 32) {
        give(ir.convert(number.expression, ir.i32));
        return;
      }
      if (number.kind === "literal") give(toScalar(cx, number, ir.i32, at));
      else cx.report(refused(cx, kind, describe(number), at));
      break;
    }
  }
  cx.flow.reachable = false;
}

function enumResult(
  cx: FunctionContext,
  kind: ProgramKind,
  name: string,
  value: ReturnType<typeof read>,
  node: ts.Expression,
): IrExpression | undefined {
  const at = cx.span(node);
  const expected = cx.module.libraryEnum(name);
  if (value.kind === "error" || !expected) return undefined;
  if (value.kind === "scalar" && value.type.kind === "int") {
    const { expression, type } = value;
    if (expression.op === "constant" && type.enum === expected && !belongsTo(expected, expression.value)) {
      cx.report(refused(cx, kind, `${expression.value}`, at));
      return undefined;
    }
    if (type.enum === expected) return ir.convert(expression, ir.i32);
  }
  cx.report(refused(cx, kind, describe(value), at));
  return undefined;
}

/** The result's type and what it may be, as diagnostics say it. */
function wanted(cx: FunctionContext, { result }: ProgramKind): [type: string, values: readonly string[]] {
  switch (result.kind) {
    case "void":
      return ["void", []];
    case "boolean":
      return ["boolean", ["true", "false"]];
    case "enum": {
      const { members = [] } = cx.module.libraryEnum(result.name) ?? {};
      return [result.name, members.map(({ name }) => `${result.name}.${name}`)];
    }
    case "length":
      return ["i32", []];
  }
}

function refused(cx: FunctionContext, kind: ProgramKind, found: string, span: Span): Diagnostic {
  const [required, values] = wanted(cx, kind);
  return wrongReturn(span, kind.name, required, found, values);
}

/** The end of the body without a `return`. */
function endProgram(cx: FunctionContext, kind: ProgramKind, body: FunctionLike): void {
  const span = cx.span(body);
  if (kind.result.kind === "void") {
    cx.emit({ op: "return", value: ir.constant(ir.i32, BigInt(kind.result.value), span), span });
    return;
  }
  // TypeScript reports a path without a result; one that it shows to be impossible still needs an end.
  cx.emit({ op: "return", value: ir.constant(ir.i32, 0n, span), span });
}
