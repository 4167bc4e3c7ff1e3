import * as C from "../diagnostics/constructs.ts";
import { ts } from "../frontend/typescript.ts";
import type { ContextName } from "../kernel/contexts.ts";
import { contextMethods, functions, structMethods } from "../kernel/helpers.ts";
import { callHelper } from "./builtins/helpers.ts";
import { builtins } from "./builtins/index.ts";
import { lowerMapMethod } from "./builtins/map-methods.ts";
import { lowerPacketAccess } from "./builtins/packet.ts";
import { lowerReservationMethod } from "./builtins/reservation.ts";
import { describe } from "./coerce.ts";
import type { FunctionContext } from "./context.ts";
import { callFunction } from "./function-call.ts";
import { kernelStructOf } from "./kernel-struct.ts";
import { failed, type MethodValue, type SourceType, type Value } from "./value.ts";

export function lowerCall(
  cx: FunctionContext,
  node: ts.CallExpression,
  expected: SourceType | undefined,
): Value {
  const spread = node.arguments.find(ts.isSpreadElement);
  if (spread) {
    cx.report(C.unsupported(cx.span(spread), "a spread argument", "pass each argument on its own"));
    return failed;
  }
  const callee = cx.expression(node.expression);
  switch (callee.kind) {
    case "function":
      return callFunction(cx, callee, node);
    case "builtin":
      return lowerBuiltin(cx, callee.name, node, expected);
    case "method":
      return lowerMethod(cx, callee, node);
    case "error":
      for (const argument of node.arguments) cx.visit(argument);
      return failed;
    default:
      cx.report(C.notCallable(cx.span(node.expression), describe(callee)));
      return failed;
  }
}

function lowerBuiltin(
  cx: FunctionContext,
  name: string,
  node: ts.CallExpression,
  expected: SourceType | undefined,
): Value {
  const lower = builtins.get(name);
  if (lower) return lower(cx, node, expected);
  if (Object.hasOwn(functions, name)) {
    return callHelper(cx, functions[name as keyof typeof functions], undefined, name, node);
  }
  cx.report(C.unsupportedLibrary(cx.span(node.expression), name));
  return failed;
}

function lowerMethod(cx: FunctionContext, { receiver, name }: MethodValue, node: ts.CallExpression): Value {
  switch (receiver.kind) {
    case "map":
      return lowerMapMethod(cx, receiver, name, node);
    case "reservation":
      return lowerReservationMethod(cx, receiver, name, node);
    case "context": {
      if (name === "header" || name === "data") return lowerPacketAccess(cx, receiver, name, node);
      const methods = contextMethods[receiver.name as ContextName];
      const use = Object.hasOwn(methods, name) ? methods[name] : undefined;
      if (use) return callHelper(cx, use, receiver, name, node);
      break;
    }
    case "place": {
      const struct = kernelStructOf(receiver.place.type);
      const methods = struct && structMethods[struct];
      const use = methods && Object.hasOwn(methods, name) ? methods[name] : undefined;
      if (use) return callHelper(cx, use, receiver, name, node);
      break;
    }
    default:
      break;
  }
  cx.report(C.unsupportedLibrary(cx.span(node.expression), name));
  return failed;
}
