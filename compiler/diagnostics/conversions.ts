import { define } from "./define.ts";

/** A value whose range is larger than the target's. `expression` is its source text. */
export const narrowing = define(
  "TSB1301",
  "integer does not fit its target",
  (from: string, to: string, expression: string) => ({
    message: `\`${from}\` does not fit \`${to}\``,
    label: `this is \`${from}\``,
    help: `convert with \`${call(to, expression)}\`: it keeps the low ${bits(to)} bits`,
  }),
);

/** @param expression what is stored elsewhere; none for the two operands of an operator */
export const differentSign = define(
  "TSB1302",
  "signed and unsigned integers are mixed",
  (from: string, to: string, expression?: string) => ({
    message: `\`${from}\` and \`${to}\` differ in sign`,
    ...(expression === undefined
      ? { help: "convert one side, such as `i32(x)`: it says what is meant" }
      : { label: `this is \`${from}\``, help: `convert with \`${call(to, expression)}\`` }),
  }),
);

/** Up to 32 bits are a `number`, 64 are a `bigint`. */
export const differentWidth = define(
  "TSB1303",
  "64-bit and smaller integers are mixed",
  (from: string, to: string, expression: string) => ({
    message: `\`${from}\` is given where \`${to}\` is expected`,
    label: `this is \`${from}\``,
    help: isLiteral(expression)
      ? `write \`${isLong(to) ? `${expression}n` : expression.replace(/n$/, "")}\``
      : `convert with \`${call(to, expression)}\`${isLong(to) ? "" : `: it keeps the low ${bits(to)} bits`}`,
  }),
);

export const mixedWidths = define(
  "TSB1304",
  "operands of different widths",
  (long: string, short: string, conversion?: { readonly of: string; readonly to: string }) => ({
    message: `a \`bigint\` (\`${long}\`) and a \`number\` (\`${short}\`) do not mix`,
    label: "64-bit integers are `bigint`, smaller ones `number`",
    help:
      conversion === undefined
        ? "write literals as `1n`, or convert with `u64(x)` or `u32(x)`"
        : isLiteral(conversion.of)
          ? `write \`${conversion.of}n\``
          : `convert the smaller one: \`${call(conversion.to, conversion.of)}\``,
  }),
);

/** A host-order value where network order is expected. */
export const hostOrder = define(
  "TSB1305",
  "host order where network order is expected",
  (from: string, to: string, expression: string) => ({
    message: `\`${to}\` is in network byte order, \`${from}\` is not`,
    label: `this is \`${from}\``,
    help: `convert with \`${toNetwork[to] ?? "htonl"}(${fitted(expression, from, `u${bits(to)}`)})\``,
  }),
);

/** A network-order value where host order is expected. */
export const networkOrder = define(
  "TSB1306",
  "network order where host order is expected",
  (from: string, to: string, expression: string) => ({
    message: `\`${from}\` is in network byte order, \`${to}\` is not`,
    label: `this is \`${from}\``,
    help: `convert with \`${fitted(`${toHost[from] ?? "ntohl"}(${bare(expression)})`, `u${bits(from)}`, to)}\``,
  }),
);

export const networkWidths = define(
  "TSB1307",
  "network-order integers of different widths",
  (from: string, to: string, expression: string) => ({
    message: `\`${from}\` and \`${to}\` differ in width`,
    label: `this is \`${from}\``,
    help: `convert by way of host order: \`${toNetwork[to] ?? "htonl"}(${call(`u${bits(to)}`, `${toHost[from] ?? "ntohl"}(${bare(expression)})`)})\``,
  }),
);

const toNetwork: Readonly<Record<string, string>> = { be16: "htons", be32: "htonl", be64: "htonll" };
const toHost: Readonly<Record<string, string>> = { be16: "ntohs", be32: "ntohl", be64: "ntohll" };

function bits(type: string): string {
  return type.replace(/\D/g, "");
}

function isLong(type: string): boolean {
  return bits(type) === "64" || type === "bigint";
}

function isLiteral(expression: string): boolean {
  return /^-?\d[\w]*$/.test(expression);
}

function call(type: string, expression: string): string {
  const name = type === "bigint" ? "u64" : type === "number" ? "u32" : type;
  return `${name}(${bare(expression)})`;
}

/** Converted where `from` would not go into `to` by itself. */
function fitted(expression: string, from: string, to: string): string {
  const plain = from === "number" || from === "bigint";
  const fits = plain
    ? isLong(from) === isLong(to)
    : isLong(from) === isLong(to) && Number(bits(from)) <= Number(bits(to));
  if (fits || to === "number" || to === "bigint") return bare(expression);
  return call(to, expression);
}

/** Long or broken expressions are left to the reader. */
function bare(expression: string): string {
  return expression.length > 40 || expression.includes("\n") ? "…" : expression;
}
