import type { Scope } from "./scope.ts";
import type { Choices } from "./tape.ts";
import {
  type Class,
  convert,
  edges,
  type Integer,
  integers,
  isSigned,
  isWide,
  literal,
  operands,
} from "./types.ts";

const arithmetic = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", ">>>"] as const;
const comparisons = ["===", "!==", "<", "<=", ">", ">="] as const;

/** Random expressions of a wanted type, as source. */
export class Expressions {
  readonly #choices: Choices;
  readonly #scope: Scope;

  constructor(choices: Choices, scope: Scope) {
    this.#choices = choices;
    this.#scope = scope;
  }

  /** An expression that is assignable to `type`. */
  integer(type: Integer, depth: number): string {
    if (depth <= 0 || this.#choices.exhausted) return this.#leaf(type);
    switch (this.#choices.below(10)) {
      case 0:
      case 1:
        return this.#leaf(type);
      case 2:
        return convert(type, this.integer(this.#choices.pick(integers), depth - 1));
      case 3:
        return convert(type, this.#choice(this.#choices.pick(integers), depth));
      case 4:
        return convert(type, this.#effect(depth));
      case 5:
        return convert(type, `(${this.truth(depth - 1)})`);
      case 6: {
        const own: Class = isWide(type) ? (type as Class) : isSigned(type) ? "i32" : "u32";
        // Unsigned numbers have no negatives.
        const operator = isSigned(own) ? this.#choices.pick(["-", "~"]) : "~";
        return convert(type, `${operator}(${this.#operand(own, depth)})`);
      }
      default: {
        const other = this.#choices.pick<Class>(["u32", "i32", "u64", "i64"]);
        return convert(type, this.arithmetic(other, depth));
      }
    }
  }

  /** `a + b`, of the class's type. */
  arithmetic(type: Class, depth: number): string {
    if (this.#choices.once(12)) {
      const name = this.#choices.pick(["min", "max"]);
      return `${name}(${convert(type, this.#operand(type, depth))}, ${convert(type, this.#operand(type, depth))})`;
    }
    const left = this.#operand(type, depth);
    const all = type === "u64" ? arithmetic.filter((operator) => operator !== ">>>") : arithmetic;
    const operator = this.#choices.pick(all.filter((one) => one !== ">>>" || !isWide(type)));
    if (operator.length >= 2)
      return `(${left} ${operator} ${this.#operand(isWide(type) ? "u64" : "u32", depth)})`;
    const right = this.#choices.once(3)
      ? `${literal(type, this.#choices.pick(edges(type)))}`
      : this.#operand(type, depth);
    return `(${left} ${operator} ${right.startsWith("-") ? `(${right})` : right})`;
  }

  /** A condition. No constant: TypeScript would follow it. */
  truth(depth: number): string {
    const flags = this.#scope.flags();
    if (depth <= 0 || this.#choices.exhausted) {
      return flags.length > 0 && this.#choices.once(2) ? this.#choices.pick(flags) : this.#comparison(0);
    }
    switch (this.#choices.below(6)) {
      case 3:
        return `!(${this.truth(depth - 1)})`;
      case 4:
        return `(${this.truth(depth - 1)} && ${this.truth(depth - 1)})`;
      case 5:
        return `(${this.truth(depth - 1)} || ${this.truth(depth - 1)})`;
      default:
        return this.#comparison(depth - 1);
    }
  }

  /** In network order. */
  bigEndian(type: "be16" | "be32", depth: number): string {
    const known = this.#scope.named(type);
    const make =
      type === "be16"
        ? () => `htons(${this.integer("u16", depth - 1)})`
        : () => `htonl(${this.integer("u32", depth - 1)})`;
    return known.length > 0 && this.#choices.once(2) ? this.#choices.pick(known) : make();
  }

  pair(depth: number): string {
    // Few keys, so that they meet again.
    const small = (type: Integer) => convert(type, `(${this.integer("u32", depth - 1)} & 1)`);
    const wides = this.#scope.wides();
    if (wides.length > 0 && this.#choices.once(4)) {
      return `part(${this.#choices.pick(wides)}, ${this.integer("u32", depth - 1)})`;
    }
    return `{ a: ${small("u8")}, b: ${small("u32")} }`;
  }

  wide(depth: number): string {
    const parts = [
      `flag: ${this.truth(depth - 1)}`,
      `x: ${this.integer("u16", depth)}`,
      `y: ${this.integer("i64", depth)}`,
      `pair: ${this.pair(depth)}`,
      `list: [${this.integer("i16", 1)}, ${this.integer("i16", 0)}, ${this.integer("i16", 0)}, ${this.integer("i16", 1)}]`,
      `z: ${this.integer("i8", depth)}`,
      `port: ${this.bigEndian("be16", depth)}`,
      `address: ${this.bigEndian("be32", depth)}`,
      `total: ${this.integer("u64", depth)}`,
    ];
    const bases = this.#scope.wides();
    if (bases.length === 0 || !this.#choices.once(2)) return `{ ${parts.join(", ")} }`;
    const kept = parts.filter(() => this.#choices.once(2));
    return `{ ${[`...${this.#choices.pick(bases)}`, ...kept].join(", ")} }`;
  }

  #comparison(depth: number): string {
    const type = this.#choices.pick<Class>(["u32", "i32", "u64", "i64"]);
    const right = this.#choices.once(3)
      ? literal(type, this.#choices.pick(edges(type)))
      : this.#operand(type, depth);
    return `(${this.#variable(type)} ${this.#choices.pick(comparisons)} ${right})`;
  }

  #choice(type: Integer, depth: number): string {
    const [yes, no] = [this.integer(type, depth - 1), this.integer(type, depth - 1)];
    return `(${this.truth(depth - 1)} ? ${convert(type, yes)} : ${convert(type, no)})`;
  }

  #operand(type: Class, depth: number): string {
    const own = this.#choices.pick(operands[type]);
    const text = this.integer(own, depth - 1);
    // A literal alone would take the type of the other side.
    return /^-?\d+n?$/.test(text) ? convert(own, text) : text;
  }

  /** Something of the class's type that is no constant. */
  #variable(type: Class): string {
    const known = operands[type].flatMap((own) => this.#scope.named(own));
    return known.length > 0 ? this.#choices.pick(known) : convert(type, "packet.mark");
  }

  /** Something that changes what is evaluated after it. */
  #effect(depth: number): string {
    const wides = this.#scope.wides();
    switch (this.#choices.below(4)) {
      case 2:
        if (wides.length > 0) return `twist(${this.#choices.pick(wides)}, ${this.integer("i16", depth - 1)})`;
        break;
      case 3:
        if (this.#scope.mayWriteMaps) {
          return `counts.set(${this.integer("u32", 0)} & 3, ${this.integer("u64", depth - 1)})`;
        }
        break;
      default:
        break;
    }
    return `bump(${this.integer("u32", depth - 1)})`;
  }

  #leaf(type: Integer): string {
    const known = this.#scope.named(type);
    switch (this.#choices.below(10)) {
      case 0:
        return literal(type, this.#choices.pick(edges(type)));
      case 1:
        return convert(type, this.#choices.pick(["packet.mark", "packet.priority"]));
      case 2:
        return convert(type, `numbers[${this.#choices.below(4)}]`);
      case 3:
        return convert(type, `numbers[${this.#variable("u32")} & 3]!`);
      case 4: {
        const wides = this.#scope.wides();
        if (wides.length === 0) break;
        const fields = [
          "x",
          "y",
          "z",
          "total",
          "pair.a",
          "pair.b",
          "list[1]",
          `list[${this.#variable("u32")} & 3]!`,
        ];
        return convert(type, `${this.#choices.pick(wides)}.${this.#choices.pick(fields)}`);
      }
      default:
        break;
    }
    return known.length > 0
      ? this.#choices.pick(known)
      : convert(type, this.#choices.pick(["g0", "g1", "g2", "g3"]));
  }
}
