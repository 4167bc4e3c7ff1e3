import { define } from "./define.ts";

export const recursion = define("TSB1430", "recursion", (name: string, cycle: readonly string[]) => ({
  message: `\`${name}\` calls itself`,
  ...(cycle.length > 2 ? { notes: [`the calls: ${cycle.map((each) => `\`${each}\``).join(" → ")}`] } : {}),
  help: "write a loop: the kernel's stack has room for few calls",
}));

export const capture = define("TSB1431", "function captures a variable", (name: string) => ({
  message: `\`${name}\` belongs to the function around this one`,
  help: `pass it as a parameter, or declare it at the top of the file`,
}));

export const defaultFromParameter = define("TSB1444", "default that uses a parameter", (name: string) => ({
  message: `the default of a parameter cannot use the parameter \`${name}\``,
  help: "give the default in the function: `limit?: u32` and `const most = limit ?? size`",
}));

export const destructuredParameter = define("TSB1432", "destructured parameter", () => ({
  message: "a parameter has a name of its own",
  help: "name it and use its fields",
}));

export const restParameter = define("TSB1433", "rest parameter", () => ({
  message: "rest parameters are not part of the language",
  help: "name each parameter, or pass a `FixedArray`",
}));

export const typePredicate = define("TSB1434", "type predicate", () => ({
  message: "a function cannot promise a type",
  help: "return a boolean, and test for `undefined` where the value is used",
}));

export const parameterType = define("TSB1435", "parameter has a type that cannot be passed", () => ({
  message: "this parameter has no type that can be passed",
  help: "pass integers, booleans, enums, structs, arrays, `Ref`s, maps or the context",
}));

export const argument = define("TSB1436", "value cannot be passed", (what: string) => ({
  message: `${what} cannot be passed to a function`,
  help: "pass integers, booleans, structs, arrays, `Ref`s, maps or the context",
}));

export const resultType = define("TSB1437", "result has a type that cannot be returned", () => ({
  message: "a function cannot return this type",
  help: "return an integer, a boolean, an enum, a struct, or one of them or `undefined`",
}));

export const resultValue = define("TSB1438", "value cannot be returned", (what: string) => ({
  message: `${what} cannot be returned`,
  help: "return an integer, a boolean, an enum, a struct, or one of them or `undefined`",
}));

export const differentResults = define(
  "TSB1439",
  "results of different types",
  (first: string, other: string) => ({
    message: `this returns \`${other}\`, an earlier \`return\` gives \`${first}\``,
    help: "declare the function's result type: `function f(): u32`",
  }),
);

export const mixedResults = define("TSB1440", "new struct and reference returned", () => ({
  message: "this returns a new struct, another `return` gives a reference to one that exists",
  help: "return a copy everywhere, `{ ...value }`, or fill a struct that is passed as a parameter",
}));

export const localReturned = define("TSB1441", "local struct as optional result", () => ({
  message: "a struct made here ends with the function, and the result may be `undefined`",
  help: "fill a struct that is passed as a parameter and return a boolean",
}));

export const typeArguments = define("TSB1442", "type arguments are missing", (name: string) => ({
  message: `the call does not say what \`${name}\` is`,
  help: "write the type arguments: `read<EthHdr>(…)`",
}));

export const callInConstant = define("TSB1443", "call in a constant", () => ({
  message: "functions are not called when the program is compiled",
  help: "use literals, operators and conversions",
}));
