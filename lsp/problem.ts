import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  type Location,
  type Diagnostic as Shown,
  type TextEdit,
} from "vscode-languageserver/node";
import { catalogue } from "../compiler/diagnostics/catalogue.ts";
import type { Diagnostic, Fix } from "../compiler/diagnostics/diagnostic.ts";
import { packageRoot } from "../compiler/package-root.ts";
import type { Client } from "./client.ts";
import type { Places } from "./places.ts";

/** An edit of one file: quick fixes may reach into others. */
export interface FileEdit {
  readonly uri: string;
  readonly edit: TextEdit;
}

/** A diagnostic as an editor shows it. */
export interface Problem {
  readonly uri: string;
  readonly shown: Shown;
  readonly fix?: { readonly title: string; readonly edits: readonly FileEdit[] };
}

/** @param entry where a diagnostic of no place is shown: at the start of this file */
export function describeProblem(
  diagnostic: Diagnostic,
  entry: string,
  places: Places,
  client: Client,
): Problem {
  const { code, severity, fix, labels = [] } = diagnostic;
  const { uri, range } = places.locate(diagnostic.span ?? { file: entry, start: 0, end: 0 });
  const related = labels.map(({ span, message }) => ({ location: places.locate(span), message }));
  const page = client.codeDescription ? pageOf(code) : undefined;
  return {
    uri,
    shown: {
      range,
      severity: severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
      code,
      ...(page === undefined ? {} : { codeDescription: { href: page } }),
      source: "tsbpf",
      message: messageOf(diagnostic, client.relatedInformation ? [] : related),
      ...(client.relatedInformation && related.length > 0 ? { relatedInformation: related } : {}),
    },
    ...(fix === undefined ? {} : { fix: { title: fix.title, edits: editsOf(fix, places) } }),
  };
}

/** Editors show one text: what the command line draws beside and below the source follows the message, a line each. */
function messageOf(
  { message, label, notes = [], help }: Diagnostic,
  related: readonly DiagnosticRelatedInformation[],
): string {
  return [
    message,
    ...(label === undefined ? [] : [label]),
    ...related.map(({ location, message }) => `${nameOf(location)}: ${message}`),
    ...notes.map((note) => `note: ${note}`),
    ...(help === undefined ? [] : [`help: ${help}`]),
  ].join("\n");
}

function nameOf({ uri, range }: Location): string {
  return `${basename(fileURLToPath(uri))}:${range.start.line + 1}:${range.start.character + 1}`;
}

/** The page of a code as it is in the package. TypeScript's own codes have none. */
function pageOf(code: string): string | undefined {
  if (!catalogue.has(code)) return undefined;
  return pathToFileURL(join(packageRoot, "docs", "diagnostics", `${code}.md`)).href;
}

function editsOf(fix: Fix, places: Places): FileEdit[] {
  return fix.edits.map(({ span, text }) => {
    const { uri, range } = places.locate(span);
    return { uri, edit: { range, newText: text } };
  });
}
