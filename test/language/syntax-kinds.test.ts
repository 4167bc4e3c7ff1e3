import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSources } from "../../compiler/frontend/load.ts";
import { ts } from "../../compiler/frontend/typescript.ts";
import { expressions } from "../../compiler/lower/expressions.ts";
import { lowerModule } from "../../compiler/lower/index.ts";
import { statements } from "../../compiler/lower/statements.ts";

// Every kind of syntax is lowered, or refused with a code, or is a part of another kind that its parent looks at. Lowering is called
// without the front end's own rules here, so that it stands on its own.

const K = ts.SyntaxKind;

/** Statements that use a kind which is not in the maps. They stand in a program, or at the top of a file where they begin with `top:`. */
const refused: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [K.RegularExpressionLiteral, "const x = /a/;"],
  [K.SuperKeyword, "super.x;"],
  [K.ImportKeyword, 'import("./x.ts");'],
  [K.TaggedTemplateExpression, "tag`a`;"],
  [K.TypeOfExpression, "const x = typeof n;"],
  [K.VoidExpression, "void n;"],
  [K.DeleteExpression, "delete n.x;"],
  [K.AwaitExpression, "await n;"],
  [
    K.YieldExpression,
    "top:function* g() { yield 1; }\nexport const other = tc(() => { g(); return TcAction.OK; });",
  ],
  [K.ClassExpression, "const x = class {};"],
  [K.ClassDeclaration, "class A {}"],
  [K.SpreadElement, "f(...n);"],
  [K.MetaProperty, "const x = import.meta;"],
  [K.ForInStatement, "for (const x in n) {}"],
  [K.ThrowStatement, "throw n;"],
  [K.TryStatement, "try { n; } catch {}"],
  [K.WithStatement, "with (n) {}"],
  [K.DebuggerStatement, "debugger;"],
  [K.EnumDeclaration, "enum E { A }"],
  [K.ModuleDeclaration, "top:namespace N { export const x = 1; }"],
  [K.ExpressionWithTypeArguments, "const x = f<u32>;"],
  [K.OmittedExpression, "const x: FixedArray<u32, 2> = [, 1];"],
  [K.ImportEqualsDeclaration, "top:import x = tc;"],
  [K.ExportAssignment, "top:export default 1;"],
  [K.NamespaceExportDeclaration, "top:export as namespace x;"],
  [K.PrivateIdentifier, "n.#x;"],
  [K.ComputedPropertyName, "const x: Row = { [n]: 1 };"],
  [K.SpreadAssignment, "const x: Row = { ...n };"],
  [K.ShorthandPropertyAssignment, "const x: Row = { q };"],
  [K.MethodDeclaration, "const x: Row = { a() {} };"],
  [K.GetAccessor, "const x: Row = { get a() { return 1; } };"],
  [K.SetAccessor, "const x: Row = { set a(v) {} };"],
  [K.ArrayBindingPattern, "const [x] = n;"],
  [K.ObjectBindingPattern, "const { x } = n;"],
]);

/** Expressions whose parents lower them, and top-level statements that `module.ts` looks at. */
const lookedAt: ReadonlySet<ts.SyntaxKind> = new Set([
  K.ImportDeclaration,
  K.ExportDeclaration,
  K.PartiallyEmittedExpression,
  K.CommaListExpression,
  K.SyntheticExpression,
  K.SyntheticReferenceExpression,
  K.NotEmittedStatement,
  K.NotEmittedTypeElement,
  K.SemicolonClassElement,
  K.TemplateSpan,
  // What the parser puts where it found nothing: never without an error of its own.
  K.MissingDeclaration,
]);

