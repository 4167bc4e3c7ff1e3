import type { Diagnostic, Span } from "../diagnostics/diagnostic.ts";
import { nestedTooDeeply } from "../diagnostics/files.ts";
import { ts } from "./typescript.ts";

/**
 * TypeScript's binder and checker, and lowering, walk the tree by recursion and need many stack frames per level. No program that people
 * write comes near.
 */
export const maxDepth = 400;

export type ParseResult = { readonly file: ts.SourceFile } | { readonly diagnostic: Diagnostic };

export function parseSource(path: string, text: string): ParseResult {
  let file: ts.SourceFile;
  try {
    file = ts.createSourceFile(
      path,
      text,
      { languageVersion: ts.ScriptTarget.ESNext, jsDocParsingMode: ts.JSDocParsingMode.ParseNone },
      false,
      ts.ScriptKind.TS,
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { diagnostic: nestedTooDeeply(deepestBracket(path, text)) };
  }
  const deep = findDeepNode(file);
  if (deep !== undefined) {
    const start = deep.getStart(file);
    return { diagnostic: nestedTooDeeply({ file: path, start, end: start + 1 }, maxDepth) };
  }
  listenToNoPragma(file);
  return { file };
}

/** The first node below `maxDepth`, found without recursion. */
function findDeepNode(root: ts.SourceFile): ts.Node | undefined {
  let level: ts.Node[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return level[0];
    const next: ts.Node[] = [];
    for (const node of level) {
      ts.forEachChild(node, (child) => {
        next.push(child);
      });
    }
    level = next;
  }
  return undefined;
}

/**
 * `@ts-expect-error`, `@ts-expect-error` and `@ts-nocheck` silence nothing: an error that is looked away from here would come back from the
 * verifier, or as wrong code.
 */
function listenToNoPragma(file: ts.SourceFile): void {
  Object.assign(file, { commentDirectives: undefined, checkJsDirective: undefined });
}

/** Where brackets are open deepest: a place to show when the parser itself ran out of stack. */
function deepestBracket(path: string, text: string): Span {
  let depth = 0;
  let deepest = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    if (depth > deepest) [deepest, start] = [depth, at];
  }
  return { file: path, start, end: Math.min(start + 1, text.length) };
}
