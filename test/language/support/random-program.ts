/** A function of two numbers, in the language and in JavaScript that computes the same with 32-bit wrapping. */
export interface RandomProgram {
  readonly source: string;
  readonly run: (a: number, b: number) => number;
}

interface Both {
  readonly dsl: string;
  readonly js: string;
}

/**
 * Writes programs with nested control flow, calls that have effects in the middle of expressions, arrays with masked indices and
 * values that may be undefined. All loops are bounded. `random(n)` gives a number below `n`.
 */
export function randomProgram(random: (n: number) => number): RandomProgram {
  const writer = new Writer(random);
  const body = writer.block(3);
  const dsl = `${prelude}
export let a: u32 = 0;
export let b: u32 = 0;
export let result: u32 = 0;
export const run = tc(() => {
  calls = 0;
  result = compute(a, b) ^ (calls << 24);
  return TcAction.OK;
});
function compute(p: u32, q: u32): u32 {
  let x: u32 = p;
  let y: u32 = q;
  let z: u32 = 7;
  const list: FixedArray<u32, 4> = [p, q, 3, 4];
${body.dsl}
  return x ^ (y * 31) ^ (z * 17) ^ list[0] ^ (list[1] << 1) ^ (list[2] << 2) ^ (list[3] << 3);
}
`;
  const js = `let calls = 0;
const div = (m, n) => (n === 0 ? 0 : Math.floor(m / n));
const mod = (m, n) => (n === 0 ? m : m % n);
const mul = (m, n) => Math.imul(m, n) >>> 0;
const next = (n) => { calls = (calls + 1) >>> 0; return (n + calls) >>> 0; };
const half = (n) => (n % 2 === 0 ? n / 2 : undefined);
let x = p, y = q, z = 7;
const list = [p, q, 3, 4];
${body.js}
return (((x ^ mul(y, 31) ^ mul(z, 17) ^ list[0] ^ (list[1] << 1) ^ (list[2] << 2) ^ (list[3] << 3)) >>> 0) ^ (calls << 24)) >>> 0;`;
  return { source: dsl, run: new Function("p", "q", js) as RandomProgram["run"] };
}

const prelude = `
let calls: u32 = 0;
function next(n: u32): u32 { calls += 1; return n + calls; }
function half(n: u32): u32 | undefined { if (n % 2 === 0) return n / 2; return undefined; }
`;

const names = ["x", "y", "z"] as const;

class Writer {
  readonly #random: (n: number) => number;
  #loops: string[] = [];
  #counter = 0;

  constructor(random: (n: number) => number) {
    this.#random = random;
  }

