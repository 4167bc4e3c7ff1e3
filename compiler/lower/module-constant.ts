import * as G from "../diagnostics/globals.ts";
import type { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import { describe, toValue } from "./coerce.ts";
import { FunctionContext, type ModuleContext } from "./context.ts";
import { defineGlobal, isConstantExpression } from "./globals.ts";
import { failed, type Value } from "./value.ts";

/** `const LIMIT: u32 = 5` at module level: folded into every use; a struct or array becomes read-only data. */
export function moduleConstant(
  module: ModuleContext,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration,
  at: ts.Node,
): Value {
  const known = module.constants.get(symbol);
  if (known) return known;
  // A constant that needs itself finds this.
  module.constants.set(symbol, failed);
  const value = evaluate(module, symbol, declaration, at);
  module.constants.set(symbol, value);
  return value;
}

function evaluate(
  module: ModuleContext,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration,
  at: ts.Node,
): Value {
  const { initializer } = declaration;
  const cx = new FunctionContext(module, { constantOnly: true });
  if (!initializer) {
    module.report(G.notConstant(cx.span(at), symbol.name));
    return failed;
  }
  const declared = declaration.type ? module.types.ofNode(declaration.type) : undefined;
  if (declaration.type && !declared) return failed;
  const value = cx.expression(initializer, declared);
  const span = cx.span(initializer);
  switch (value.kind) {
    case "error":
      return failed;
    case "literal":
    case "scalar": {
      if (declared?.kind !== "value") {
        if (value.kind === "literal" || value.expression.op === "constant") return value;
        break;
      }
      const expression = toValue(cx, value, declared.type, span);
      if (!expression) return failed;
      if (expression.op !== "constant") break;
      const { type } = expression;
      if (type.kind === "int") {
        return { kind: "scalar", type, expression, range: { min: expression.value, max: expression.value } };
      }
      return { kind: "scalar", type: ir.bool, expression };
    }
    case "aggregate": {
      if (!isConstantExpression(value.expression)) break;
      const global = defineGlobal(
        module,
        symbol,
        value.type,
        value.expression,
        true,
        cx.span(declaration.name),
      );
      return {
        kind: "place",
        place: { place: "global", type: value.type, global, span: cx.span(declaration.name) },
        readonly: true,
        provenance: { memory: "global", region: 0, owners: [] },
      };
    }
    case "text":
    case "map":
    case "enum":
    case "function":
    case "builtin":
      return value;
    default:
      break;
  }
  module.report(G.notConstantValue(span, symbol.name, describe(value)));
  return failed;
}
