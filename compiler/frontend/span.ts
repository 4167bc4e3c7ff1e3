import type { Span } from "../diagnostics/diagnostic.ts";
import type { ts } from "./typescript.ts";

/** Where a node is, without the comments and blanks before it. Before binding a node does not know its file: give it then. */
export function spanOf(node: ts.Node, file: ts.SourceFile = node.getSourceFile()): Span {
  return { file: file.fileName, start: node.getStart(file), end: node.getEnd() };
}
