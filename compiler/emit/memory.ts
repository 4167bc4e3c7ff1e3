import type { Span } from "../diagnostics/diagnostic.ts";
import { alignOf, sizeOf } from "../ir/build.ts";
import type { IrExpression, IrPlace } from "../ir/expressions.ts";
import type { IrType } from "../ir/types.ts";
import type { CExpression, CStatement } from "./c/ast.ts";
import {
  addressOf,
  assign,
  binary,
  call,
  cast,
  dereference,
  expressionStatement,
  identifier,
  number,
  pointer,
  variable,
} from "./c/build.ts";
import type { FunctionEmitter } from "./function.ts";

// Copies and zeroes of whole values. clang copies by the alignment of the type, a struct of bytes byte by byte; when it can no longer do that in
// few instructions it loads everything first and runs out of stack, or calls a `memcpy` that does not exist.

/** Beyond it a copy by the type's own alignment is not worth having. */
const fewStores = 16;
/** As many stores as clang makes in line (`getCommonMaxStoresPerMemFunc` of the BPF back end). */
const inlineStores = 128;
const word = 8;

/** What is known of the alignment of a place: locals and globals begin on eight bytes, and so do the values of maps and ring buffers. */
export function alignmentOf(place: IrPlace): number {
  switch (place.place) {
    case "local":
    case "global":
      return place.type.kind === "struct" || place.type.kind === "array" ? word : alignOf(place.type);
    case "deref": {
      const { type } = place.reference;
      // Only the stack has to be accessed aligned (`check_ptr_alignment`), on machines that BPF objects are made for.
      const anywhere = type.kind === "ref" && type.memory !== "stack";
      return anywhere ? word : alignOf(place.type);
    }
    case "field":
      return Math.min(alignmentOf(place.base), largestPowerIn(place.field.offset));
    case "element": {
      const size = sizeOf(place.type);
      const offset = place.index.op === "constant" ? Number(place.index.value) * size : size;
      return Math.min(alignmentOf(place.base), largestPowerIn(offset));
    }
  }
}

function largestPowerIn(offset: number): number {
  return offset === 0 ? word : Math.min(word, offset & -offset);
}

/** A value that is read from no place is in a variable of the emitter's. */
function alignmentOfValue(e: IrExpression): number {
  return e.op === "load" ? alignmentOf(e.place) : word;
}

/** Of a part that begins so many bytes after something that begins on eight. */
export function alignmentAt(offset: number): number {
  return largestPowerIn(offset);
}

/** Declares a variable that holds the value. */
export function declareValue(
  f: FunctionEmitter,
  name: string,
  value: CExpression,
  e: IrExpression,
  span: Span,
): void {
  const { type } = e;
  const apart = type.kind === "array" || (isLarge(type) && isPlace(value));
  f.push(f.storage(name, type, apart ? undefined : value, span));
  if (apart) storeValue(f, { place: identifier(name), alignment: word }, value, e, span);
}

/** So large that it is not copied as its type says. */
export function isLarge(type: IrType): boolean {
  return (type.kind === "struct" || type.kind === "array") && sizeOf(type) / alignOf(type) > fewStores;
}

/** Stores a value of any type that stands in `value`; `e` is what it was made from. */
export function storeValue(
  f: FunctionEmitter,
  target: { readonly place: CExpression; readonly alignment: number },
  value: CExpression,
  e: IrExpression,
  span: Span,
): void {
  const { type } = e;
  if (type.kind !== "array" && type.kind !== "struct") {
    f.push(assign(target.place, value, span));
    return;
  }
  const zero = isZero(e);
  const size = sizeOf(type);
  const natural = alignOf(type);
  if (!isLarge(type)) {
    if (type.kind === "struct") f.push(assign(target.place, value, span));
    else if (zero) f.push(fill(target.place, size, span));
    else f.push(copy(target.place, value, size, span));
    return;
  }
  if (!zero && !isPlace(value)) {
    // A literal; clang fills the place part by part.
    f.push(assign(target.place, value, span));
    return;
  }
  const alignment = Math.max(
    natural,
    zero ? target.alignment : Math.min(target.alignment, alignmentOfValue(e)),
  );
  const to = aligned(addressOf(target.place), alignment);
  const from = aligned(addressOf(value), alignment);
  if (size / alignment <= inlineStores) {
    const count = number(size);
    const done = zero
      ? call("__builtin_memset", to, number(0), count)
      : call("__builtin_memcpy", to, from, count);
    f.push(expressionStatement(done, span));
    return;
  }
  f.push(...wordByWord(f, target.place, zero ? undefined : value, type, alignment, span));
}

function isPlace(value: CExpression): boolean {
  switch (value.kind) {
    case "identifier":
    case "arrow":
    case "member":
    case "index":
      return true;
    case "unary":
      return value.operator === "*";
    default:
      return false;
  }
}

/** Nothing but zeroes, written out. */
export function isZero(e: IrExpression): boolean {
  switch (e.op) {
    case "constant":
      return e.value === 0n;
    case "struct":
      return e.base === undefined && e.fields.every((field) => isZero(field.value));
    case "array":
      return e.elements.every(isZero);
    default:
      return false;
  }
}

function copy(target: CExpression, source: CExpression, size: number, span: Span): CStatement {
  return expressionStatement(
    call("__builtin_memcpy", addressOf(target), addressOf(source), number(size)),
    span,
  );
}

function fill(target: CExpression, size: number, span: Span): CStatement {
  return expressionStatement(call("__builtin_memset", addressOf(target), number(0), number(size)), span);
}

function aligned(pointerTo: CExpression, alignment: number): CExpression {
  return call("__builtin_assume_aligned", pointerTo, number(alignment));
}

/** A loop over words, and over what is left in bytes. */
function wordByWord(
  f: FunctionEmitter,
  target: CExpression,
  source: CExpression | undefined,
  type: IrType,
  alignment: number,
  span: Span,
): readonly CStatement[] {
  const size = sizeOf(type);
  const bits = (8 * alignment) as 8 | 16 | 32 | 64;
  const whole = Math.floor(size / alignment);
  const loop = (unit: 8 | 16 | 32 | 64, begin: number, count: number): CStatement => {
    const counter = f.name("word");
    const at = (place: CExpression): CExpression => {
      const words = cast(pointer(f.unit.types.unsigned(unit)), addressOf(place));
      return dereference(binary("+", words, identifier(counter)));
    };
    const body = assign(at(target), source === undefined ? number(0) : at(source), span);
    f.untake(counter);
    return {
      kind: "for",
      initial: variable(counter, f.unit.types.unsigned(64), number(begin)),
      condition: binary("<", identifier(counter), number(begin + count)),
      update: { kind: "postIncrement", operand: identifier(counter) },
      body: [
        {
          kind: "asm",
          template: "",
          outputs: [{ constraint: "+r", value: identifier(counter) }],
          inputs: [],
        },
        body,
      ],
      span,
    };
  };
  const rest = size - whole * alignment;
  const loops = [loop(bits, 0, whole)];
  if (rest > 0) loops.push(loop(8, whole * alignment, rest));
  return loops;
}
