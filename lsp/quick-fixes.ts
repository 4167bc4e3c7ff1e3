import { type CodeAction, CodeActionKind, type Range, type WorkspaceEdit } from "vscode-languageserver/node";
import type { FileEdit, Problem } from "./problem.ts";

/** The version of an open document, null for a file that is not open, undefined where the editor takes edits without versions. */
export type VersionOf = (uri: string) => number | null | undefined;

/** The mechanical fixes of problems that touch a range. */
export function quickFixes(problems: readonly Problem[], range: Range, versionOf: VersionOf): CodeAction[] {
  return problems.flatMap(({ shown, fix }) => {
    if (fix === undefined || !overlap(shown.range, range)) return [];
    return {
      title: fix.title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [shown],
      isPreferred: true,
      edit: workspaceEdit(fix.edits, versionOf),
    };
  });
}

function workspaceEdit(edits: readonly FileEdit[], versionOf: VersionOf): WorkspaceEdit {
  const files = [...new Set(edits.map(({ uri }) => uri))].map((uri) => ({
    uri,
    version: versionOf(uri),
    edits: edits.filter((each) => each.uri === uri).map(({ edit }) => edit),
  }));
  if (files.some(({ version }) => version === undefined)) {
    return { changes: Object.fromEntries(files.map(({ uri, edits }) => [uri, edits])) };
  }
  return {
    documentChanges: files.map(({ uri, version, edits }) => ({
      textDocument: { uri, version: version ?? null },
      edits,
    })),
  };
}

/** Touching counts: the cursor behind the last character of a name is at the name. */
function overlap(a: Range, b: Range): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

function isBefore(a: Range["start"], b: Range["start"]): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
