import { ts } from "../frontend/typescript.ts";

const K = ts.SyntaxKind;

/** What to write instead of a construct that has no meaning in the kernel, and how the message calls it. */
const known: ReadonlyMap<ts.SyntaxKind, { readonly name: string; readonly help: string }> = new Map([
  [K.RegularExpressionLiteral, { name: "a regular expression", help: "compare bytes" }],
  [K.SuperKeyword, { name: "super", help: "use functions of the module" }],
  [K.ImportKeyword, { name: "import()", help: "import at the top of the file" }],
  [K.TaggedTemplateExpression, { name: "a tagged template", help: "call the function with arguments" }],
  [K.TypeOfExpression, { name: "typeof", help: "the type of every value is known: drop the test" }],
  [K.VoidExpression, { name: "void", help: "write the expression as a statement" }],
  [
    K.DeleteExpression,
    { name: "delete", help: "set the field to a value that means nothing, or use `map.delete(key)`" },
  ],
  [
    K.AwaitExpression,
    { name: "await", help: "a kernel program runs to its end: there is nothing to wait for" },
  ],
  [K.YieldExpression, { name: "yield", help: "write a loop" }],
  [K.ClassExpression, { name: "a class", help: "use an interface for the data and functions for the rest" }],
  [K.ClassDeclaration, { name: "a class", help: "use an interface for the data and functions for the rest" }],
  [K.SpreadElement, { name: "a spread", help: "name each element" }],
  [K.MetaProperty, { name: "import.meta", help: "there are no modules at run time" }],
  [
    K.ForInStatement,
    { name: "for…in", help: "use `for (const x of array)` or `for (const i of range(n, { max }))`" },
  ],
  [K.ThrowStatement, { name: "throw", help: "return a value that says what is wrong" }],
  [K.TryStatement, { name: "try", help: "test results: helpers return a negative errno" }],
  [K.WithStatement, { name: "with", help: "name the object" }],
  [K.DebuggerStatement, { name: "debugger", help: "use `console.debug(…)`" }],
  [K.EnumDeclaration, { name: "an enum inside a function", help: "move it to the top of the file" }],
  [
    K.ModuleDeclaration,
    { name: "a namespace", help: 'use a module: `import * as name from "./name.bpf.ts"`' },
  ],
  [K.ExpressionWithTypeArguments, { name: "a function with type arguments but no call", help: "call it" }],
  [K.OmittedExpression, { name: "a hole in an array", help: "write every element" }],
  [K.JsxElement, { name: "JSX", help: "remove it" }],
]);

export function syntaxName(kind: ts.SyntaxKind): string {
  return known.get(kind)?.name ?? ts.SyntaxKind[kind];
}

export function unsupportedHelp(kind: ts.SyntaxKind): string {
  return known.get(kind)?.help ?? "docs/language.md lists what the language has";
}
