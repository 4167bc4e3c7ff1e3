import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { notTypeScript } from "../../diagnostics/files.ts";
import { SourceText } from "../../diagnostics/source-text.ts";
import type { SourceGraph } from "../source-graph.ts";
import type { ts } from "../typescript.ts";
import { passOn } from "./pass-on.ts";

/** From here on, and where a quarter of the lines is wrong, the file is in another language rather than broken. */
const manyErrors = 5;

/** The parser's errors: the first of each line, as the others come from its attempts to go on. */
export function reportSyntax(errors: readonly ts.DiagnosticWithLocation[], graph: SourceGraph): Diagnostic[] {
  const byFile = new Map<ts.SourceFile, ts.DiagnosticWithLocation[]>();
  for (const error of errors) byFile.set(error.file, [...(byFile.get(error.file) ?? []), error]);
  return [...byFile].flatMap(([file, all]) => {
    const text = new SourceText(file.text);
    const byLine = new Map<number, ts.DiagnosticWithLocation>();
    for (const error of all) {
      const { line } = text.positionAt(error.start);
      if (!byLine.has(line)) byLine.set(line, error);
    }
    const firsts = [...byLine.values()].map(passOn);
    const lines = file.text.split("\n").filter((line) => line.trim() !== "").length;
    const [first] = firsts;
    if (first === undefined || firsts.length < manyErrors || firsts.length * 4 < lines) return firsts;
    return [notTypeScript(first.span, graph.show(file.fileName), `${first.code}: ${first.message}`)];
  });
}
