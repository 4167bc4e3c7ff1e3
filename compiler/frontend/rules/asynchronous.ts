import { asyncFunction, awaitExpression, generatorFunction } from "../../diagnostics/unsupported-syntax.ts";
import { spanOf } from "../span.ts";
import { ts } from "../typescript.ts";
import type { Rule } from "./rule.ts";

/** Without a library TypeScript says nothing of its own about `async` and generators, or advises to change the library. */
export const asyncRule: Rule = {
  kinds: [ts.SyntaxKind.AsyncKeyword],
  check(node, { report }) {
    report(asyncFunction(spanOf(node)), node.parent);
  },
};

export const generatorRule: Rule = {
  kinds: [
    ts.SyntaxKind.FunctionDeclaration,
    ts.SyntaxKind.FunctionExpression,
    ts.SyntaxKind.MethodDeclaration,
  ],
  check(node, { report }) {
    const star = (node as ts.FunctionLikeDeclaration).asteriskToken;
    if (star !== undefined) report(generatorFunction(spanOf(star)), node);
  },
};

export const awaitRule: Rule = {
  kinds: [ts.SyntaxKind.AwaitExpression, ts.SyntaxKind.AwaitKeyword],
  check(node, { report }) {
    const isForAwait = node.kind === ts.SyntaxKind.AwaitKeyword;
    report(awaitExpression(spanOf(node)), isForAwait ? node.parent : node);
  },
};
