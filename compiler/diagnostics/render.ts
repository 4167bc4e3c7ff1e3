import type { Diagnostic } from "./diagnostic.ts";
import { renderGithub } from "./render-github.ts";
import { renderJson } from "./render-json.ts";
import { renderText } from "./render-text.ts";

export type DiagnosticFormat = "text" | "json" | "github";

export interface RenderOptions {
  /** Paths are shown relative to it. */
  readonly cwd: string;
  /** Text only; by default where the terminal and `NO_COLOR` allow it. */
  readonly color?: boolean;
}

/**
 * Diagnostics as text, ending in a line end where there is any.
 *
 * @param sources text by absolute path, of every file that a span names
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  format: DiagnosticFormat,
  options: RenderOptions,
): string {
  switch (format) {
    case "text":
      return renderText(diagnostics, sources, options);
    case "json":
      return renderJson(diagnostics, sources, options);
    case "github":
      return renderGithub(diagnostics, sources, options);
  }
}
