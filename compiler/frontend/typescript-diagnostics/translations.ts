import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { SourceGraph } from "../source-graph.ts";
import type { ts } from "../typescript.ts";

/** Says one of TypeScript's errors in the language's own terms, or returns nothing where it is not about the language. */
export type Translation = (
  error: ts.Diagnostic,
  program: ts.Program,
  graph: SourceGraph,
) => Diagnostic | undefined;

export const translations: ReadonlyMap<number, Translation> = new Map();
