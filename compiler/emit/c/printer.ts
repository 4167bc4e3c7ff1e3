import type {
  CDeclaration,
  CExpression,
  CFunction,
  CMember,
  COperand,
  CStatement,
  CUnit,
  CVariable,
} from "./ast.ts";
import { ExpressionPrinter } from "./expressions.ts";
import type { SourceMap } from "./source-map.ts";
import { declarator } from "./types.ts";
import { type LineDirectives, quote, Writer } from "./writer.ts";

/** Prints a unit. With `directives` its text names the source's lines by `#line`. */
export function printUnit(unit: CUnit, directives?: LineDirectives): { text: string; map: SourceMap } {
  const writer = new Writer(directives);
  const printer = new UnitPrinter(writer);
  const groups = unit.groups.filter((group) => group.length > 0);
  groups.forEach((group, position) => {
    if (position > 0) writer.newline();
    for (const declaration of group) printer.declaration(declaration);
  });
  return { text: writer.text, map: writer.map };
}

class UnitPrinter {
  readonly #writer: Writer;
  readonly #expressions: ExpressionPrinter;

  constructor(writer: Writer) {
    this.#writer = writer;
    this.#expressions = new ExpressionPrinter(writer, this);
  }

  declaration(declaration: CDeclaration): void {
    switch (declaration.kind) {
      case "typedef":
        this.#line(`typedef ${declarator(declaration.type, declaration.name)};`);
        return;
      case "struct":
        this.#line(`struct ${declaration.tag} {`);
        this.#members(declaration.members);
        this.#line(`}${attributes(declaration.attributes ?? [])};`);
        return;
      case "enum":
        this.#line(`enum ${declaration.tag} : ${declarator(declaration.underlying, "")} {`);
        this.#writer.indented(() => {
          for (const member of declaration.members) {
            this.#writer.write(`${member.name} = `);
            this.#expressions.expression(member.value);
            this.#line(",");
          }
        });
        this.#line("};");
        return;
      case "variable":
        this.statement(declaration);
        return;
      case "function":
        this.#function(declaration);
        return;
    }
  }

  statements(expression: CExpression & { readonly kind: "statements" }): void {
    this.#writer.write("({");
    this.#writer.newline();
    this.#writer.indented(() => {
      this.#body(expression.body);
      this.#expressions.expression(expression.value);
      this.#line(";");
    });
    this.#writer.write("})");
  }

  statement(statement: CStatement): void {
    this.#writer.directive(statement.span);
    this.#writer.mapped(statement.span, () => this.#bare(statement));
    this.#writer.newline();
  }

  #bare(statement: CStatement): void {
    const writer = this.#writer;
    switch (statement.kind) {
      case "variable":
        this.#variable(statement);
        writer.write(";");
        return;
      case "expression":
        this.#expressions.expression(statement.expression);
        writer.write(";");
        return;
      case "block":
        this.#braces(statement.body);
        return;
      case "if":
        this.#if(statement);
        return;
      case "for":
        writer.write("for (");
        if (statement.initial !== undefined) this.#variable(statement.initial);
        writer.write(";");
        if (statement.condition !== undefined) {
          writer.write(" ");
          this.#expressions.expression(statement.condition);
        }
        writer.write(";");
        if (statement.update !== undefined) {
          writer.write(" ");
          this.#expressions.expression(statement.update);
        }
        writer.write(") ");
        this.#braces(statement.body);
        return;
      case "switch":
        this.#switch(statement);
        return;
      case "break":
      case "continue":
        writer.write(`${statement.kind};`);
        return;
      case "return":
        writer.write("return");
        if (statement.value !== undefined) {
          writer.write(" ");
          this.#expressions.expression(statement.value);
        }
        writer.write(";");
        return;
      case "goto":
        writer.write(`goto ${statement.label};`);
        return;
      case "label":
        // A label needs a statement after it, and what follows may be a declaration or the end of the block.
        writer.write(`${statement.label}:;`);
        return;
      case "asm":
        this.#asm(statement);
        return;
    }
  }

  #if(statement: CStatement & { readonly kind: "if" }): void {
    const writer = this.#writer;
    writer.write("if (");
    this.#expressions.expression(statement.condition);
    writer.write(") ");
    this.#braces(statement.then);
    const otherwise = statement.otherwise;
    if (otherwise === undefined || otherwise.length === 0) return;
    writer.write(" else ");
    const only = otherwise.length === 1 ? otherwise[0] : undefined;
    if (only?.kind === "if") writer.mapped(only.span, () => this.#if(only));
    else this.#braces(otherwise);
  }

  #switch(statement: CStatement & { readonly kind: "switch" }): void {
    const writer = this.#writer;
    writer.write("switch (");
    this.#expressions.expression(statement.subject);
    writer.write(") {");
    writer.newline();
    writer.indented(() => {
      for (const part of statement.cases) {
        const labels = part.values.map((value) => () => {
          writer.write("case ");
          this.#expressions.expression(value);
        });
        if (part.isDefault) labels.push(() => writer.write("default"));
        labels.forEach((label, position) => {
          if (position > 0) writer.newline();
          label();
          writer.write(":");
        });
        // A block of its own, so that a case may declare.
        writer.write(" ");
        this.#braces(part.body);
        writer.newline();
      }
    });
    writer.write("}");
  }

  #asm(statement: CStatement & { readonly kind: "asm" }): void {
    const writer = this.#writer;
    const operands = (list: readonly COperand[]): void => {
      list.forEach((operand, position) => {
        writer.write(`${position > 0 ? ", " : ""}"${operand.constraint}"(`);
        this.#expressions.expression(operand.value);
        writer.write(")");
      });
    };
    const clobbers = statement.clobbersMemory === true;
    writer.write(`asm volatile(${quote(statement.template)} :${statement.outputs.length > 0 ? " " : ""}`);
    operands(statement.outputs);
    if (statement.inputs.length > 0 || clobbers) {
      writer.write(statement.inputs.length > 0 ? " : " : " :");
      operands(statement.inputs);
    }
    if (clobbers) writer.write(' : "memory"');
    writer.write(");");
  }

  #variable(variable: CVariable): void {
    const writer = this.#writer;
    if (variable.storage !== undefined) writer.write(`${variable.storage} `);
    const type = variable.type;
    if (type.kind === "record") {
      this.#line(`${type.keyword} {`);
      this.#members(type.members);
      writer.write(`} ${variable.name}`);
    } else writer.write(declarator(type, variable.name));
    writer.write(attributes(variable.attributes ?? []));
    if (variable.initializer === undefined) return;
    writer.write(" = ");
    this.#expressions.initializer(variable.initializer);
  }

  #function(declaration: CFunction): void {
    const writer = this.#writer;
    writer.directive(declaration.span);
    writer.mapped(declaration.span, () => {
      const parameters = declaration.parameters.map((parameter) =>
        declarator(parameter.type, parameter.name),
      );
      for (const attribute of declaration.attributes) this.#line(`__attribute__((${attribute}))`);
      if (declaration.storage !== undefined) writer.write(`${declaration.storage} `);
      const signature = `${declaration.name}(${parameters.length === 0 ? "void" : parameters.join(", ")})`;
      writer.write(`${declarator(declaration.result, signature)} `);
      this.#braces(declaration.body);
    });
    writer.newline();
  }

  #members(members: readonly CMember[]): void {
    this.#writer.indented(() => {
      for (const member of members) this.#line(`${declarator(member.type, member.name)};`);
    });
  }

  #body(body: readonly CStatement[]): void {
    for (const statement of body) this.statement(statement);
  }

  #braces(body: readonly CStatement[]): void {
    this.#writer.write("{");
    this.#writer.newline();
    this.#writer.indented(() => this.#body(body));
    this.#writer.write("}");
  }

  #line(text: string): void {
    this.#writer.write(text);
    this.#writer.newline();
  }
}

function attributes(attributes: readonly string[]): string {
  return attributes.length === 0 ? "" : ` __attribute__((${attributes.join(", ")}))`;
}
