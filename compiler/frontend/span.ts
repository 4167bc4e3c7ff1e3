import type { Span } from "../diagnostics/diagnostic.ts";
import type { ts } from "./typescript.ts";

/** Where a node is, without the comments and blanks before it. */
export function spanOf(node: ts.Node): Span {
  const file = node.getSourceFile();
  return { file: file.fileName, start: node.getStart(file), end: node.getEnd() };
}
