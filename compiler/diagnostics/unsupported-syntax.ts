import { define } from "./define.ts";

export const looseEquality = define("TSB1101", "loose equality", (operator: string, strict: string) => ({
  message: `\`${operator}\` is not in the language`,
  help: `write \`${strict}\`: values have one type here, there is nothing to convert`,
}));

export const anyType = define("TSB1102", "any or unknown type", (keyword: string) => ({
  message: `\`${keyword}\` has no layout in the kernel`,
  help: "name the type: an integer such as `u32`, an interface, or a type parameter",
}));

export const classDeclaration = define("TSB1103", "class", () => ({
  message: "classes are not in the language",
  help: "use an `interface` for the data and functions that take it as a parameter",
}));

export const asyncFunction = define("TSB1104", "async function", () => ({
  message: "a program cannot wait: `async` is not in the language",
  help: "do what is known now; hand the rest to user space through a `RingBuffer`",
}));

export const generatorFunction = define("TSB1105", "generator function", () => ({
  message: "generators are not in the language",
  help: "write a loop: `for (const i of range(n, { max }))`",
}));

export const awaitExpression = define("TSB1106", "await", () => ({
  message: "a program cannot wait: `await` is not in the language",
  help: "do what is known now; hand the rest to user space through a `RingBuffer`",
}));

export const exceptions = define("TSB1107", "exceptions", (keyword: string) => ({
  message: `\`${keyword}\` is not in the language: a program has no exceptions`,
  help: "return a value that says what went wrong",
}));

export const varDeclaration = define("TSB1108", "var declaration", () => ({
  message: "`var` is not in the language",
  help: "write `let` or `const`: both end with their block",
}));

export const deleteOperator = define("TSB1109", "delete operator", () => ({
  message: "`delete` is not in the language: a struct has all its fields always",
  help: "assign zero to the field; an entry of a map goes with `map.delete(key)`",
}));

export const newExpression = define("TSB1110", "new outside map declarations", (what: string) => ({
  message: `\`new ${what}\` is not possible here: nothing is allocated in the kernel`,
  help: "make locals with `struct<T>({ … })` or `zero<T>()`; `new` declares maps at module level",
}));

export const regularExpression = define("TSB1111", "regular expression", () => ({
  message: "regular expressions are not in the language",
  help: "compare bytes: `packet.header<T>(offset)` gives typed access to them",
}));

export const thisKeyword = define("TSB1112", "this", () => ({
  message: "`this` is not in the language",
  help: "pass what is needed as a parameter",
}));

export const dynamicImport = define("TSB1113", "dynamic import", () => ({
  message: "`import()` is not in the language: a program is complete before it is loaded",
  help: "import at the top of the file",
}));

export const ambientDeclaration = define("TSB1114", "ambient declaration", () => ({
  message: "`declare` promises something that nobody provides in the kernel",
  help: "import it from `tsbpf/stdlib` or from the file that defines it",
}));

export const withoutMeaning = define("TSB1115", "syntax without meaning in the kernel", (what: string) => ({
  message: `${what} have no meaning in the kernel`,
  help: "leave them out",
}));

export const namespaceDeclaration = define("TSB1116", "namespace", () => ({
  message: "namespaces are not in the language",
  help: 'put the parts into a `.bpf.ts` file of their own and import it: `import * as name from "./name.bpf.ts"`',
}));
