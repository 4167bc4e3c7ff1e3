import type { JsCase, JsDeclaration, JsExpression, JsStatement } from "./ast.ts";

const PRECEDENCE = {
  assign: 2,
  conditional: 3,
  "||": 4,
  "&&": 5,
  "|": 6,
  "^": 7,
  "&": 8,
  "===": 9,
  "!==": 9,
  "<": 10,
  "<=": 10,
  ">": 10,
  ">=": 10,
  "<<": 11,
  ">>": 11,
  ">>>": 11,
  "+": 12,
  "-": 12,
  "*": 13,
  "/": 13,
  "%": 13,
  unary: 15,
  call: 18,
  primary: 20,
} as const;

/** Few know by heart how tightly these bind: operands with another operator stand in brackets. */
const BITWISE: ReadonlySet<string> = new Set(["&", "|", "^", "<<", ">>", ">>>"]);

function isOther(inner: JsExpression, operator: string): boolean {
  return inner.kind === "binary" && inner.operator !== operator;
}

/** Statements as text, indented by two blanks a level. */
export function printJs(statements: readonly JsStatement[]): string {
  const printer = new Printer();
  printer.statements(statements);
  return printer.text();
}

class Printer {
  readonly #lines: string[] = [];
  #indent = 0;

  text(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  statements(statements: readonly JsStatement[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #line(text: string): void {
    this.#lines.push(text === "" ? "" : "  ".repeat(this.#indent) + text);
  }

  #body(statements: readonly JsStatement[]): void {
    this.#indent++;
    this.statements(statements);
    this.#indent--;
  }

  #statement(s: JsStatement): void {
    switch (s.kind) {
      case "declare":
        this.#line(`${this.#declaration(s)};`);
        return;
      case "expression":
        this.#line(`${this.#expression(s.expression)};`);
        return;
      case "if":
        this.#if(s, "");
        return;
      case "for": {
        const initial = s.initial === undefined ? "" : this.#declaration(s.initial);
        const update = s.update.map((part) => this.#expression(part)).join(", ");
        const head = `${initial}; ${this.#expression(s.condition)};${update === "" ? "" : ` ${update}`}`;
        this.#braced(`${labelled(s.label)}for (${head})`, s.body);
        return;
      }
      case "switch":
        this.#line(`${labelled(s.label)}switch (${this.#expression(s.subject)}) {`);
        this.#indent++;
        for (const part of s.cases) this.#case(part);
        this.#indent--;
        this.#line("}");
        return;
      case "block":
        this.#braced(labelled(s.label).trimEnd(), s.body);
        return;
      case "break":
      case "continue":
        this.#line(s.label === undefined ? `${s.kind};` : `${s.kind} ${s.label};`);
        return;
      case "return":
        this.#line(s.value === undefined ? "return;" : `return ${this.#expression(s.value)};`);
        return;
      case "try":
        this.#line("try {");
        this.#body(s.body);
        this.#line("} finally {");
        this.#body(s.finally);
        this.#line("}");
        return;
      case "function": {
        const start = s.exported === true ? "export default function" : "function";
        this.#braced(`${start} ${s.name}(${s.parameters.join(", ")})`, s.body);
        return;
      }
      case "comment":
        this.#line(`// ${s.text}`);
        return;
      case "blank":
        this.#line("");
    }
  }

  #braced(head: string, body: readonly JsStatement[]): void {
    this.#line(head === "" ? "{" : `${head} {`);
    this.#body(body);
    this.#line("}");
  }

