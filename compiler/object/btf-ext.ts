import { type Btf, wordsToBytes } from "./btf.ts";
import type { StringTable } from "./elf.ts";

// `.BTF.ext`: which instruction belongs to which function, line and relocation (Documentation/bpf/btf.rst, section 4.2).

const magic = 0xeb9f;
const headerSize = 32;

export interface FunctionInfo {
  readonly instructionOffset: number;
  readonly type: number;
}

export interface LineInfo {
  /** Bytes from the start of the section. */
  readonly instructionOffset: number;
  readonly file: string;
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export interface CoreRelocation {
  readonly instructionOffset: number;
  readonly type: number;
  readonly access: string;
  readonly kind: number;
}

/** By name of the section, in order. */
export interface BtfExt {
  readonly functions: ReadonlyMap<string, readonly FunctionInfo[]>;
  readonly lines: ReadonlyMap<string, readonly LineInfo[]>;
  readonly relocations: ReadonlyMap<string, readonly CoreRelocation[]>;
}

const columnBits = 10;
const largestColumn = (1 << columnBits) - 1;

export function readBtfExt(bytes: Uint8Array, btf: Btf): BtfExt {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0, true) !== magic) throw new Error("clang wrote no .BTF.ext");
  const header = view.getUint32(4, true);
  const part = <T>(field: number, decode: (words: readonly number[]) => T): Map<string, T[]> => {
    const sections = new Map<string, T[]>();
    if (field + 8 > header) return sections;
    const begin = header + view.getUint32(field, true);
    const end = begin + view.getUint32(field + 4, true);
    if (end === begin) return sections;
    const recordSize = view.getUint32(begin, true);
    for (let at = begin + 4; at < end; ) {
      const name = btf.stringAt(view.getUint32(at, true));
      const count = view.getUint32(at + 4, true);
      at += 8;
      const records = sections.get(name) ?? [];
      for (let index = 0; index < count; index++, at += recordSize) {
        const words = Array.from({ length: recordSize / 4 }, (_, word) =>
          view.getUint32(at + 4 * word, true),
        );
        records.push(decode(words));
      }
      sections.set(name, records);
    }
    return sections;
  };
  return {
    functions: part(8, ([instructionOffset = 0, type = 0]) => ({ instructionOffset, type })),
    lines: part(16, ([instructionOffset = 0, file = 0, text = 0, place = 0]) => ({
      instructionOffset,
      file: btf.stringAt(file),
      text: btf.stringAt(text),
      line: place >>> columnBits,
      column: place & largestColumn,
    })),
    relocations: part(24, ([instructionOffset = 0, type = 0, access = 0, kind = 0]) => ({
      instructionOffset,
      type,
      access: btf.stringAt(access),
      kind,
    })),
  };
}

export function encodeBtfExt(
  ext: BtfExt,
  numbers: ReadonlyMap<number, number>,
  strings: StringTable,
): Uint8Array {
  const number = (id: number): number => {
    const renumbered = numbers.get(id);
    if (renumbered === undefined) throw new Error(`BTF type ${id} is referred to and was removed`);
    return renumbered;
  };
  const part = <T>(
    sections: ReadonlyMap<string, readonly T[]>,
    encode: (record: T) => readonly number[],
    recordSize: number,
  ): Uint8Array => {
    if (sections.size === 0) return new Uint8Array();
    const words = [recordSize];
    for (const [name, records] of sections) {
      words.push(strings.add(name), records.length, ...records.flatMap(encode));
    }
    return wordsToBytes(words);
  };
  const parts = [
    part(ext.functions, (info) => [info.instructionOffset, number(info.type)], 8),
    part(
      ext.lines,
      (info) => [info.instructionOffset, strings.add(info.file), strings.add(info.text), packPlace(info)],
      16,
    ),
    part(
      ext.relocations,
      (info) => [info.instructionOffset, number(info.type), strings.add(info.access), info.kind],
      16,
    ),
  ];
  const bytes = new Uint8Array(headerSize + parts.reduce((size, bytes) => size + bytes.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, magic, true);
  view.setUint8(2, 1);
  view.setUint32(4, headerSize, true);
  let at = 0;
  parts.forEach((content, index) => {
    view.setUint32(8 + 8 * index, at, true);
    view.setUint32(12 + 8 * index, content.length, true);
    bytes.set(content, headerSize + at);
    at += content.length;
  });
  return bytes;
}

/** A column has ten bits; the last one stands for all that are further right. */
function packPlace(info: LineInfo): number {
  return ((info.line << columnBits) | Math.min(info.column, largestColumn)) >>> 0;
}
