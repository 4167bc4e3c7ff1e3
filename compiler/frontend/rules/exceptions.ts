import { exceptions } from "../../diagnostics/unsupported-syntax.ts";
import { spanOf } from "../span.ts";
import { ts } from "../typescript.ts";
import type { Rule } from "./rule.ts";

export const exceptionsRule: Rule = {
  kinds: [ts.SyntaxKind.ThrowStatement, ts.SyntaxKind.TryStatement],
  check(node, { report }) {
    const keyword = ts.isThrowStatement(node) ? "throw" : "try";
    const { file, start } = spanOf(node);
    const whole = ts.isThrowStatement(node) ? node : undefined;
    report(exceptions({ file, start, end: start + keyword.length }, keyword), whole);
  },
};