  #pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.#random(items.length)] ?? items[0];
  }

  block(depth: number): Both {
    const parts = Array.from({ length: 1 + this.#random(4) }, () => this.#statement(depth));
    return { dsl: parts.map(({ dsl }) => dsl).join("\n"), js: parts.map(({ js }) => js).join("\n") };
  }

  #statement(depth: number): Both {
    const kind = this.#random(depth > 0 ? 12 : 4);
    switch (kind) {
      case 0:
      case 1: {
        const value = this.#expression(3);
        const name = this.#pick(names);
        return { dsl: `${name} = ${value.dsl};`, js: `${name} = ${value.js};` };
      }
      case 2: {
        const value = this.#expression(2);
        const name = this.#pick(names);
        const operator = this.#pick(["+", "-", "^", "|", "&"] as const);
        return {
          dsl: `${name} ${operator}= ${value.dsl};`,
          js: `${name} = (${name} ${operator} ${value.js}) >>> 0;`,
        };
      }
      case 3: {
        const value = this.#expression(2);
        const index = this.#expression(1);
        return { dsl: `list[${index.dsl} & 3] = ${value.dsl};`, js: `list[${index.js} & 3] = ${value.js};` };
      }
      case 4:
      case 5: {
        const test = this.#condition(2);
        const yes = this.block(depth - 1);
        const no = this.block(depth - 1);
        return {
          dsl: `if (${test.dsl}) {\n${yes.dsl}\n} else {\n${no.dsl}\n}`,
          js: `if (${test.js}) {\n${yes.js}\n} else {\n${no.js}\n}`,
        };
      }
      case 6:
      case 7:
        return this.#loop(depth);
      case 8: {
        const subject = this.#expression(1);
        const bodies = [0, 1, 2].map(() => this.block(depth - 1));
        const ends = [0, 1, 2].map(() => (this.#random(2) === 0 ? "break;" : ""));
        const write = (side: "dsl" | "js") =>
          bodies
            .map((body, n) => `${n === 1 ? "default" : `case ${n}`}: {\n${body[side]}\n${ends[n]} }`)
            .join("\n");
        return {
          dsl: `switch (${subject.dsl} & 3) {\n${write("dsl")}\n}`,
          js: `switch (${subject.js} & 3) {\n${write("js")}\n}`,
        };
      }
      case 9: {
        const name = `h${this.#counter++}`;
        const value = this.#expression(2);
        const rest = this.block(depth - 1);
        const target = this.#pick(names);
        const write = (text: string, body: string) =>
          `{ const ${name} = half(${text});\nif (${name} !== undefined) { ${target} = ${name}; } else {\n${body}\n} }`;
        return { dsl: write(value.dsl, rest.dsl), js: write(value.js, rest.js) };
      }
      case 10: {
        const label = this.#loops.at(-1);
        if (label === undefined) return this.#statement(0);
        const test = this.#condition(1);
        const jump = this.#pick(["break", "continue"] as const);
        const text = (condition: string) => `if (${condition}) ${jump} ${label};`;
        return { dsl: text(test.dsl), js: text(test.js) };
      }
      default: {
        const name = this.#pick(names);
        return { dsl: `${name}++;`, js: `${name} = (${name} + 1) >>> 0;` };
      }
    }
  }

  #loop(depth: number): Both {
    const n = this.#counter++;
    const label = `l${n}`;
    const end = this.#expression(1);
    const most = 1 + this.#random(3);
    this.#loops.push(label);
    // Loops in loops are soon more than the verifier follows.
    const body = this.block(Math.min(depth - 1, this.#loops.length > 1 ? 0 : 1));
    this.#loops.pop();
    const js = `${label}: for (let i${n} = 0, e${n} = ${end.js}; i${n} < Math.min(e${n}, ${most}); i${n}++) {\nz = (z + i${n}) >>> 0;\n${body.js}\n}`;
    const inside = `z += i${n};\n${body.dsl}`;
    if (this.#random(2) === 0) {
      return {
        dsl: `${label}: for (const i${n} of range(${end.dsl}, { max: ${most} })) {\n${inside}\n}`,
        js,
      };
    }
    return {
      dsl: `{ const e${n} = min(${end.dsl}, ${most});\n${label}: for (let i${n}: u32 = 0; i${n} < e${n}; i${n}++) {\n${inside}\n} }`,
      js,
    };
  }

  #expression(depth: number): Both {
    if (depth === 0) {
      const leaf = this.#random(6);
      if (leaf < 3) return same(this.#pick(names));
      if (leaf === 3) return same(this.#pick(["p", "q"] as const));
      if (leaf === 4) return same(`list[${this.#random(4)}]`);
      return same(String(this.#random(300)));
    }
    const a = this.#expression(depth - 1);
    const kind = this.#random(12);
    switch (kind) {
      case 0:
        return { dsl: `next(${a.dsl})`, js: `next(${a.js})` };
      case 1: {
        const test = this.#condition(depth - 1);
        const b = this.#expression(depth - 1);
        return { dsl: `(${test.dsl} ? ${a.dsl} : ${b.dsl})`, js: `(${test.js} ? ${a.js} : ${b.js})` };
      }
      case 2: {
        const b = this.#expression(depth - 1);
        return { dsl: `(half(${a.dsl}) ?? ${b.dsl})`, js: `(half(${a.js}) ?? ${b.js})` };
      }
      case 3:
        return { dsl: `list[${a.dsl} & 3]!`, js: `list[${a.js} & 3]` };
      case 4:
        return {
          dsl: `(list[u32(${a.dsl}) % 7 ^ (p & 1)] ?? 9)`,
          js: `(list[((${a.js}) % 7) ^ (p & 1)] ?? 9)`,
        };
      case 5: {
        const b = this.#expression(depth - 1);
        const operator = this.#pick(["||", "&&"] as const);
        return { dsl: `(u32(${a.dsl}) ${operator} u32(${b.dsl}))`, js: `(${a.js} ${operator} ${b.js})` };
      }
      default:
        return this.#arithmetic(a, this.#expression(depth - 1));
    }
  }

  #arithmetic(a: Both, b: Both): Both {
    const dsl = (operator: string) => `(u32(${a.dsl}) ${operator} ${b.dsl})`;
    const operator = this.#pick(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>>"] as const);
    switch (operator) {
      case "*":
        return { dsl: dsl("*"), js: `mul(${a.js}, ${b.js})` };
      case "/":
        return { dsl: dsl("/"), js: `div(${a.js}, ${b.js})` };
      case "%":
        return { dsl: dsl("%"), js: `mod(${a.js}, ${b.js})` };
      default:
        return { dsl: dsl(operator), js: `((${a.js} ${operator} ${b.js}) >>> 0)` };
    }
  }

  #condition(depth: number): Both {
    if (depth > 0 && this.#random(3) === 0) {
      const a = this.#condition(depth - 1);
      const b = this.#condition(depth - 1);
      const operator = this.#pick(["&&", "||"] as const);
      return { dsl: `(${a.dsl} ${operator} !${b.dsl})`, js: `(${a.js} ${operator} !${b.js})` };
    }
    const a = this.#expression(1);
    const b = this.#expression(1);
    const operator = this.#pick(["<", "<=", ">", ">=", "===", "!=="] as const);
    return { dsl: `(u32(${a.dsl}) ${operator} ${b.dsl})`, js: `(${a.js} ${operator} ${b.js})` };
  }
}

function same(text: string): Both {
  return { dsl: text, js: text };
}
