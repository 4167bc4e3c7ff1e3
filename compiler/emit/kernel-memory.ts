import type { Span } from "../diagnostics/diagnostic.ts";
import type { CExpression, CType } from "./c/ast.ts";
import { identifier } from "./c/build.ts";
import type { FunctionEmitter } from "./function.ts";

// Contexts and kernel structs behind references are no memory to the verifier: it accepts them only at constant offsets of the very pointer it
// knows (`check_ctx_reg`, `check_sock_access`). clang merges accesses of two branches into one of a computed address, and keeps `pointer +
// offset` in a register for several, volatile or not. So an access is one instruction that clang cannot take apart.

/** A member of a struct behind a pointer. */
export interface KernelPlace {
  readonly pointer: CExpression;
  readonly struct: CType;
  /** Names of members, numbers of elements. */
  readonly path: readonly (string | number)[];
  readonly bytes: 1 | 2 | 4 | 8;
}

/** The member's value in a new variable of `type`, which has 32 or 64 bits: narrower ones have no register of their own. */
export function loadKernel(
  f: FunctionEmitter,
  place: KernelPlace,
  type: CType,
  hint: string,
  span: Span,
): CExpression {
  const name = f.name(hint);
  f.push(
    { kind: "variable", name, type, span },
    {
      kind: "asm",
      template: `%0 = *(u${8 * place.bytes} *)(%1 + %2)`,
      outputs: [{ constraint: "=r", value: identifier(name) }],
      inputs: [{ constraint: "r", value: place.pointer }, offset(place)],
      span,
    },
  );
  f.markStable(name);
  return identifier(name);
}

export function storeKernel(f: FunctionEmitter, place: KernelPlace, value: CExpression, span: Span): void {
  f.push({
    kind: "asm",
    template: `*(u${8 * place.bytes} *)(%0 + %1) = %2`,
    outputs: [],
    inputs: [{ constraint: "r", value: place.pointer }, offset(place), { constraint: "r", value }],
    clobbersMemory: true,
    span,
  });
}

function offset(place: KernelPlace): { constraint: string; value: CExpression } {
  return { constraint: "i", value: { kind: "offsetof", type: place.struct, path: place.path } };
}

export function bytesOf(bits: number): KernelPlace["bytes"] {
  if (bits === 8 || bits === 16 || bits === 32 || bits === 64) return (bits / 8) as KernelPlace["bytes"];
  throw new Error(`nothing has ${bits} bits`);
}
