import type { Diagnostic, Span } from "./diagnostic.ts";
import { displayPath } from "./display-path.ts";
import type { RenderOptions } from "./render.ts";
import { SourceText } from "./source-text.ts";

/** A place in a file. Lines and columns count from 1, columns in UTF-16 code units; `end…` is just behind the last character. */
export interface JsonPlace {
  /** Relative to the working directory where inside it, else absolute. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface JsonDiagnostic {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  /** Null where no source is involved. */
  readonly place: JsonPlace | null;
  /** What stands beside the caret; null where there is nothing to add. */
  readonly label: string | null;
  readonly labels: readonly { readonly place: JsonPlace; readonly message: string }[];
  readonly notes: readonly string[];
  readonly help: string | null;
  readonly fix: {
    readonly title: string;
    readonly edits: readonly { readonly place: JsonPlace; readonly text: string }[];
  } | null;
}

/** The whole output: every field is always present. `version` changes when a field changes its meaning or goes. */
export interface JsonReport {
  readonly version: 1;
  readonly errors: number;
  readonly warnings: number;
  readonly diagnostics: readonly JsonDiagnostic[];
}

/** For tools: one `JsonReport`, as documented in `docs/diagnostics/README.md`. */
export function renderJson(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  options: RenderOptions,
): string {
  return `${JSON.stringify(toReport(diagnostics, sources, options), null, 2)}\n`;
}

export function toReport(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  options: RenderOptions,
): JsonReport {
  const texts = new Map([...sources].map(([file, text]) => [file, new SourceText(text)]));
  const place = (span: Span): JsonPlace => {
    const text = texts.get(span.file) ?? new SourceText("");
    const start = text.positionAt(span.start);
    const end = text.positionAt(span.end);
    return {
      file: displayPath(span.file, options.cwd),
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
    };
  };
  return {
    version: 1,
    errors: diagnostics.filter(({ severity }) => severity === "error").length,
    warnings: diagnostics.filter(({ severity }) => severity === "warning").length,
    diagnostics: diagnostics.map(({ code, severity, message, span, label, labels, notes, help, fix }) => ({
      code,
      severity,
      message,
      place: span === undefined ? null : place(span),
      label: label ?? null,
      labels: (labels ?? []).map((one) => ({ place: place(one.span), message: one.message })),
      notes: notes ?? [],
      help: help ?? null,
      fix:
        fix === undefined
          ? null
          : {
              title: fix.title,
              edits: fix.edits.map((edit) => ({ place: place(edit.span), text: edit.text })),
            },
    })),
  };
}
