import * as P from "../../diagnostics/programs.ts";
import * as D from "../../diagnostics/types.ts";
import type { ts } from "../../frontend/typescript.ts";
import * as ir from "../../ir/build.ts";
import type { RefType } from "../../ir/types.ts";
import { type ContextName, contexts } from "../../kernel/contexts.ts";
import { toScalar } from "../coerce.ts";
import type { FunctionContext } from "../context.ts";
import { optionalRead } from "../element-access.ts";
import { newResource } from "../resources.ts";
import { type ContextValue, failed, type Value } from "../value.ts";

/** `pkt.header<T>(offset)` and `msg.data<T>(offset)`: a reference into the packet, or undefined where it does not fit. */
export function lowerPacketAccess(
  cx: FunctionContext,
  context: ContextValue,
  name: string,
  node: ts.CallExpression,
): Value {
  const span = cx.span(node);
  const [typeNode] = node.typeArguments ?? [];
  const [offsetNode] = node.arguments;
  const { packet } = contexts[context.name as ContextName];
  if (!typeNode) {
    cx.report(D.typeArgumentNeeded(span, name));
    return failed;
  }
  if (!packet || !offsetNode) return failed;
  const declared = cx.module.types.ofNode(typeNode, cx.typeArguments);
  if (!declared) return failed;
  if (declared.kind !== "value") {
    cx.report(D.unsupportedType(cx.span(typeNode), typeNode.getText()));
    return failed;
  }
  const offset = toScalar(cx, cx.expression(offsetNode), ir.u32, cx.span(offsetNode));
  if (!offset) return failed;
  if (cx.constantOnly) {
    cx.report(P.notConstantCall(span, name));
    return failed;
  }
  const readonly = declared.readonly || !packet.writable;
  const type: RefType = ir.refTo(declared.type, "packet", { nullable: true, readonly });
  const reference = cx.temporary(name, { op: "packet", type, context: context.expression, offset, span });
  const { target } = type;
  if (target.kind === "int" || target.kind === "bool") return optionalRead(cx, reference, target, span);
  const resource = newResource(cx, "packet", undefined, span);
  const provenance = { memory: "packet", region: 0, owners: [resource] } as const;
  return { kind: "reference", type, expression: reference, boxed: false, provenance };
}
