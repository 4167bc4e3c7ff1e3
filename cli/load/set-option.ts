import { UsageError } from "../usage-error.ts";

export interface SetOption {
  readonly name: string;
  readonly text: string;
}

export function parseSet(text: string): SetOption {
  const equals = text.indexOf("=");
  if (equals < 1) throw new UsageError(`--set ${text}: write it as NAME=VALUE`, "such as port=8080");
  return { name: text.slice(0, equals), text: text.slice(equals + 1) };
}

/**
 * The value that a text stands for, by the shape of the value that is there now. Ranges are the codec's to check.
 *
 * @throws {UsageError} where it is no value of that shape.
 */
export function parseValue({ name, text }: SetOption, current: unknown): unknown {
  const wrong = (wanted: string, example: string): UsageError =>
    new UsageError(`--set ${name}=${text}: ${name} is ${wanted}`, `such as ${name}=${example}`);
  switch (typeof current) {
    case "number": {
      const value = parseNumber(text);
      if (value === undefined) throw wrong("an integer", "8080, 0x1f90 or 10.0.0.1");
      return value;
    }
    case "bigint":
      return parseBigint(text) ?? fail(wrong("a 64-bit integer", "1000000"));
    case "boolean":
      if (text !== "true" && text !== "false") throw wrong("true or false", "true");
      return text === "true";
    case "string":
      return text;
    default: {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        throw wrong(
          Array.isArray(current) || ArrayBuffer.isView(current) ? "a list" : "a struct",
          Array.isArray(current) ? "'[1, 2]'" : `'{"field": 1}'`,
        );
      }
      return shaped(value, current);
    }
  }
}

function fail(error: Error): never {
  throw error;
}

function parseNumber(text: string): number | undefined {
  const address = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (address) {
    const octets = address.slice(1).map(Number);
    return octets.some((octet) => octet > 255)
      ? undefined
      : octets.reduce((value, octet) => value * 256 + octet, 0);
  }
  const value = parseBigint(text);
  return value === undefined ? undefined : Number(value);
}

/** Decimal, 0x, 0o and 0b, with a sign, `_` between digits and a final `n` as in JavaScript. */
function parseBigint(text: string): bigint | undefined {
  const match = /^(-?)((?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*))n?$/.exec(text.trim());
  if (!match) return undefined;
  const digits = (match[2] as string).replaceAll("_", "");
  if (/^0[xXoObB]$/.test(digits)) return undefined;
  const value = BigInt(digits);
  return match[1] === "-" ? -value : value;
}

/** JSON has one kind of number: those that stand where 64 bits are become bigint, also when written as strings. */
function shaped(value: unknown, current: unknown): unknown {
  if (typeof current === "bigint" && (typeof value === "number" || typeof value === "string"))
    return parseBigint(String(value)) ?? value;
  if (typeof current === "number" && typeof value === "string") return parseNumber(value) ?? value;
  if (Array.isArray(value)) {
    if (current instanceof BigUint64Array || current instanceof BigInt64Array)
      return value.map((element) => shaped(element, 0n));
    return Array.isArray(current)
      ? value.map((element, i) => shaped(element, current[Math.min(i, current.length - 1)]))
      : value;
  }
  if (typeof value !== "object" || value === null || typeof current !== "object" || current === null)
    return value;
  const fields = current as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      shaped(field, Object.hasOwn(fields, name) ? fields[name] : undefined),
    ]),
  );
}