/** Tokens, types, names, clauses and comments: no statement or expression. */
function isPart(kind: ts.SyntaxKind): boolean {
  const between = (first: ts.SyntaxKind, last: ts.SyntaxKind) => kind >= first && kind <= last;
  return (
    (between(K.FirstToken, K.LastToken) && !expressions.has(kind) && !refused.has(kind)) ||
    between(K.FirstTypeNode, K.LastTypeNode) ||
    between(K.QualifiedName, K.IndexSignature) ||
    between(K.BindingElement, K.BindingElement) ||
    between(K.VariableDeclaration, K.VariableDeclarationList) ||
    between(K.ModuleBlock, K.CaseBlock) ||
    between(K.ImportClause, K.ImportAttribute) ||
    between(K.FirstJSDocNode, K.LastJSDocNode) ||
    between(K.JsxElement, K.JsxNamespacedName) ||
    between(K.ExternalModuleReference, K.ExternalModuleReference) ||
    between(K.CaseClause, K.SourceFile) ||
    kind >= K.SourceFile
  );
}

const kinds = [
  ...new Set(Object.values(K).filter((value): value is ts.SyntaxKind => typeof value === "number")),
].filter((kind) => kind < K.Count);

describe("kinds of syntax", () => {
  let cwd: string;
  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), "tsbpf-syntax-"));
  });
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  it("are all accounted for", () => {
    const unknown = kinds.filter(
      (kind) =>
        !expressions.has(kind) &&
        !statements.has(kind) &&
        !refused.has(kind) &&
        !lookedAt.has(kind) &&
        !isPart(kind),
    );
    expect(unknown.map((kind) => K[kind])).toEqual([]);
  });

  for (const [kind, source] of refused) {
    it(`${K[kind]} is refused with a code`, () => {
      const top = source.startsWith("top:") ? source.slice(4) : "";
      const body = top === "" ? source : "";
      const text = `import { tc, TcAction, type u32, type FixedArray } from "tsbpf/stdlib";
interface Row { a: u32 }
${top}
export const run = tc((packet) => { const n = packet.len; ${body} return TcAction.OK; });
`;
      writeFileSync(join(cwd, "main.bpf.ts"), text);
      const { loaded } = loadSources("main.bpf.ts", { cwd });
      if (!loaded) throw new Error("not loaded");
      const { module, diagnostics } = lowerModule(loaded);
      expect(module === undefined, "was compiled").toBe(true);
      expect(diagnostics.length).toBeGreaterThan(0);
      for (const { code } of diagnostics) expect(code).toMatch(/^TSB1[1-7]\d\d$/);
    });
  }

  it("no kind makes lowering throw where it is put in the place of a statement or expression", () => {
    const broken = [
      "const x: u32 = ;",
      "if () {}",
      "for (;;) {}",
      "for (const x of) {}",
      "switch () {}",
      "return return;",
      "const = 5;",
      "x.;",
      "f(;",
      "label: ;",
      "break nowhere;",
      "continue;",
      "let a: Missing = 1;",
      "const b = missing.field.deep(1, 2)!;",
      "using r = missing();",
      "packet.header<Missing>(0);",
      "packet[0];",
      "packet = packet;",
      "const f = packet.header;",
      "TcAction = 1;",
      "tc(() => TcAction.OK);",
      "new tc();",
      "(() => 1)();",
      "n++ + ++n; n = n = n;",
      "packet.len++;",
      "undefined!;",
      "undefined ?? undefined;",
      "const z: void = undefined;",
      "const [a, ...b] = [1, 2], { c, d: { e } } = n; a + e;",
    ];
    for (const body of broken) {
      const text = `import { tc, TcAction, type u32 } from "tsbpf/stdlib";
export const run = tc((packet) => { let n = packet.len; ${body} return TcAction.OK; });
`;
      writeFileSync(join(cwd, "main.bpf.ts"), text);
      const { loaded } = loadSources("main.bpf.ts", { cwd });
      if (!loaded) continue;
      const { module, diagnostics } = lowerModule(loaded);
      expect(module === undefined || !diagnostics.some(({ severity }) => severity === "error"), body).toBe(
        true,
      );
    }
  });
});
