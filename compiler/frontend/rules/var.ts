import { varDeclaration } from "../../diagnostics/unsupported-syntax.ts";
import { spanOf } from "../span.ts";
import { ts } from "../typescript.ts";
import type { Rule } from "./rule.ts";

export const varRule: Rule = {
  kinds: [ts.SyntaxKind.VariableDeclarationList],
  check(node, { report }) {
    if ((node.flags & ts.NodeFlags.BlockScoped) !== 0) return;
    const { file, start } = spanOf(node);
    const span = { file, start, end: start + "var".length };
    report({
      ...varDeclaration(span),
      fix: { title: "replace `var` by `let`", edits: [{ span, text: "let" }] },
    });
  },
};
