import { ts } from "../typescript.ts";

/** An integer type as messages name it. */
export interface ScalarName {
  /** `u16`, `be32`, or `number` and `bigint` for what has no type of the language: a literal, a sum. */
  readonly name: string;
  readonly bits: number | undefined;
  readonly signed: boolean;
  readonly bigEndian: boolean;
  /** A `bigint` to TypeScript. */
  readonly long: boolean;
}

/** The integer a type stands for; nothing for enums, booleans, structs. */
export function scalarOf(type: ts.Type, checker: ts.TypeChecker): ScalarName | undefined {
  if ((type.flags & ts.TypeFlags.EnumLike) !== 0) return undefined;
  if ((type.flags & ts.TypeFlags.NumberLike) !== 0) return plain("number", false);
  if ((type.flags & ts.TypeFlags.BigIntLike) !== 0) return plain("bigint", true);
  if (type.isUnion()) {
    // A union of literals is as good as its base type; of flavours, only if they agree.
    const parts = type.types.map((part) => scalarOf(part, checker));
    const [first] = parts;
    return first !== undefined && parts.every((part) => part?.name === first.name) ? first : undefined;
  }
  const tags = flavourTags(type, checker);
  const widest = tags.reduce((best, tag) => (bitsOf(tag) > bitsOf(best) ? tag : best), tags[0] ?? "");
  if (widest === "") return undefined;
  const bits = bitsOf(widest);
  return {
    name: widest,
    bits,
    signed: widest.startsWith("i"),
    bigEndian: widest.startsWith("be"),
    long: bits === 64,
  };
}

function plain(name: string, long: boolean): ScalarName {
  return { name, bits: undefined, signed: false, bigEndian: false, long };
}

function bitsOf(tag: string): number {
  return Number(tag.replace(/\D/g, ""));
}

/** The string tags of the `flavour` property in `stdlib/types.d.ts`: those of all types that widen into this one. */
function flavourTags(type: ts.Type, checker: ts.TypeChecker): string[] {
  if (!type.isIntersection()) return [];
  const flavour = type.getProperties().find((property) => property.name.startsWith("__@flavour@"));
  if (flavour === undefined) return [];
  const tag = checker.getTypeOfSymbol(flavour);
  return (tag.isUnion() ? tag.types : [tag]).flatMap((part) => (part.isStringLiteral() ? [part.value] : []));
}
