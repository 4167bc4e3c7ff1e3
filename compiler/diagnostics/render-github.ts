import type { Diagnostic } from "./diagnostic.ts";
import type { RenderOptions } from "./render.ts";
import { type JsonDiagnostic, toReport } from "./render-json.ts";

/** For GitHub Actions: one workflow command per diagnostic, which annotates the changed line. */
export function renderGithub(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  options: RenderOptions,
): string {
  return toReport(diagnostics, sources, options)
    .diagnostics.map((diagnostic) => `${command(diagnostic)}\n`)
    .join("");
}

function command({ code, severity, message, place, label, notes, help }: JsonDiagnostic): string {
  const properties: Record<string, string | number> = {};
  if (place !== null) {
    properties.file = place.file;
    properties.line = place.line;
    properties.endLine = place.endLine;
    // Columns of a range over several lines are refused.
    if (place.line === place.endLine) {
      properties.col = place.column;
      properties.endColumn = place.endColumn;
    }
  }
  properties.title = code;
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  const body = [
    label === null ? message : `${message}: ${label}`,
    ...notes.map((note) => `note: ${note}`),
    ...(help === null ? [] : [`help: ${help}`]),
  ];
  return `::${severity} ${list.join(",")}::${escapeData(body.join("\n"))}`;
}

// As the toolkit of GitHub Actions does it: what would end a line, a property or the command is percent-encoded.
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
