import { withoutMark } from "../emit/names.ts";
import type { StringTable } from "./elf.ts";

// BTF as records that can be filtered, renumbered and given other strings (Documentation/bpf/btf.rst). Only where a record holds strings
// and types matters here, not what it means.

const magic = 0xeb9f;
const headerSize = 24;

export const btfKind = {
  int: 1,
  pointer: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  forward: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  function: 12,
  functionProto: 13,
  variable: 14,
  dataSection: 15,
  float: 16,
  declTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

/** Words of the tail that are offsets of strings or numbers of types, by position within an entry. */
interface Shape {
  /** 32-bit words per entry (`vlen` of them), or once where `perEntry` is false. */
  readonly words: number;
  readonly perEntry: boolean;
  readonly strings: readonly number[];
  readonly types: readonly number[];
  /** The word after `info` is a type. */
  readonly refers: boolean;
}

const none: Shape = { words: 0, perEntry: false, strings: [], types: [], refers: false };
const reference: Shape = { ...none, refers: true };
const members: Shape = { words: 3, perEntry: true, strings: [0], types: [1], refers: false };

const shapes: Readonly<Record<number, Shape>> = {
  [btfKind.int]: { ...none, words: 1 },
  [btfKind.pointer]: reference,
  [btfKind.array]: { ...none, words: 3, types: [0, 1] },
  [btfKind.struct]: members,
  [btfKind.union]: members,
  [btfKind.enum]: { words: 2, perEntry: true, strings: [0], types: [], refers: false },
  [btfKind.forward]: none,
  [btfKind.typedef]: reference,
  [btfKind.volatile]: reference,
  [btfKind.const]: reference,
  [btfKind.restrict]: reference,
  [btfKind.function]: reference,
  [btfKind.functionProto]: { words: 2, perEntry: true, strings: [0], types: [1], refers: true },
  [btfKind.variable]: { ...reference, words: 1 },
  [btfKind.dataSection]: { words: 3, perEntry: true, strings: [], types: [0], refers: false },
  [btfKind.float]: none,
  [btfKind.declTag]: { ...reference, words: 1 },
  [btfKind.typeTag]: reference,
  [btfKind.enum64]: { words: 3, perEntry: true, strings: [0], types: [], refers: false },
};

export interface BtfType {
  readonly kind: number;
  readonly name: string;
  /** Kind, flag and number of entries, as encoded. */
  readonly info: number;
  /** A size, or the number of a type. */
  sizeOrType: number;
  /** What follows the common part, in 32-bit words; strings are offsets into the table that was read. */
  readonly tail: Uint32Array;
  /** Entries of what has several. */
  readonly count: number;
}

export class Btf {
  /** Types by number; 0 is `void` and not listed, so type n is at n - 1. */
  readonly types: readonly BtfType[];
  readonly #strings: Uint8Array;

  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint16(0, true) !== magic) throw new Error("clang wrote no BTF");
    const header = view.getUint32(4, true);
    const typesAt = header + view.getUint32(8, true);
    const typesEnd = typesAt + view.getUint32(12, true);
    const stringsAt = header + view.getUint32(16, true);
    this.#strings = bytes.subarray(stringsAt, stringsAt + view.getUint32(20, true));
    const types: BtfType[] = [];
    for (let at = typesAt; at < typesEnd; ) {
      const info = view.getUint32(at + 4, true);
      const kind = (info >>> 24) & 0x1f;
      const count = info & 0xffff;
      const shape = shapes[kind];
      if (shape === undefined) throw new Error(`BTF kind ${kind} is not known`);
      const words = shape.words * (shape.perEntry ? count : 1);
      const tail = Uint32Array.from({ length: words }, (_, word) => view.getUint32(at + 12 + 4 * word, true));
      const name = this.stringAt(view.getUint32(at, true));
      types.push({ kind, name, info, sizeOrType: view.getUint32(at + 8, true), tail, count });
      at += 12 + 4 * words;
    }
    this.types = types;
  }

  stringAt(offset: number): string {
    const end = this.#strings.indexOf(0, offset);
    return new TextDecoder().decode(this.#strings.subarray(offset, end < 0 ? this.#strings.length : end));
  }

  type(id: number): BtfType | undefined {
    return this.types[id - 1];
  }

  /** Numbers of the types after those that `drop` names are gone; a dropped one has none. */
  renumber(drop: ReadonlySet<BtfType>): ReadonlyMap<number, number> {
    const numbers = new Map<number, number>([[0, 0]]);
    let next = 1;
    this.types.forEach((type, index) => {
      if (!drop.has(type)) numbers.set(index + 1, next++);
    });
    return numbers;
  }

  /** The types section, with strings put into `strings`, numbers taken from `numbers`, and variables and functions named by `nameOf`. */
  encodeTypes(
    numbers: ReadonlyMap<number, number>,
    strings: StringTable,
    nameOf: (name: string) => string,
  ): Uint8Array {
    const words: number[] = [];
    const number = (id: number): number => {
      const renumbered = numbers.get(id);
      if (renumbered === undefined) throw new Error(`BTF type ${id} is referred to and was removed`);
      return renumbered;
    };
    this.types.forEach((type, index) => {
      if (!numbers.has(index + 1)) return;
      const shape = shapes[type.kind] ?? none;
      const tail = Array.from(type.tail);
      for (let entry = 0; entry * Math.max(1, shape.words) < tail.length; entry++) {
        const base = entry * shape.words;
        for (const word of shape.strings) {
          tail[base + word] = strings.add(withoutMark(this.stringAt(tail[base + word] ?? 0)));
        }
        for (const word of shape.types) tail[base + word] = number(tail[base + word] ?? 0);
      }
      const sizeOrType = shape.refers ? number(type.sizeOrType) : type.sizeOrType;
      const named = type.kind === btfKind.variable || type.kind === btfKind.function;
      const name = named ? nameOf(type.name) : withoutMark(type.name);
      words.push(strings.add(name), type.info, sizeOrType, ...tail);
    });
    return wordsToBytes(words);
  }
}

/** `.BTF` from its two parts. */
export function encodeBtf(types: Uint8Array, strings: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerSize + types.length + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, magic, true);
  view.setUint8(2, 1);
  view.setUint32(4, headerSize, true);
  view.setUint32(12, types.length, true);
  view.setUint32(16, types.length, true);
  view.setUint32(20, strings.length, true);
  bytes.set(types, headerSize);
  bytes.set(strings, headerSize + types.length);
  return bytes;
}

export function wordsToBytes(words: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, index) => {
    view.setUint32(index * 4, word, true);
  });
  return new Uint8Array(view.buffer);
}
