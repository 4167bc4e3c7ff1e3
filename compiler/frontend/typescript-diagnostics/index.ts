import type { Diagnostic, Span } from "../../diagnostics/diagnostic.ts";
import { isLibrary, type SourceGraph } from "../source-graph.ts";
import { ts } from "../typescript.ts";
import { translations } from "./translations.ts";

/** Errors that `SourceGraph` reports in its own words: a module not found, and what follows from it. */
const resolvedElsewhere: ReadonlySet<number> = new Set([2307, 2306, 2792, 6053, 7016]);

/**
 * TypeScript's errors as ours. Those on the types of the language are put into its terms, under a code of the catalogue, with TypeScript's
 * number in a note; others keep its number and words.
 */
export function reportTypeScript(
  errors: readonly ts.Diagnostic[],
  program: ts.Program,
  graph: SourceGraph,
): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const error of errors) {
    if (error.category !== ts.DiagnosticCategory.Error || resolvedElsewhere.has(error.code)) continue;
    if (error.file !== undefined && isLibrary(error.file.fileName)) continue;
    const translated =
      error.file === undefined ? undefined : translations.get(error.code)?.(error, program, graph);
    found.push(translated === undefined ? passOn(error) : withNumber(translated, error.code));
  }
  return found;
}

function withNumber(diagnostic: Diagnostic, number: number): Diagnostic {
  return { ...diagnostic, notes: [...(diagnostic.notes ?? []), `TypeScript reports this as TS${number}`] };
}

function passOn(error: ts.Diagnostic): Diagnostic {
  const [message = "", ...rest] = ts.flattenDiagnosticMessageText(error.messageText, "\n").split("\n");
  const span = spanOfError(error);
  return {
    code: `TS${error.code}`,
    severity: "error",
    message: lowerFirst(withoutStop(message)),
    ...(span === undefined ? {} : { span }),
    ...(rest.length === 0 ? {} : { notes: rest.map((line) => lowerFirst(withoutStop(line.trim()))) }),
  };
}

export function spanOfError(error: ts.DiagnosticRelatedInformation): Span | undefined {
  if (error.file === undefined || error.start === undefined) return undefined;
  return { file: error.file.fileName, start: error.start, end: error.start + (error.length ?? 0) };
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, "").replace(/'([^']*)'/g, "`$1`");
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
