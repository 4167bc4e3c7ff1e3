import { missingReturn, notIterable, untypedParameter } from "../../diagnostics/kernel-world.ts";
import { programWithoutReturn } from "../../diagnostics/program-shape.ts";
import { ts } from "../typescript.ts";
import { enclosingFunction, printType } from "./nodes.ts";
import { headOf } from "./not-assignable.ts";
import { programFunction, valuesOf } from "./programs.ts";
import type { Mistake, Translated } from "./translation.ts";

/** TS2366, TS2355 and TS7030: a path without `return`. */
export function translateMissingReturn({ node, span, checker }: Mistake): Translated | undefined {
  const owner = enclosingFunction(node);
  if (owner === undefined) return undefined;
  const program = programFunction(owner, checker);
  if (program?.result !== undefined) {
    const required = printType(program.result, checker);
    return {
      diagnostic: programWithoutReturn(headOf(owner), program.kind, required, valuesOf(program.result)),
    };
  }
  const result = checker.getSignatureFromDeclaration(owner)?.getReturnType();
  if (result === undefined) return undefined;
  const name = owner.name === undefined ? "this function" : `\`${owner.name.text}\``;
  return { diagnostic: missingReturn(span, name, printType(result, checker)) };
}

/** TS7006: a parameter whose type follows from nothing. */
export function translateUntypedParameter({ node, span }: Mistake): Translated | undefined {
  const parameter = ts.isParameter(node) ? node : node.parent;
  if (!ts.isParameter(parameter)) return undefined;
  return { diagnostic: untypedParameter(span, parameter.name.getText()) };
}

/** TS2488 and TS2495: `for…of` over what has no elements. */
export function translateNotIterable({ node, span, checker }: Mistake): Translated | undefined {
  if (!ts.isForOfStatement(node.parent)) return undefined;
  return { diagnostic: notIterable(span, `\`${printType(checker.getTypeAtLocation(node), checker)}\``) };
}
