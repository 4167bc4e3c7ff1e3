import * as C from "../diagnostics/constructs.ts";
import { ts } from "../frontend/typescript.ts";
import type { IrStatement } from "../ir/statements.ts";
import { lowerBlock } from "./block.ts";
import type { FunctionContext } from "./context.ts";
import { lowerFor } from "./for.ts";
import { lowerForOf } from "./for-of.ts";
import { lowerIf } from "./if.ts";
import { lowerBreak, lowerContinue, lowerLabeled, lowerReturn } from "./jumps.ts";
import { lowerSwitch } from "./switch.ts";
import { syntaxName, unsupportedHelp } from "./unsupported.ts";
import type { Value } from "./value.ts";
import { lowerVariableStatement } from "./variables.ts";
import { lowerDoWhile, lowerWhile } from "./while.ts";

/** Parameters of methods are compared bivariantly: each entry takes its own kind of node. */
type LowerStatement = { lower(cx: FunctionContext, node: ts.Statement): void }["lower"];

const K = ts.SyntaxKind;

/** Declarations that are looked at where they are used. */
function lowerNothing(): void {}

/** How each kind of statement is lowered. What is not here is not part of the language. */
export const statements: ReadonlyMap<ts.SyntaxKind, LowerStatement> = new Map<ts.SyntaxKind, LowerStatement>([
  [K.Block, lowerBlock],
  [K.EmptyStatement, lowerNothing],
  [K.VariableStatement, lowerVariableStatement],
  [K.ExpressionStatement, lowerExpressionStatement],
  [K.IfStatement, lowerIf],
  [K.SwitchStatement, lowerSwitch],
  [K.ForStatement, lowerFor],
  [K.ForOfStatement, lowerForOf],
  [K.WhileStatement, lowerWhile],
  [K.DoStatement, lowerDoWhile],
  [K.ReturnStatement, lowerReturn],
  [K.BreakStatement, lowerBreak],
  [K.ContinueStatement, lowerContinue],
  [K.LabeledStatement, lowerLabeled],
  [K.FunctionDeclaration, lowerNothing],
  [K.InterfaceDeclaration, lowerNothing],
  [K.TypeAliasDeclaration, lowerNothing],
]);

export function lowerStatement(cx: FunctionContext, node: ts.Statement): void {
  const lower = statements.get(node.kind);
  if (lower) lower(cx, node);
  else cx.report(C.unsupported(cx.span(node), syntaxName(node.kind), unsupportedHelp(node.kind)));
}

function lowerExpressionStatement(cx: FunctionContext, node: ts.ExpressionStatement): void {
  const value = cx.expression(node.expression);
  dropResult(cx.statements, value);
}

/** The temporary that holds what a call gives is not needed where nobody reads it. */
function dropResult(emitted: IrStatement[], value: Value): void {
  const last = emitted.at(-1);
  if (last?.op !== "let" || !last.initial || value.kind !== "scalar") return;
  const { expression } = value;
  if (expression.op !== "load" || expression.place.place !== "local" || expression.place.local !== last.local)
    return;
  emitted[emitted.length - 1] = { op: "evaluate", expression: last.initial, span: last.span };
}
