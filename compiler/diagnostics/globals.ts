import { define } from "./define.ts";

export const notConstant = define("TSB1560", "initial value is not constant", (name: string) => ({
  message: `the initial value of \`${name}\` is not known when the program is compiled`,
  help: "use literals, enums, other constants and operators",
}));

export const notConstantValue = define(
  "TSB1561",
  "no value for a module constant",
  (name: string, what: string) => ({
    message: `\`${name}\` cannot be ${what}`,
    help: "a module constant is an integer, a boolean, an array or struct of them, a map or a program",
  }),
);

export const untypedGlobal = define("TSB1562", "global without a type", (name: string) => ({
  message: `the type of \`${name}\` is not known`,
  help: `declare it: \`export let ${name}: u32 = 0\``,
}));

export const globalType = define("TSB1563", "global has a type that has no memory", (name: string) => ({
  message: `\`${name}\` cannot be a global of this type`,
  help: "use integers, booleans, enums, structs or fixed arrays; keep the rest in maps",
}));

export const codeAtTopLevel = define("TSB1564", "statement at the top of a file", () => ({
  message: "nothing runs at the top of a kernel file",
  help: "move it into a program or a function",
}));

export const minKernelNotKnown = define("TSB1565", "no such oldest kernel", () => ({
  message: '`minKernel` takes a version such as "6.1", not older than 5.10',
  help: 'name the oldest kernel that the object must load on: `minKernel("6.1")`',
}));
