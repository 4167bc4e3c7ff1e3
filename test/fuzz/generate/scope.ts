import type { Scalar } from "./types.ts";

interface Variable {
  readonly name: string;
  readonly type: Scalar | "Wide";
  readonly writable: boolean;
}

/** The variables that a place of the program sees. */
export class Scope {
  #variables: Variable[] = [
    { name: "g0", type: "u32", writable: true },
    { name: "g1", type: "i64", writable: true },
    { name: "g2", type: "u8", writable: true },
    { name: "g3", type: "i32", writable: true },
  ];
  #count = 0;
  readonly labels: string[] = [];
  /** A reference to an entry is good until its map is written. */
  mayWriteMaps = true;
  /** Inside of loops, whose iterations multiply. */
  loops = 0;

  fresh(prefix: string): string {
    return `${prefix}${this.#count++}`;
  }

  add(name: string, type: Scalar | "Wide", writable: boolean): void {
    this.#variables.push({ name, type, writable });
  }

  /** What `emit` declares is gone after it. */
  within<T>(emit: () => T): T {
    const outer = this.#variables.length;
    try {
      return emit();
    } finally {
      this.#variables.length = outer;
    }
  }

  named(type: Scalar): readonly string[] {
    return this.#variables.filter((one) => one.type === type).map((one) => one.name);
  }

  writable(): readonly Variable[] {
    return this.#variables.filter((one) => one.writable && one.type !== "Wide");
  }

  wides(): readonly string[] {
    return this.#variables.filter((one) => one.type === "Wide").map((one) => one.name);
  }

  flags(): readonly string[] {
    return this.named("boolean");
  }

  all(): readonly Variable[] {
    return this.#variables;
  }
}
