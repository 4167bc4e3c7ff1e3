import * as C from "../../diagnostics/constructs.ts";
import { ts } from "../../frontend/typescript.ts";
import type { IrExpression, LogSite } from "../../ir/expressions.ts";
import type { IrStatement } from "../../ir/statements.ts";
import { describe, read, settle } from "../coerce.ts";
import type { FunctionContext } from "../context.ts";
import { failed, type Value } from "../value.ts";

const order = ["debug", "info", "warn", "error"] as const;

/** `console.log(…)`: text and values in order, separated by blanks as JavaScript does; values in templates are taken apart. */
export function lowerLog(cx: FunctionContext, level: LogSite["level"], node: ts.CallExpression): Value {
  const parts: string[] = [""];
  const values: IrExpression[] = [];
  let complete = true;
  const addText = (text: string) => {
    parts[parts.length - 1] += text;
  };
  const addValue = (expression: ts.Expression) => {
    const lowered = loggable(cx, expression);
    if (lowered === undefined) complete = false;
    else if (typeof lowered === "string") addText(lowered);
    else {
      values.push(lowered.op === "constant" ? lowered : cx.temporary("logged", lowered));
      parts.push("");
    }
  };
  const { body } = cx.capture(() => {
    for (const [position, argument] of node.arguments.entries()) {
      if (position > 0) addText(" ");
      if (!ts.isTemplateExpression(argument)) {
        addValue(argument);
        continue;
      }
      addText(argument.head.text);
      for (const span of argument.templateSpans) {
        addValue(span.expression);
        addText(span.literal.text);
      }
    }
  });
  // Below the level nothing is left but what the arguments change, should they change anything.
  const { logLevel } = cx.module.options;
  const kept = logLevel !== "off" && order.indexOf(level) >= order.indexOf(logLevel);
  if (!kept) {
    if (body.some(hasEffect)) cx.statements.push(...body);
    return complete ? { kind: "nothing" } : failed;
  }
  cx.statements.push(...body);
  if (!complete) return failed;
  const site: LogSite = {
    id: cx.module.logSites.length,
    level,
    span: cx.span(node),
    parts,
    arguments: values.map((value) => value.type),
  };
  cx.module.logSites.push(site);
  cx.emit({ op: "log", site, arguments: values, span: cx.span(node) });
  return { kind: "nothing" };
}

/** Helpers that only tell something. */
const telling = /^(get_|ktime_|jiffies64$)/;

function hasEffect(statement: IrStatement): boolean {
  if (statement.op !== "let") return true;
  switch (statement.initial?.op) {
    case "call":
    case "mapUpdate":
    case "mapDelete":
    case "atomic":
      return true;
    case "helper":
      return !telling.test(statement.initial.helper);
    default:
      return false;
  }
}

function loggable(cx: FunctionContext, node: ts.Expression): IrExpression | string | undefined {
  const span = cx.span(node);
  const value = read(cx, cx.expression(node), span);
  switch (value.kind) {
    case "text":
      return value.text;
    case "scalar":
      return value.expression;
    case "literal":
      return settle(cx, value, span)?.expression;
    case "error":
      return undefined;
    default:
      cx.report(C.notLoggable(span, describe(value)));
      return undefined;
  }
}
