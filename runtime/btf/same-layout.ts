import type { Btf } from "./btf.ts";

/** Bounds the comparison of types that share their members in many ways. */
const MOST_STEPS = 100_000;

/** How two types of two objects differ in what their bytes mean, in words; `undefined` where they do not. Names of types do not count. */
export function sameLayout(a: Btf, aId: number, b: Btf, bId: number): string | undefined {
  return new Comparison(a, b).compare(aId, bId, "");
}

class Comparison {
  private readonly a: Btf;
  private readonly b: Btf;
  private readonly equal = new Set<string>();
  private steps = 0;

  constructor(a: Btf, b: Btf) {
    this.a = a;
    this.b = b;
  }

  compare(aId: number, bId: number, path: string): string | undefined {
    const pair = `${aId}:${bId}`;
    if (this.equal.has(pair)) return undefined;
    if (++this.steps > MOST_STEPS) return "its types are too large to compare";
    const difference = this.compareTypes(aId, bId, path);
    if (difference === undefined) this.equal.add(pair);
    return difference;
  }

  private compareTypes(aId: number, bId: number, path: string): string | undefined {
    const [x, y] = [this.a.resolve(aId), this.b.resolve(bId)];
    const differ = () =>
      `${path === "" ? "it" : `\`${path.slice(1)}\``} is ${this.b.describe(bId)} there and ${this.a.describe(aId)} here`;
    if (x.kind === "int" && y.kind === "int") {
      const same = x.size === y.size && x.signed === y.signed && x.boolean === y.boolean && x.bits === y.bits;
      return same ? undefined : differ();
    }
    if (x.kind === "enum" || y.kind === "enum") {
      const [left, right] = [this.a.size(aId), this.b.size(bId)];
      return (x.kind === "int" || x.kind === "enum") &&
        (y.kind === "int" || y.kind === "enum") &&
        left === right
        ? undefined
        : differ();
    }
    if (x.kind === "array" && y.kind === "array") {
      return x.length === y.length ? this.compare(x.element, y.element, `${path}[]`) : differ();
    }
    if ((x.kind === "struct" && y.kind === "struct") || (x.kind === "union" && y.kind === "union")) {
      if (x.size !== y.size || x.members.length !== y.members.length) return differ();
      for (const [index, member] of x.members.entries()) {
        const other = y.members[index];
        if (
          other === undefined ||
          other.name !== member.name ||
          other.bitOffset !== member.bitOffset ||
          other.bitSize !== member.bitSize
        ) {
          return `member \`${member.name}\` of ${this.a.describe(aId)} is not where it was`;
        }
        const difference = this.compare(member.type, other.type, `${path}.${member.name}`);
        if (difference !== undefined) return difference;
      }
      return undefined;
    }
    return x.kind === y.kind ? undefined : differ();
  }
}
