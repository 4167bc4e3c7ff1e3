import {
  dynamicImport,
  regularExpression,
  thisKeyword,
  withoutMeaning,
} from "../../diagnostics/unsupported-syntax.ts";
import { spanOf } from "../span.ts";
import { ts } from "../typescript.ts";
import type { Rule } from "./rule.ts";

export const regularExpressionRule: Rule = {
  kinds: [ts.SyntaxKind.RegularExpressionLiteral],
  check(node, { report }) {
    report(regularExpression(spanOf(node)), node);
  },
};

export const thisRule: Rule = {
  kinds: [ts.SyntaxKind.ThisKeyword],
  check(node, { report }) {
    report(thisKeyword(spanOf(node)), node);
  },
};

export const dynamicImportRule: Rule = {
  kinds: [ts.SyntaxKind.ImportKeyword],
  check(node, { report }) {
    if (ts.isCallExpression(node.parent)) report(dynamicImport(spanOf(node.parent)), node.parent);
  },
};

export const debuggerRule: Rule = {
  kinds: [ts.SyntaxKind.DebuggerStatement],
  check(node, { report }) {
    report(withoutMeaning(spanOf(node), "`debugger` statements"));
  },
};

export const decoratorRule: Rule = {
  kinds: [ts.SyntaxKind.Decorator],
  check(node, { report }) {
    report(withoutMeaning(spanOf(node), "decorators"), node);
  },
};
