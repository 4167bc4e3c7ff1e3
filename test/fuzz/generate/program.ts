import { Expressions } from "./expressions.ts";
import { Scope } from "./scope.ts";
import { Choices, type Tape } from "./tape.ts";
import { convert, type Integer, integers, isWide, type Scalar } from "./types.ts";

const scalars: readonly Scalar[] = [...integers, "boolean", "be16", "be32"];

/** A random program that the compiler must accept, and that both executions must agree about. */
export function generateProgram(name: string, tape: Tape): string {
  const lines = new ProgramGenerator(tape).body();
  return `export const ${name} = tc((packet) => {\n${lines.map((line) => `  ${line}\n`).join("")}  return TcAction.OK;\n});\n`;
}

class ProgramGenerator {
  readonly #choices: Choices;
  readonly #scope = new Scope();
  readonly #expressions: Expressions;

  constructor(tape: Tape) {
    this.#choices = new Choices(tape);
    this.#expressions = new Expressions(this.#choices, this.#scope);
  }

  body(): string[] {
    // One of each type, with signs and high bits where the inputs have them.
    const starts = [
      ["v0", "u32", "packet.mark"],
      ["v1", "i64", "toI64(toI32(packet.priority))"],
      ["v2", "i32", "toI32(packet.priority)"],
      ["v3", "i8", "toI8(packet.mark)"],
      ["v4", "i16", "toI16(packet.priority >> 3)"],
      ["v5", "u16", "toU16(packet.mark)"],
      ["v6", "u64", "toU64(packet.priority) * 0x100000001n"],
      ["v7", "u8", "toU8(packet.priority)"],
    ] as const;
    const lines = starts.map(([name, type, value]) => `let ${name}: ${type} = ${value};`);
    for (const [name, type] of starts) this.#scope.add(name, type, true);
    for (let count = 0; count < 25 && !this.#choices.exhausted; count++) lines.push(...this.#statement(2));
    return [...lines, ...this.#report()];
  }

  /** Everything that is known at the end goes into the result. */
  #report(): string[] {
    return this.#scope.all().flatMap(({ name, type }) => {
      if (type === "Wide") return [`mix(toU64(${name}.x) ^ toU64(${name}.y) ^ ${name}.total);`];
      return [`mix(${this.#asU64(name, type)});`];
    });
  }

  #asU64(name: string, type: Scalar): string {
    if (type === "be16") return `toU64(ntohs(${name}))`;
    return type === "be32" ? `toU64(ntohl(${name}))` : `toU64(${name})`;
  }

  #value(type: Scalar, depth: number): string {
    if (type === "boolean") return this.#expressions.truth(depth);
    if (type === "be16" || type === "be32") return this.#expressions.bigEndian(type, depth);
    return this.#expressions.integer(type, depth);
  }

  #block(depth: number, most: number): string[] {
    return this.#scope.within(() => {
      const count = 1 + this.#choices.below(most);
      return Array.from({ length: count }, () => this.#statement(depth))
        .flat()
        .map((line) => `  ${line}`);
    });
  }

  #statement(depth: number): string[] {
    const simple = depth <= 0;
    switch (this.#choices.below(simple ? 9 : 18)) {
      case 0:
      case 1:
        return this.#assignment();
      case 2:
        return this.#declaration();
      case 3:
        return this.#wide();
      case 4:
        return [
          `numbers[${this.#expressions.integer("u32", 1)} & 3] = ${this.#expressions.integer("u32", 2)};`,
        ];
      case 5:
        return this.#mapWrite();
      case 6:
        return this.#jump();
      case 7:
      case 8: {
        const type = this.#choices.pick(["u32", "i32", "u64", "i64"] as const);
        return [`mix(toU64(${this.#expressions.arithmetic(type, 3)}));`];
      }
      case 9:
      case 10:
        return this.#if(depth);
      case 11:
        return this.#switch(depth);
      case 12:
      case 13:
        return this.#loop(depth);
      case 14:
        return this.#forOf(depth);
      case 15:
      case 16:
        return this.#entry(depth);
      default:
        return this.#networks();
    }
  }

  #assignment(): string[] {
    const { name, type } = this.#choices.pick(this.#scope.writable());
    if (type === "Wide") return [];
    if (type === "boolean" || type === "be16" || type === "be32")
      return [`${name} = ${this.#value(type, 2)};`];
    switch (this.#choices.below(4)) {
      case 2:
        return [`${name}${this.#choices.pick(["++", "--"])};`];
      case 3:
        return [this.#compound(name, type)];
      default:
        return [`${name} = ${this.#value(type, 3)};`];
    }
  }

  #compound(name: string, type: Integer): string {
    const operator = this.#choices.pick(["+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="]);
    const shift = operator.length === 3;
    const count = isWide(type) ? "u64" : "u32";
    const own = isWide(type) || !shift ? type : count;
    return `${name} ${operator} ${convert(shift ? count : own, this.#expressions.integer(type, 2))};`;
  }

  #declaration(): string[] {
    const type = this.#choices.pick(scalars);
    const value = this.#value(type, 3);
    const name = this.#scope.fresh("n");
    this.#scope.add(name, type, true);
    return [`let ${name}: ${type} = ${value};`];
  }

  #wide(): string[] {
    const known = this.#scope.wides();
    const target = known.length > 0 ? this.#choices.pick(known) : undefined;
    switch (target === undefined ? 0 : this.#choices.below(8)) {
      case 1:
        return [`${target}.pair = ${this.#expressions.pair(2)};`];
      case 2:
        return [
          `${target}.list[${this.#expressions.integer("u32", 1)} & 3] = ${this.#expressions.integer("i16", 2)};`,
        ];
      case 3:
        return [
          `${target}.${this.#choices.pick(["x", "pair.a", "pair.b"])} ${this.#choices.pick(["+=", "^=", "*="])} 3;`,
        ];
      case 4:
        return [`${target}.total = ${this.#expressions.integer("u64", 2)};`, `${target}.z--;`];
      case 5:
        return [`${target}.flag = ${this.#expressions.truth(2)};`];
      case 6: {
        const alias = this.#scope.fresh("alias");
        this.#scope.add(alias, "Wide", false);
        return [`const ${alias} = ${target};`];
      }
      case 7:
        return [`${target}.port = ${this.#expressions.bigEndian("be16", 2)};`];
      default: {
        if (known.length >= 2) return [`mix(toU64(${known[0]}.z));`];
        const value = this.#expressions.wide(1);
        const name = this.#scope.fresh("wide");
        this.#scope.add(name, "Wide", false);
        return [`const ${name}: Wide = ${value};`];
      }
    }
  }

  #mapWrite(): string[] {
    if (!this.#scope.mayWriteMaps)
      return [`mix(counts.get(${this.#expressions.integer("u32", 1)} & 3) ?? 77n);`];
    const known = this.#scope.wides();
    switch (this.#choices.below(4)) {
      case 1:
        if (known.length === 0) break;
        return [`mix(toU64(table.set(${this.#expressions.pair(2)}, ${this.#choices.pick(known)})));`];
      case 2:
        return [`mix(toU64(table.delete(${this.#expressions.pair(1)})));`];
      case 3:
        if (known.length === 0) break;
        return [
          `mix(toU64(slots.set(${this.#expressions.integer("u32", 1)} & 3, ${this.#choices.pick(known)})));`,
        ];
      default:
        break;
    }
    return [
      `mix(toU64(counts.set(${this.#expressions.integer("u32", 1)} & 3, ${this.#expressions.integer("u64", 2)})));`,
    ];
  }

  #networks(): string[] {
    const key = `{ prefixlen: (${this.#expressions.integer("u32", 1)} % 4) * 16, bits: htonl(${this.#expressions.integer("u32", 1)} & 0xc0000001) }`;
    if (this.#scope.mayWriteMaps && this.#choices.once(2)) {
      return [`mix(toU64(networks.set(${key}, ${this.#expressions.integer("u32", 1)})));`];
    }
    return [`mix(toU64(networks.get(${key}) ?? 5));`];
  }

  #jump(): string[] {
    if (this.#scope.labels.length === 0) {
      return this.#choices.once(8)
        ? [`if (${this.#expressions.truth(1)}) return TcAction.SHOT;`]
        : this.#assignment();
    }
    const word = this.#choices.pick(["break", "continue"]);
    const label = this.#choices.once(2) ? ` ${this.#choices.pick(this.#scope.labels)}` : "";
    return [`if (${this.#expressions.truth(1)}) ${word}${label};`];
  }

  #if(depth: number): string[] {
    const lines = [`if (${this.#expressions.truth(2)}) {`, ...this.#block(depth - 1, 3)];
    return this.#choices.once(2)
      ? [...lines, "} else {", ...this.#block(depth - 1, 2), "}"]
      : [...lines, "}"];
  }

  #switch(depth: number): string[] {
    const lines = [`switch ((${this.#expressions.integer("u32", 2)} ^ packet.mark) % 5) {`];
    const heads = [["case 0:", "case 2:"], ["case 1:"], ["default:"]];
    for (const head of heads) {
      lines.push(...head, "{", ...this.#block(depth - 1, 2));
      if (this.#choices.once(2)) lines.push("  break;");
      lines.push("}");
    }
    return [...lines, "}"];
  }

  #loop(depth: number): string[] {
    if (this.#scope.loops >= 2) return this.#if(depth);
    const index = this.#scope.fresh("i");
    const label = this.#scope.fresh("loop");
    const rounds = 1 + this.#choices.below(5);
    const end = this.#expressions.integer("u32", 1);
    const head = this.#choices.once(2)
      ? `for (const ${index} of range(${end}, { max: ${rounds} })) {`
      : `for (let ${index}: u32 = 0; ${index} < ${rounds}; ${index}++) {`;
    const body = this.#scope.within(() => {
      this.#scope.add(index, "u32", false);
      this.#scope.labels.push(label);
      this.#scope.loops++;
      const lines = this.#block(depth - 1, 3);
      this.#scope.loops--;
      this.#scope.labels.pop();
      return lines;
    });
    return [`${label}: ${head}`, ...body, "}"];
  }

  #forOf(depth: number): string[] {
    if (this.#scope.loops >= 2) return this.#if(depth);
    const element = this.#scope.fresh("e");
    const label = this.#scope.fresh("loop");
    const known = this.#scope.wides();
    const list = known.length > 0 && this.#choices.once(2) ? `${this.#choices.pick(known)}.list` : "numbers";
    const body = this.#scope.within(() => {
      this.#scope.add(element, list === "numbers" ? "u32" : "i16", false);
      this.#scope.labels.push(label);
      this.#scope.loops++;
      const lines = this.#block(depth - 1, 2);
      this.#scope.loops--;
      this.#scope.labels.pop();
      return lines;
    });
    return [`${label}: for (const ${element} of ${list}) {`, ...body, "}"];
  }

  /** A live reference to an entry; its map is not written while it is used. */
  #entry(depth: number): string[] {
    const name = this.#scope.fresh("entry");
    const lookup = this.#choices.once(2)
      ? `slots.get(${this.#expressions.integer("u32", 1)} & 3)`
      : `table.get(${this.#expressions.pair(1)})`;
    const before = this.#scope.mayWriteMaps;
    this.#scope.mayWriteMaps = false;
    const body = this.#scope.within(() => {
      this.#scope.add(name, "Wide", false);
      return [
        `  atomics.add(${name}, "total", ${this.#expressions.integer("u64", 2)});`,
        ...this.#block(depth - 1, 3),
      ];
    });
    this.#scope.mayWriteMaps = before;
    return [`const ${name} = ${lookup};`, `if (${name}) {`, ...body, "}"];
  }
}
