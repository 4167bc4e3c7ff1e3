import { basename } from "node:path";
import type { Span } from "../diagnostics/diagnostic.ts";
import { SourceText } from "../diagnostics/source-text.ts";
import type { LargeLocal } from "../diagnostics/toolchain.ts";
import { sizeOf, typeName } from "../ir/build.ts";
import type { IrFunction, IrModule, IrProgram } from "../ir/module.ts";
import type { IrType } from "../ir/types.ts";
import { visit } from "../ir/walk.ts";

/** How many a message lists. */
const listed = 5;

/** The programs that a place in the source is a part of, by the functions they call; all where it is in none. */
export function programsAt(module: IrModule, span: Span | undefined): readonly IrProgram[] {
  if (span === undefined) return module.programs;
  const holds = (definition: IrFunction): boolean =>
    definition.span.file === span.file &&
    definition.span.start <= span.start &&
    span.end <= definition.span.end;
  const at = module.programs.filter((program) => functionsOf(program).some(holds));
  return at.length === 0 ? module.programs : at;
}

/** What takes most of the stack: locals, and the copies that calls of maps and helpers point to. */
export function largestOnStack(module: IrModule, programs: readonly IrProgram[]): readonly LargeLocal[] {
  const found = new Map<string, LargeLocal>();
  const note = (name: string, type: IrType, span: Span): void => {
    if (type.kind !== "struct" && type.kind !== "array") return;
    const text = new SourceText(module.sources.get(span.file) ?? "");
    const { line } = text.positionAt(span.start);
    const description = `${name} of type ${typeName(type)}, ${basename(span.file)}:${line}`;
    found.set(description, { description, bytes: sizeOf(type), span });
  };
  for (const definition of programs.flatMap(functionsOf)) {
    visit(definition.body, {
      statement: (statement) => {
        if (statement.op === "let") note(`\`${statement.local.name}\``, statement.local.type, statement.span);
      },
      expression: (expression) => {
        const direct = expression.op === "mapUpdate" && expression.value.op !== "load";
        if (direct)
          note(`the value stored in \`${expression.map.name}\``, expression.value.type, expression.span);
      },
    });
  }
  return [...found.values()].sort((a, b) => b.bytes - a.bytes).slice(0, listed);
}

function functionsOf(program: IrProgram): readonly IrFunction[] {
  const functions = new Set<IrFunction>();
  const reach = (definition: IrFunction): void => {
    if (functions.has(definition)) return;
    functions.add(definition);
    visit(definition.body, {
      expression: (expression) => {
        if (expression.op === "call") reach(expression.function);
      },
    });
  };
  reach(program.function);
  return [...functions];
}
