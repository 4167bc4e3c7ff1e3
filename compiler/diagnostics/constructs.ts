import { define } from "./define.ts";

/** @param what how the message calls it, such as `a class` or `typeof` */
export const unsupported = define(
  "TSB1130",
  "construct is not part of the language",
  (what: string, help: string) => ({
    message: `${what} is not part of the language`,
    help,
  }),
);

export const unsupportedOperator = define(
  "TSB1131",
  "operator is not part of the language",
  (operator: string) => ({
    message: `\`${operator}\` is not part of the language`,
    help:
      operator === "**"
        ? "multiply, or shift for powers of two: `1 << n`"
        : operator === ","
          ? "write two statements"
          : "write it out with `if` and an assignment",
  }),
);

export const unsupportedLibrary = define(
  "TSB1132",
  "not available in this version of the compiler",
  (name: string) => ({
    message: `the compiler does not know \`${name}\` yet`,
    help: "docs/language.md lists what can be called",
  }),
);

/** Something of the library in a place where it has no meaning. */
export const misplaced = define("TSB1133", "call in the wrong place", (name: string, help: string) => ({
  message: `\`${name}\` cannot be called here`,
  help,
}));

export const notCallable = define("TSB1134", "not a function", (what: string) => ({
  message: `${what} cannot be called`,
  help: "call a function of the program, of the standard library, or a method",
}));

export const functionValue = define("TSB1135", "function used as a value", () => ({
  message: "a function cannot be a value here",
  help: "declare it at the top of the file and call it by its name",
}));

export const notAssignable = define("TSB1136", "not assignable", (what: string) => ({
  message: `\`${what}\` cannot be assigned`,
  help: "assign a `let`, a field, an element, or a field of the context",
}));

export const notAVariable = define("TSB1137", "not a value for a variable", (what: string) => ({
  message: `${what} cannot be kept in a variable`,
  help: "use it where it is needed, by its own name",
}));

export const notAValue = define("TSB1138", "not a value", (what: string) => ({
  message: `${what} is not a value`,
  help: "programs, types and namespaces exist only when the program is compiled",
}));

export const nullLiteral = define("TSB1139", "null", () => ({
  message: "`null` is not part of the language",
  help: "write `undefined`",
}));

export const typeAssertion = define("TSB1140", "type assertion", (type: string) => ({
  message: `\`as ${type}\` claims what nobody checks`,
  help: "convert integers with a call such as `u16(x)`; narrow `undefined` with `if (!x) return;`",
}));

export const templateOutsideLog = define("TSB1141", "template outside a log call", () => ({
  message: "a template has a value only as an argument of `console`",
  help: "write `console.log(`…`)` with it",
}));

export const notLoggable = define("TSB1142", "value cannot be logged", (what: string) => ({
  message: `${what} cannot be logged`,
  help: "log integers, booleans, enums and text; for a struct name its fields",
}));

export const optionalCall = define("TSB1144", "optional call", () => ({
  message: "`?.()` is not part of the language",
  help: "test what may be undefined with `if` and call it inside",
}));

export const structArgument = define("TSB1145", "`struct` without an object literal", () => ({
  message: "`struct<T>` takes a struct type and an object literal",
  help: "write `struct<FlowKey>({ port: 80 })`",
}));

export const usedOutsideItsCase = define("TSB1146", "variable used outside its scope", (name: string) => ({
  message: `\`${name}\` has no value here`,
  help: "declare it before the statement, outside the `case` that gives it a value",
}));

export const notCompiled = define("TSB1199", "could not be compiled", () => ({
  message: "this could not be compiled",
  help: "write it in a simpler way; this is a gap of the compiler, please report it with the file",
}));
