import * as C from "../diagnostics/constructs.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { RefType } from "../ir/types.ts";
import { scalarOf } from "./coerce.ts";
import type { Binding, FunctionContext } from "./context.ts";
import { resolveAlias } from "./library.ts";
import { useLocal } from "./resources.ts";
import { failed, type Value } from "./value.ts";

/** What a name stands for, aliases of imports followed; in `{ port }` it is the variable, not the property. */
export function symbolOf(cx: FunctionContext, node: ts.Identifier): ts.Symbol | undefined {
  const symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? cx.checker.getShorthandAssignmentValueSymbol(node.parent)
    : cx.checker.getSymbolAtLocation(node);
  return symbol && resolveAlias(cx.checker, symbol);
}

export function lowerIdentifier(cx: FunctionContext, node: ts.Identifier): Value {
  if (node.text === "undefined") return { kind: "undefined" };
  const symbol = symbolOf(cx, node);
  if (!symbol || symbol.name === "unknown") return poison(cx, node);
  const binding = cx.bindings.get(symbol);
  if (binding) return readBinding(cx, binding, node);
  return cx.module.dispatch.entity(cx, symbol, node);
}

/** TypeScript has complained about this already. */
export function poison(cx: FunctionContext, node: ts.Node): Value {
  cx.module.poisoned ??= cx.span(node);
  return failed;
}

export function readBinding(cx: FunctionContext, binding: Binding, node: ts.Expression): Value {
  const span = cx.span(node);
  switch (binding.kind) {
    case "alias":
      return binding.value;
    case "scalar": {
      const { local } = binding;
      const value = scalarOf(ir.loadLocal(local, span));
      return local.type.kind === "int" ? { ...value, range: cx.flow.interval(local) } : value;
    }
    case "aggregate":
      return {
        kind: "place",
        place: ir.localPlace(binding.local, span),
        readonly: binding.readonly,
        provenance: { memory: "stack", region: binding.region, owners: [] },
      };
    case "optional": {
      const value = ir.loadLocal(binding.value, span);
      if (isNarrowed(cx, node)) return scalarOf(value);
      const type = binding.value.type;
      if (type.kind !== "int" && type.kind !== "bool") return failed;
      return { kind: "optional", type, present: ir.loadLocal(binding.present, span), value };
    }
    case "reference": {
      const { local, boxed } = binding;
      useLocal(cx, local, span);
      const type = local.type as RefType;
      const reference = ir.loadLocal(local, span);
      const provenance = { ...binding.provenance, owners: cx.flow.owners(local) };
      const certain = !type.nullable || isNarrowed(cx, node);
      if (certain && !boxed) {
        return { kind: "place", place: ir.derefPlace(reference, span), readonly: type.readonly, provenance };
      }
      return {
        kind: "reference",
        type: certain ? { ...type, nullable: false } : type,
        expression: certain ? ir.nonNull(reference) : reference,
        boxed,
        provenance,
      };
    }
  }
}

/** TypeScript's control flow has ruled `undefined` out here. */
export function isNarrowed(cx: FunctionContext, node: ts.Expression): boolean {
  const type = cx.checker.getTypeAtLocation(node);
  if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Undefined)) return false;
  if (type.flags & ts.TypeFlags.Never) return true;
  return !(type.isUnion() && type.types.some((part) => part.flags & ts.TypeFlags.Undefined));
}

export function lowerThis(cx: FunctionContext, node: ts.Node): Value {
  cx.report(C.unsupported(cx.span(node), "this", "pass what the function needs as a parameter"));
  return failed;
}
