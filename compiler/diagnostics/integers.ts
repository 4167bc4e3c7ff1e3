import { define } from "./define.ts";

export const literalOutOfRange = define(
  "TSB1320",
  "literal out of range",
  (value: string, type: string, min: bigint, max: bigint) => ({
    message: `${value} does not fit \`${type}\``,
    help: `\`${type}\` holds ${min} to ${max}`,
  }),
);

export const notAnInteger = define("TSB1321", "literal is not an integer", (text: string) => ({
  message: `${text} is not an integer`,
  help: "there is no floating point in the kernel: scale it, such as milliseconds instead of seconds",
}));

export const byteOrderMismatch = define(
  "TSB1326",
  "operands of different byte order",
  (left: string, right: string) => ({
    message: `\`${left}\` and \`${right}\` differ in byte order or width`,
    help: "convert with `ntohs`, `ntohl`, `htons` or `htonl`",
  }),
);

export const byteOrderOperator = define(
  "TSB1327",
  "operator on network byte order",
  (type: string, bits: number) => ({
    message: `this operator has no meaning on \`${type}\`, which is in network byte order`,
    label: "only `& | ^ ~ === !==` apply",
    help: `convert first: \`${bits === 16 ? "ntohs" : bits === 32 ? "ntohl" : "ntohll"}(x)\``,
  }),
);

export const unsignedShift = define(
  "TSB1337",
  "unsigned shift of 64 bits",
  (type: string, shifted: string) => ({
    message: `\`>>>\` is not for \`${type}\`: JavaScript has none for \`bigint\``,
    help:
      type === "i64"
        ? `convert first: \`u64(${shifted}) >> n\``
        : "write `>>`, which shifts zeros into an unsigned integer",
  }),
);

/** `"a" + x`. */
export const textOperand = define("TSB1338", "text as an operand", () => ({
  message: "text is not put together with operators",
  help: "use a template in the log call instead of `+`",
}));

export const booleanOperand = define("TSB1328", "boolean operand", () => ({
  message: "a boolean is no number",
  help: "convert it, `u32(x)`, or use `&&`, `||` and `!`",
}));

export const booleanAsInteger = define("TSB1329", "boolean for an integer", (type: string) => ({
  message: `\`boolean\` is given where \`${type}\` is expected`,
  help: `convert it: \`${type}(x)\``,
}));

export const negatedUnsigned = define(
  "TSB1330",
  "unary minus on an unsigned integer",
  (type: string, bits: number) => ({
    message: `\`${type}\` has no negative`,
    help: `convert it first, \`-i${bits === 64 ? 64 : 32}(x)\`, or subtract from 0 to wrap`,
  }),
);

export const unaryPlus = define("TSB1331", "unary plus", () => ({
  message: "unary `+` does nothing",
  help: "leave it out; convert with `u32(x)`",
}));

export const enumNotConstant = define("TSB1333", "enum member is not an integer constant", () => ({
  message: "an enum member is an integer that the compiler can compute",
  help: "use literals, other members and operators",
}));

export const enumRange = define(
  "TSB1334",
  "enum member out of range",
  (name: string, value: bigint, signed: boolean) => ({
    message: `\`${name}\` is ${value}, which does not fit ${signed ? "an i32, as the enum has negative members" : "32 bits"}`,
    help: "enums are 32 bits: use `u64` constants for more",
  }),
);

export const mergedEnum = define("TSB1335", "enum declared twice", (name: string) => ({
  message: `\`${name}\` is declared more than once`,
  help: "put all members into one declaration",
}));

export const notAnAddress = define("TSB1336", "not an address", (text: string, kind: string) => ({
  message: `"${text}" is no ${kind} address`,
  help: kind === "IPv4" ? "write four numbers: `10.0.0.1`" : "write it as `2001:db8::1`",
}));
