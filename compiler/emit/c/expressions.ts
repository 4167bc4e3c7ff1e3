import type { CBinaryOperator, CExpression, CInitializer } from "./ast.ts";
import { declarator } from "./types.ts";
import { quote, type Writer } from "./writer.ts";

// C's precedence, from the loosest to the tightest.
const precedence = {
  assign: 2,
  conditional: 3,
  "||": 4,
  "&&": 5,
  "|": 6,
  "^": 7,
  "&": 8,
  "==": 9,
  "!=": 9,
  "<": 10,
  "<=": 10,
  ">": 10,
  ">=": 10,
  "<<": 11,
  ">>": 11,
  "+": 12,
  "-": 12,
  "*": 13,
  "/": 13,
  "%": 13,
  unary: 14,
  postfix: 15,
  primary: 16,
} as const;

type Level = (typeof precedence)[keyof typeof precedence];

/** Lines are broken after this column where an expression allows: the debug information has ten bits for a column. */
const wrapColumn = 110;

function levelOf(expression: CExpression): Level {
  switch (expression.kind) {
    case "assign":
      return precedence.assign;
    case "conditional":
      return precedence.conditional;
    case "binary":
      return precedence[expression.operator];
    case "unary":
    case "cast":
    case "sizeofType":
      return precedence.unary;
    case "call":
    case "member":
    case "arrow":
    case "index":
    case "compound":
    case "postIncrement":
    case "offsetof":
      return precedence.postfix;
    case "identifier":
    case "number":
    case "string":
    case "statements":
      return precedence.primary;
  }
}

/** Operators that readers (and compilers' warnings) want in parentheses although C does not. */
function confusing(outer: CBinaryOperator, inner: CExpression): boolean {
  if (inner.kind !== "binary" || inner.operator === outer) return false;
  const bitwise = (operator: CBinaryOperator): boolean =>
    operator === "&" || operator === "|" || operator === "^" || operator === "<<" || operator === ">>";
  return bitwise(outer) || bitwise(inner.operator) || (outer === "||" && inner.operator === "&&");
}

export interface StatementPrinter {
  statements(expression: CExpression & { readonly kind: "statements" }): void;
}

/** Prints expressions; parentheses only where the tree needs them. */
export class ExpressionPrinter {
  readonly #writer: Writer;
  readonly #statements: StatementPrinter;

  constructor(writer: Writer, statements: StatementPrinter) {
    this.#writer = writer;
    this.#statements = statements;
  }

  expression(expression: CExpression, minimum: number = precedence.assign): void {
    this.#writer.mapped(expression.span, () => {
      const parenthesised = levelOf(expression) < minimum;
      if (parenthesised) this.#writer.write("(");
      this.#bare(expression);
      if (parenthesised) this.#writer.write(")");
    });
  }

  initializer(initializer: CInitializer): void {
    if (initializer.kind !== "list") {
      this.expression(initializer);
      return;
    }
    if (initializer.items.length === 0) {
      this.#writer.write("{}");
      return;
    }
    this.#writer.write("{ ");
    this.#list(initializer.items, (item) => {
      if (item.field !== undefined) this.#writer.write(`.${item.field} = `);
      this.initializer(item.value);
    });
    this.#writer.write(" }");
  }

  #list<T>(items: readonly T[], print: (item: T) => void): void {
    items.forEach((item, position) => {
      if (position > 0) {
        this.#writer.write(",");
        this.#space();
      }
      print(item);
    });
  }

  #space(): void {
    if (this.#writer.column < wrapColumn) this.#writer.write(" ");
    else this.#writer.wrap();
  }

  #bare(expression: CExpression): void {
    const writer = this.#writer;
    switch (expression.kind) {
      case "identifier":
        writer.write(expression.name);
        return;
      case "number":
        writer.write(expression.text);
        return;
      case "string":
        writer.write(quote(expression.value));
        return;
      case "unary": {
        writer.write(expression.operator);
        // `- -x` and `& &x` must not grow together.
        const inner = expression.operand;
        const touching = inner.kind === "unary" && inner.operator === expression.operator;
        if (touching && expression.operator !== "!" && expression.operator !== "*") writer.write(" ");
        this.expression(inner, precedence.unary);
        return;
      }
      case "binary":
        this.#binary(expression);
        return;
      case "conditional":
        this.expression(expression.condition, precedence["||"]);
        writer.write(" ?");
        this.#space();
        this.expression(expression.whenTrue);
        writer.write(" :");
        this.#space();
        this.expression(expression.whenFalse, precedence.conditional);
        return;
      case "assign":
        this.expression(expression.target, precedence.unary);
        writer.write(" = ");
        this.expression(expression.value, precedence.assign);
        return;
      case "postIncrement":
        this.expression(expression.operand, precedence.postfix);
        writer.write("++");
        return;
      case "call":
        this.expression(expression.callee, precedence.postfix);
        writer.write("(");
        this.#list(expression.arguments, (argument) => this.expression(argument));
        writer.write(")");
        return;
      case "member":
      case "arrow":
        this.expression(expression.base, precedence.postfix);
        writer.write(`${expression.kind === "arrow" ? "->" : "."}${expression.name}`);
        return;
      case "index":
        this.expression(expression.base, precedence.postfix);
        writer.write("[");
        this.expression(expression.index);
        writer.write("]");
        return;
      case "cast":
        writer.write(`(${declarator(expression.type, "")})`);
        this.expression(expression.operand, precedence.unary);
        return;
      case "compound":
        writer.write(`(${declarator(expression.type, "")})`);
        this.initializer(expression.initializer);
        return;
      case "sizeofType":
        writer.write(`sizeof(${declarator(expression.type, "")})`);
        return;
      case "offsetof": {
        const path = expression.path.map((step) => (typeof step === "string" ? `.${step}` : `[${step}]`));
        const designator = path.join("").slice(1);
        writer.write(`__builtin_offsetof(${declarator(expression.type, "")}, ${designator})`);
        return;
      }
      case "statements":
        this.#statements.statements(expression);
        return;
    }
  }

  #binary(expression: CExpression & { readonly kind: "binary" }): void {
    const { operator, left, right } = expression;
    const level = precedence[operator];
    this.expression(left, confusing(operator, left) ? precedence.unary : level);
    this.#writer.write(` ${operator}`);
    this.#space();
    this.expression(right, confusing(operator, right) ? precedence.unary : level + 1);
  }
}
