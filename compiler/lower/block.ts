import * as C from "../diagnostics/constructs.ts";
import * as R from "../diagnostics/disposables.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrStatement } from "../ir/statements.ts";
import type { FunctionContext } from "./context.ts";
import { newResource } from "./resources.ts";

/** Statements in order; the rest of a scope after a `using` is inside it. */
export function lowerStatements(cx: FunctionContext, statements: readonly ts.Statement[]): void {
  for (const [position, statement] of statements.entries()) {
    if (isUsing(statement)) {
      lowerUsing(cx, statement, statements.slice(position + 1));
      return;
    }
    cx.statement(statement);
  }
}

export function lowerBlock(cx: FunctionContext, node: ts.Block): void {
  const { body } = cx.scope(() => lowerStatements(cx, node.statements));
  cx.emit({ op: "block", body, span: cx.span(node) });
}

/** A statement as the body of something: a block's own statements. */
export function lowerBody(cx: FunctionContext, node: ts.Statement): IrStatement[] {
  return cx.scope(() => lowerStatements(cx, ts.isBlock(node) ? node.statements : [node])).body;
}

function isUsing(node: ts.Statement): node is ts.VariableStatement {
  return (
    ts.isVariableStatement(node) &&
    (node.declarationList.flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Using
  );
}

/** `using event = events.reserve();` */
function lowerUsing(cx: FunctionContext, node: ts.VariableStatement, rest: readonly ts.Statement[]): void {
  const [declaration, second] = node.declarationList.declarations;
  if (!declaration) return;
  if (second) {
    cx.report(R.oneAtATime(cx.span(second)));
    return;
  }
  const { name, initializer } = declaration;
  const symbol = ts.isIdentifier(name) ? cx.checker.getSymbolAtLocation(name) : undefined;
  if (!ts.isIdentifier(name) || !symbol || !initializer) {
    cx.report(C.unsupported(cx.span(name), "destructuring", "take the reservation by a name"));
    return;
  }
  const value = cx.expression(initializer);
  if (value.kind !== "reservation") {
    if (value.kind !== "error") cx.report(R.notDisposable(cx.span(initializer)));
    cx.bindings.set(symbol, { kind: "alias", value: { kind: "error" } });
    lowerStatements(cx, rest);
    return;
  }
  const span = cx.span(name);
  const local = cx.local(name.text, ir.refTo(value.record, "ringbuf", { nullable: true }), span);
  const resource = newResource(cx, "reservation", name.text, span);
  cx.bindings.set(symbol, { kind: "alias", value: { ...value, held: { local, resource } } });
  const { body } = cx.capture(() => lowerStatements(cx, rest));
  cx.emit({ op: "using", local, map: value.map, body, span });
}
