import * as C from "../diagnostics/constructs.ts";
import * as R from "../diagnostics/disposables.ts";
import * as D from "../diagnostics/types.ts";
import { varDeclaration } from "../diagnostics/unsupported-syntax.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { RefType } from "../ir/types.ts";
import { describe, read, settle, toPlace, toScalar, toValue } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { declarationOf } from "./functions.ts";
import { isReassigned } from "./mutation.ts";
import { optionalParts, toReference } from "./rebind.ts";
import { useOwners } from "./resources.ts";
import type { SourceType, Value } from "./value.ts";

/** `const`, `let` and `using` inside a function. */
export function lowerVariableStatement(cx: FunctionContext, node: ts.VariableStatement): void {
  const declare = node.modifiers?.find((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword);
  if (declare) {
    cx.report(C.unsupported(cx.span(declare), "declare", "declare what exists: every variable has a value"));
    return;
  }
  lowerDeclarations(cx, node.declarationList);
}

export function lowerDeclarations(cx: FunctionContext, list: ts.VariableDeclarationList): void {
  const scoped = list.flags & ts.NodeFlags.BlockScoped;
  if (scoped === 0) {
    cx.report(varDeclaration(cx.span(list)));
    return;
  }
  if (scoped === ts.NodeFlags.Using || scoped === ts.NodeFlags.AwaitUsing) {
    cx.report(R.misplacedUsing(cx.span(list)));
    return;
  }
  for (const declaration of list.declarations) lowerVariable(cx, declaration);
}

function lowerVariable(cx: FunctionContext, declaration: ts.VariableDeclaration): void {
  const { name, initializer } = declaration;
  if (!ts.isIdentifier(name)) {
    cx.report(
      C.unsupported(cx.span(name), "destructuring", "declare each name on its own: `const port = key.port;`"),
    );
    if (initializer) cx.visit(initializer);
    forget(cx, name);
    return;
  }
  const symbol = cx.checker.getSymbolAtLocation(name);
  if (!symbol || declarationOf(symbol)) return;
  const declared = declaration.type && cx.module.types.ofNode(declaration.type, cx.typeArguments);
  const bad = { kind: "alias", value: { kind: "error" } } as const;
  if (declaration.type && (!declared || declared.kind === "void")) {
    if (declared) cx.report(D.unsupportedType(cx.span(declaration.type), declaration.type.getText()));
    cx.bindings.set(symbol, bad);
    return;
  }
  const value: Value = initializer ? cx.expression(initializer, declared) : { kind: "undefined" };
  const bound = bind(cx, name, symbol, value, declared, declaration);
  if (bound) return;
  cx.lost(declaration);
  cx.bindings.set(symbol, bad);
}

/** Names whose value is lost: uses of them stay silent. */
function forget(cx: FunctionContext, pattern: ts.BindingPattern): void {
  for (const element of pattern.elements) {
    if (ts.isOmittedExpression(element)) continue;
    if (!ts.isIdentifier(element.name)) {
      forget(cx, element.name);
      continue;
    }
    const symbol = cx.checker.getSymbolAtLocation(element.name);
    if (symbol) cx.bindings.set(symbol, { kind: "alias", value: { kind: "error" } });
  }
}

function bind(
  cx: FunctionContext,
  name: ts.Identifier,
  symbol: ts.Symbol,
  raw: Value,
  declared: SourceType | undefined,
  declaration: ts.VariableDeclaration,
): boolean {
  if (raw.kind === "error") return false;
  const node = declaration.initializer ?? name;
  const span = cx.span(node);
  if (declared) return bindDeclared(cx, name, symbol, raw, declared, declaration);
  const value = read(cx, raw, span);
  switch (value.kind) {
    case "literal": {
      if (!isReassigned(cx, symbol)) {
        cx.bindings.set(symbol, { kind: "alias", value });
        return true;
      }
      const settled = settle(cx, value, span);
      return settled !== undefined && bindScalar(cx, name, symbol, settled);
    }
    case "scalar":
      return bindScalar(cx, name, symbol, value);
    case "optional":
      return bindOptional(cx, name, symbol, value, value.type, node);
    case "aggregate":
      return bindStruct(cx, name, symbol, value, ir.refTo(value.type, "stack"), node);
    case "place": {
      const { type } = value.place;
      return bindStruct(cx, name, symbol, value, ir.refTo(type, value.provenance.memory, value), node);
    }
    case "reference":
      return bindReference(cx, name, symbol, value, value.type, value.boxed, node);
    case "undefined":
      cx.report(D.variableWithoutType(cx.span(name), name.text));
      return false;
    case "nothing":
      cx.report(D.noValue(span));
      return false;
    case "reservation":
      cx.report(R.notTaken(span));
      return false;
    case "program":
      cx.report(C.notAValue(span, describe(value)));
      return false;
    default:
      if (isReassigned(cx, symbol)) {
        cx.report(C.notAVariable(span, describe(value)));
        return false;
      }
      cx.bindings.set(symbol, { kind: "alias", value });
      return true;
  }
}

function bindDeclared(
  cx: FunctionContext,
  name: ts.Identifier,
  symbol: ts.Symbol,
  raw: Value,
  declared: SourceType,
  declaration: ts.VariableDeclaration,
): boolean {
  const node = declaration.initializer ?? name;
  const span = cx.span(node);
  switch (declared.kind) {
    case "value": {
      const { type } = declared;
      if (type.kind === "int" || type.kind === "bool") {
        const expression = declaration.initializer
          ? toScalar(cx, raw, type, span)
          : ir.constant(type, 0n, span);
        if (!expression) return false;
        const range = rangeOf(read(cx, raw, span));
        return bindScalar(cx, name, symbol, { kind: "scalar", type, expression, ...range });
      }
      // Declared without a value: TypeScript makes sure that it is assigned before it is read.
      const initial: Value = declaration.initializer
        ? raw
        : { kind: "aggregate", type, expression: zero(type, span) };
      return bindStruct(cx, name, symbol, initial, ir.refTo(type, "stack", declared), node);
    }
    case "optional": {
      const { type } = declared;
      if (type.kind === "int" || type.kind === "bool") {
        return bindOptional(cx, name, symbol, raw, type, node);
      }
      const wanted = ir.refTo(type, memoryOf(raw), { nullable: true, readonly: declared.readonly });
      return bindReference(cx, name, symbol, raw, wanted, false, node);
    }
    case "box": {
      const wanted = ir.refTo(declared.type, memoryOf(raw), { nullable: declared.nullable });
      return bindReference(cx, name, symbol, raw, wanted, true, node);
    }
    default:
      if (raw.kind === declared.kind && !isReassigned(cx, symbol)) {
        cx.bindings.set(symbol, { kind: "alias", value: raw });
        return true;
      }
      cx.report(C.notAVariable(span, describe(raw)));
      return false;
  }
}

function zero(
  type: Extract<RefType["target"], { kind: "struct" | "array" }>,
  span: ReturnType<FunctionContext["span"]>,
) {
  return type.kind === "struct"
    ? ({ op: "struct", type, fields: [], span } as const)
    : ({ op: "array", type, elements: [], span } as const);
}

function memoryOf(value: Value): RefType["memory"] {
  return value.kind === "reference" || value.kind === "place" ? value.provenance.memory : "map";
}

function rangeOf(value: Value) {
  if (value.kind === "literal") return { range: { min: value.value, max: value.value } };
  return value.kind === "scalar" && value.range ? { range: value.range } : {};
}

function bindScalar(
  cx: FunctionContext,
  name: ts.Identifier,
  symbol: ts.Symbol,
  value: Extract<Value, { kind: "scalar" }>,
): boolean {
  if (value.expression.op === "constant" && !isReassigned(cx, symbol)) {
    cx.bindings.set(symbol, { kind: "alias", value });
    return true;
  }
  const local = cx.declare(name.text, value.type, value.expression, cx.span(name));
  if (value.range && value.type.kind === "int") cx.flow.setInterval(local, value.range);
  cx.bindings.set(symbol, { kind: "scalar", local });
  return true;
}

function bindOptional(
  cx: FunctionContext,
  name: ts.Identifier,
  symbol: ts.Symbol,
  value: Value,
  type: Extract<Value, { kind: "optional" }>["type"],
  node: ts.Node,
): boolean {
  const parts = optionalParts(cx, value, type, node);
  if (!parts) return false;
  const span = cx.span(name);
  cx.bindings.set(symbol, {
    kind: "optional",
    present: cx.declare(`${name.text}_present`, ir.bool, parts.present, span),
    value: cx.declare(name.text, type, parts.value, span),
  });
  return true;
}

/** A struct or array: storage of its own for a new one, a reference for one that exists. */
function bindStruct(
  cx: FunctionContext,
  name: ts.Identifier,
  symbol: ts.Symbol,
  value: Value,
  type: RefType,
  node: ts.Node,
): boolean {
  if (value.kind === "aggregate" && !isReassigned(cx, symbol)) {
    const initial = toValue(cx, value, type.target, cx.span(node));
    if (!initial) return false;
    const local = cx.declare(name.text, type.target, initial, cx.span(name));
    cx.bindings.set(symbol, { kind: "aggregate", local, readonly: type.readonly, region: cx.depth });
    return true;
  }
  const place = value.kind === "aggregate" ? toPlace(cx, value, type.target, cx.span(node)) : value;
  return place !== undefined && bindReference(cx, name, symbol, place, type, false, node);
}

function bindReference(
  cx: FunctionContext,
  name: ts.Identifier,
  symbol: ts.Symbol,
  value: Value,
  type: RefType,
  boxed: boolean,
  node: ts.Node,
): boolean {
  const span = cx.span(name);
  if (value.kind === "place") useOwners(cx, value.provenance.owners, cx.span(node));
  const reference = toReference(cx, value, type, boxed, node);
  if (!reference) return false;
  const { memory, owners } = reference.provenance;
  const held: RefType = { ...type, memory, readonly: type.readonly };
  const local = cx.declare(name.text, held, reference.expression, span);
  cx.flow.setOwners(local, owners);
  // What a variable may be given later has to live as long as the variable.
  const region = isReassigned(cx, symbol) ? cx.depth : reference.provenance.region;
  cx.bindings.set(symbol, { kind: "reference", local, boxed, provenance: { memory, region, owners } });
  return true;
}
