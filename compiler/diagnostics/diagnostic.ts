/** A half-open range of UTF-16 offsets in one source file. */
export interface Span {
  /** Absolute path of the file. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

export type Severity = "error" | "warning";

/** A secondary place that explains the primary one. */
export interface Label {
  readonly span: Span;
  readonly message: string;
}

/** A mechanical change that resolves the diagnostic. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly { readonly span: Span; readonly text: string }[];
}

/**
 * One complaint in the terms of the user's program: compiler, toolchain, verifier, configuration and policy all
 * speak through this type.
 */
export interface Diagnostic {
  /** `TSB1204`, or `TS2345` where TypeScript's own error is passed on. Codes are permanent. */
  readonly code: string;
  readonly severity: Severity;
  /** One line, lower case, no full stop. */
  readonly message: string;
  /** Absent only where no source is involved, such as a missing clang. */
  readonly span?: Span;
  /** What stands beside the caret of the primary span. */
  readonly label?: string;
  readonly labels?: readonly Label[];
  readonly notes?: readonly string[];
  readonly help?: string;
  readonly fix?: Fix;
}