  #if(s: JsStatement & { readonly kind: "if" }, before: string): void {
    this.#line(`${before}if (${this.#expression(s.condition)}) {`);
    this.#body(s.then);
    const [only, ...more] = s.otherwise ?? [];
    if (only === undefined) this.#line("}");
    else if (only.kind === "if" && more.length === 0) this.#if(only, "} else ");
    else {
      this.#line("} else {");
      this.#body(s.otherwise ?? []);
      this.#line("}");
    }
  }

  #case(part: JsCase): void {
    const heads = [
      ...part.values.map((value) => `case ${this.#expression(value)}:`),
      ...(part.isDefault ? ["default:"] : []),
    ];
    for (const head of heads.slice(0, -1)) this.#line(head);
    if (part.body.length === 0) this.#line(heads.at(-1) ?? "");
    else this.#braced(heads.at(-1) ?? "", part.body);
  }

  #declaration(s: JsDeclaration): string {
    const variables = s.variables.map(([name, value]) => `${name} = ${this.#expression(value)}`);
    return `${s.keyword} ${variables.join(", ")}`;
  }

  #expression(e: JsExpression, least = 0): string {
    const [text, precedence] = this.#parts(e);
    return precedence < least ? `(${text})` : text;
  }

  /** The text and how tightly it binds. */
  #parts(e: JsExpression): readonly [string, number] {
    switch (e.kind) {
      case "identifier":
        return [e.name, PRECEDENCE.primary];
      case "literal":
        return printLiteral(e.value);
      case "unary": {
        const operand = this.#expression(e.operand, PRECEDENCE.unary);
        // `--` would be another operator.
        const gap = e.operator === "-" && operand.startsWith("-") ? " " : "";
        return [`${e.operator}${gap}${operand}`, PRECEDENCE.unary];
      }
      case "binary": {
        const own = PRECEDENCE[e.operator];
        const mixed = BITWISE.has(e.operator);
        const operand = (inner: JsExpression, least: number): string =>
          this.#expression(inner, mixed && isOther(inner, e.operator) ? PRECEDENCE.unary : least);
        return [`${operand(e.left, own)} ${e.operator} ${operand(e.right, own + 1)}`, own];
      }
      case "conditional": {
        const [condition, whenTrue, whenFalse] = [
          this.#expression(e.condition, PRECEDENCE.conditional + 1),
          this.#expression(e.whenTrue, PRECEDENCE.assign),
          this.#expression(e.whenFalse, PRECEDENCE.assign),
        ];
        return [`${condition} ? ${whenTrue} : ${whenFalse}`, PRECEDENCE.conditional];
      }
      case "assign": {
        const target = this.#expression(e.target, PRECEDENCE.call);
        return [`${target} = ${this.#expression(e.value, PRECEDENCE.assign)}`, PRECEDENCE.assign];
      }
      case "call": {
        const args = e.arguments.map((argument) => this.#expression(argument, PRECEDENCE.assign));
        return [`${this.#expression(e.callee, PRECEDENCE.call)}(${args.join(", ")})`, PRECEDENCE.call];
      }
      case "member":
        return [`${this.#expression(e.object, PRECEDENCE.call)}.${e.name}`, PRECEDENCE.call];
      case "arrow":
        return [this.#arrow(e), PRECEDENCE.assign];
      case "array":
        return [
          `[${e.elements.map((one) => this.#expression(one, PRECEDENCE.assign)).join(", ")}]`,
          PRECEDENCE.primary,
        ];
      case "object": {
        const properties = e.properties.map(([name, value]) => {
          const text = this.#expression(value, PRECEDENCE.assign);
          if (text === name) return name;
          // Written plainly it would be the object's prototype.
          return `${name === "__proto__" ? '["__proto__"]' : name}: ${text}`;
        });
        return [properties.length === 0 ? "{}" : `{ ${properties.join(", ")} }`, PRECEDENCE.primary];
      }
    }
  }

  #arrow(e: JsExpression & { readonly kind: "arrow" }): string {
    const head = `(${e.parameters.join(", ")}) =>`;
    if (e.body.length === 0) return `${head} {}`;
    const inner = new Printer();
    inner.#indent = this.#indent + 1;
    inner.statements(e.body);
    return `${head} {\n${inner.text()}${"  ".repeat(this.#indent)}}`;
  }
}

function printLiteral(value: number | bigint | string | boolean | null): readonly [string, number] {
  if (typeof value === "string") return [JSON.stringify(value), PRECEDENCE.primary];
  const text = typeof value === "bigint" ? `${value}n` : String(value);
  return [text, text.startsWith("-") ? PRECEDENCE.unary : PRECEDENCE.primary];
}

function labelled(label: string | undefined): string {
  return label === undefined ? "" : `${label}: `;
}
