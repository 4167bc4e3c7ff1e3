import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { ts } from "../typescript.ts";

/** One of TypeScript's errors, and what it takes to understand it. */
export interface Mistake {
  readonly error: ts.DiagnosticWithLocation;
  /** The node TypeScript points at. */
  readonly node: ts.Node;
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  readonly span: { readonly file: string; readonly start: number; readonly end: number };
}

export interface Translated {
  readonly diagnostic: Diagnostic;
  /** Complaints with one root are one complaint: later places become labels of the first. */
  readonly root?: unknown;
}

/** Says a mistake in the language's own terms, or returns nothing where it is not about the language. */
export type Translation = (mistake: Mistake) => Translated | undefined;
