import type { Diagnostic, Severity, Span } from "./diagnostic.ts";

/** What one kind of diagnostic says; code, severity and span are added by its factory. */
export type Description = Omit<Diagnostic, "code" | "severity" | "span">;

/** Makes diagnostics of one code. Called with the place and with what the message names. */
export interface DiagnosticFactory<A extends readonly unknown[] = readonly never[]> {
  (span: Span | undefined, ...details: A): Diagnostic;
  readonly code: string;
  /** As it stands in the catalogue and as the title of `docs/diagnostics/CODE.md`. */
  readonly title: string;
}

/**
 * Defines a code. A file in this folder holds the codes of one area, each an exported factory:
 *
 *     export const notBoolean = define("TSB1210", "condition is not a boolean", (type: string) => ({
 *       message: `\`${type}\` is not a condition`,
 *       help: "compare it: `!== 0`",
 *     }));
 *
 * Message, label and notes are lower case without a full stop; what to do goes to `help`.
 */
export function define<A extends readonly unknown[]>(
  code: `TSB${number}`,
  title: string,
  describe: (...details: A) => Description,
  severity: Severity = "error",
): DiagnosticFactory<A> {
  const make = (span: Span | undefined, ...details: A): Diagnostic => ({
    code,
    severity,
    ...describe(...details),
    ...(span === undefined ? {} : { span }),
  });
  return Object.assign(make, { code, title });
}
