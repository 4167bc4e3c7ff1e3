import type { CStatement } from "./c/ast.ts";
import type { NameScope } from "./names.ts";

interface Target {
  readonly label: string | undefined;
  readonly kind: "loop" | "switch" | "block";
  breakLabel?: string;
  continueLabel?: string;
}

/** Where `break` and `continue` lead: C has no labels on them, so those that leave more than the innermost become `goto`. */
export class JumpTargets {
  readonly #targets: Target[] = [];
  readonly #names: NameScope;

  constructor(names: NameScope) {
    this.#names = names;
  }

  /** Emits the body of a target; what stands at its end for `continue`, and after it for `break`, is returned beside. */
  within<T>(
    kind: Target["kind"],
    label: string | undefined,
    body: () => T,
  ): { readonly result: T; readonly atEnd: readonly CStatement[]; readonly after: readonly CStatement[] } {
    const target: Target = { kind, label };
    this.#targets.push(target);
    const result = body();
    this.#targets.pop();
    return { result, atEnd: labelled(target.continueLabel), after: labelled(target.breakLabel) };
  }

  breakTo(label: string | undefined): CStatement {
    const breakable = this.#targets.filter((target) => target.kind !== "block");
    const innermost = breakable.at(-1);
    const target = label === undefined ? innermost : this.#find(label);
    if (target === undefined) throw new Error(`break leaves nothing`);
    if (target === innermost) return { kind: "break" };
    target.breakLabel ??= this.#names.take(`${target.label ?? "block"}_end`);
    return { kind: "goto", label: target.breakLabel };
  }

  continueTo(label: string | undefined): CStatement {
    const loops = this.#targets.filter((target) => target.kind === "loop");
    const innermost = loops.at(-1);
    const target = label === undefined ? innermost : this.#find(label);
    if (target === undefined) throw new Error(`continue without a loop`);
    if (target === innermost) return { kind: "continue" };
    target.continueLabel ??= this.#names.take(`${target.label ?? "loop"}_next`);
    return { kind: "goto", label: target.continueLabel };
  }

  #find(label: string): Target | undefined {
    return this.#targets.findLast((target) => target.label === label);
  }
}

function labelled(label: string | undefined): readonly CStatement[] {
  return label === undefined ? [] : [{ kind: "label", label }];
}
