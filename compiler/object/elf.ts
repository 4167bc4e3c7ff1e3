// ELF64 relocatable objects, little-endian (elf(5)): taken apart into sections and symbols, and put together again. It reads what clang has
// just written, so what it does not expect is our mistake, not the user's.

export const sectionType = { progbits: 1, symtab: 2, strtab: 3, nobits: 8, rel: 9 } as const;
const symbolType = { section: 3, file: 4 } as const;

const headerSize = 64;
const sectionHeaderSize = 64;
const symbolSize = 24;
const relocationSize = 16;
/** Section numbers from here on mean something else than a section. */
const reservedSections = 0xff00;

export interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: bigint;
  readonly alignment: number;
  readonly entrySize: number;
  /** Bytes in memory; those of `nobits` are not in the file. */
  readonly size: number;
  readonly data: Uint8Array;
  /** What relocations apply to. */
  readonly target: Section | undefined;
}

export interface Symbol {
  readonly name: string;
  readonly info: number;
  readonly other: number;
  readonly section: Section | number;
  readonly value: bigint;
  readonly size: bigint;
}

export interface Relocation {
  readonly offset: bigint;
  readonly type: number;
  readonly symbol: Symbol;
}

export interface ElfObject {
  /** The ELF header's words about the machine. */
  readonly machine: number;
  readonly flags: number;
  /** Without symbol and string tables, which are made anew. */
  readonly sections: readonly Section[];
  readonly symbols: readonly Symbol[];
  readonly relocations: ReadonlyMap<Section, readonly Relocation[]>;
}

export function isLocal(symbol: Symbol): boolean {
  return symbol.info >> 4 === 0;
}

function typeOf(symbol: Symbol): number {
  return symbol.info & 15;
}

export function readElf(bytes: Uint8Array): ElfObject {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headerSize || view.getUint32(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) {
    throw new Error("clang wrote no 64-bit little-endian ELF object");
  }
  const sectionsAt = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  const headers = Array.from({ length: count }, (_, index) => {
    const at = sectionsAt + index * sectionHeaderSize;
    return {
      name: view.getUint32(at, true),
      type: view.getUint32(at + 4, true),
      flags: view.getBigUint64(at + 8, true),
      offset: Number(view.getBigUint64(at + 24, true)),
      size: Number(view.getBigUint64(at + 32, true)),
      link: view.getUint32(at + 40, true),
      info: view.getUint32(at + 44, true),
      alignment: Number(view.getBigUint64(at + 48, true)),
      entrySize: Number(view.getBigUint64(at + 56, true)),
    };
  });
  const dataOf = (index: number): Uint8Array => {
    const header = headers[index];
    if (header === undefined || header.type === sectionType.nobits) return new Uint8Array();
    return bytes.subarray(header.offset, header.offset + header.size);
  };
  const names = dataOf(view.getUint16(62, true));
  const sections: (Section | undefined)[] = [];
  const sectionAt = (index: number): Section | undefined => {
    const header = headers[index];
    if (header === undefined || index === 0) return undefined;
    const known = sections[index];
    if (known !== undefined) return known;
    if (header.type === sectionType.symtab || header.type === sectionType.strtab) return undefined;
    const section: Section = {
      name: stringAt(names, header.name),
      type: header.type,
      flags: header.flags,
      alignment: header.alignment,
      entrySize: header.entrySize,
      size: header.size,
      data: dataOf(index),
      target: header.type === sectionType.rel ? sectionAt(header.info) : undefined,
    };
    sections[index] = section;
    return section;
  };
  const all = headers.flatMap((_, index) => sectionAt(index) ?? []);
  const symbols = readSymbols(headers, dataOf, sectionAt);
  const relocations = new Map<Section, readonly Relocation[]>();
  for (const section of all) {
    if (section.type === sectionType.rel) relocations.set(section, readRelocations(section, symbols));
  }
  return {
    machine: view.getUint16(18, true),
    flags: view.getUint32(48, true),
    sections: all,
    symbols,
    relocations,
  };
}

function readSymbols(
  headers: readonly { readonly type: number; readonly link: number }[],
  dataOf: (index: number) => Uint8Array,
  sectionAt: (index: number) => Section | undefined,
): readonly Symbol[] {
  const table = headers.findIndex((header) => header.type === sectionType.symtab);
  const header = headers[table];
  if (header === undefined) return [];
  const data = dataOf(table);
  const names = dataOf(header.link);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const symbols: Symbol[] = [];
  for (let at = 0; at + symbolSize <= data.length; at += symbolSize) {
    const index = view.getUint16(at + 6, true);
    symbols.push({
      name: stringAt(names, view.getUint32(at, true)),
      info: view.getUint8(at + 4),
      other: view.getUint8(at + 5),
      section: index === 0 || index >= reservedSections ? index : (sectionAt(index) ?? 0),
      value: view.getBigUint64(at + 8, true),
      size: view.getBigUint64(at + 16, true),
    });
  }
  return symbols;
}

function readRelocations(section: Section, symbols: readonly Symbol[]): readonly Relocation[] {
  const { data } = section;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const relocations: Relocation[] = [];
  for (let at = 0; at + relocationSize <= data.length; at += relocationSize) {
    const symbol = symbols[view.getUint32(at + 12, true)];
    if (symbol === undefined) throw new Error(`${section.name} names a symbol that does not exist`);
    relocations.push({ offset: view.getBigUint64(at, true), type: view.getUint32(at + 8, true), symbol });
  }
  return relocations;
}

function stringAt(table: Uint8Array, offset: number): string {
  const end = table.indexOf(0, offset);
  return new TextDecoder().decode(table.subarray(offset, end < 0 ? table.length : end));
}

/** Symbols that say nothing to a loader: the name of the file, and labels that nothing refers to. */
export function isIdle(symbol: Symbol, referred: ReadonlySet<Symbol>): boolean {
  if (typeOf(symbol) === symbolType.file) return true;
  return (
    isLocal(symbol) && typeOf(symbol) !== symbolType.section && !referred.has(symbol) && typeOf(symbol) === 0
  );
}

/** Sections in the given order, then the symbol table and the strings. The same object gives the same bytes. */
export function writeElf(object: ElfObject): Uint8Array {
  const symbols = [
    ...object.symbols.filter((symbol, index) => index === 0 || isLocal(symbol)),
    ...object.symbols.filter((symbol, index) => index > 0 && !isLocal(symbol)),
  ];
  const firstGlobal = symbols.findIndex((symbol, index) => index > 0 && !isLocal(symbol));
  const sectionNumbers = new Map(object.sections.map((section, index) => [section, index + 1]));
  const symbolNumbers = new Map(symbols.map((symbol, index) => [symbol, index]));
  const symtabNumber = object.sections.length + 1;
  const strtabNumber = symtabNumber + 1;
  const strings = new StringTable();

  const table = new DataView(new ArrayBuffer(symbols.length * symbolSize));
  symbols.forEach((symbol, index) => {
    const at = index * symbolSize;
    const { section } = symbol;
    table.setUint32(at, strings.add(symbol.name), true);
    table.setUint8(at + 4, symbol.info);
    table.setUint8(at + 5, symbol.other);
    table.setUint16(
      at + 6,
      typeof section === "number" ? section : required(sectionNumbers.get(section)),
      true,
    );
    table.setBigUint64(at + 8, symbol.value, true);
    table.setBigUint64(at + 16, symbol.size, true);
  });

  const contents = object.sections.map((section) => {
    const relocations = object.relocations.get(section);
    return relocations === undefined ? section.data : writeRelocations(relocations, symbolNumbers);
  });
  const nameOffsets = object.sections.map((section) => strings.add(section.name));
  const symtabName = strings.add(".symtab");
  const strtabName = strings.add(".strtab");
  const stringBytes = strings.bytes();

  let end = headerSize;
  const place = (size: number, alignment: number): number => {
    const offset = Math.ceil(end / Math.max(1, alignment)) * Math.max(1, alignment);
    end = offset + size;
    return offset;
  };
  const offsets = object.sections.map((section, index) =>
    place(section.type === sectionType.nobits ? 0 : (contents[index]?.length ?? 0), section.alignment),
  );
  const symtabAt = place(table.byteLength, 8);
  const stringsAt = place(stringBytes.length, 1);
  const headersAt = place((strtabNumber + 1) * sectionHeaderSize, 8);

  const bytes = new Uint8Array(end);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 1, true);
  view.setUint16(18, object.machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(40, BigInt(headersAt), true);
  view.setUint32(48, object.flags, true);
  view.setUint16(52, headerSize, true);
  view.setUint16(58, sectionHeaderSize, true);
  view.setUint16(60, strtabNumber + 1, true);
  view.setUint16(62, strtabNumber, true);

  const header = (index: number, fields: SectionHeader): void => {
    const at = headersAt + index * sectionHeaderSize;
    view.setUint32(at, fields.name, true);
    view.setUint32(at + 4, fields.type, true);
    view.setBigUint64(at + 8, fields.flags, true);
    view.setBigUint64(at + 24, BigInt(fields.offset), true);
    view.setBigUint64(at + 32, BigInt(fields.size), true);
    view.setUint32(at + 40, fields.link, true);
    view.setUint32(at + 44, fields.info, true);
    view.setBigUint64(at + 48, BigInt(fields.alignment), true);
    view.setBigUint64(at + 56, BigInt(fields.entrySize), true);
  };
  object.sections.forEach((section, index) => {
    const content = contents[index] ?? section.data;
    const offset = required(offsets[index]);
    bytes.set(content, offset);
    const relocates = section.type === sectionType.rel;
    header(index + 1, {
      name: required(nameOffsets[index]),
      type: section.type,
      flags: section.flags,
      offset,
      size: section.type === sectionType.nobits ? section.size : content.length,
      link: relocates ? symtabNumber : 0,
      info: section.target === undefined ? 0 : required(sectionNumbers.get(section.target)),
      alignment: section.alignment,
      entrySize: section.entrySize,
    });
  });
  bytes.set(new Uint8Array(table.buffer), symtabAt);
  bytes.set(stringBytes, stringsAt);
  const plain = { flags: 0n, link: 0, info: 0, entrySize: 0 };
  header(symtabNumber, {
    ...plain,
    name: symtabName,
    type: sectionType.symtab,
    offset: symtabAt,
    size: table.byteLength,
    link: strtabNumber,
    info: firstGlobal < 0 ? symbols.length : firstGlobal,
    alignment: 8,
    entrySize: symbolSize,
  });
  header(strtabNumber, {
    ...plain,
    name: strtabName,
    type: sectionType.strtab,
    offset: stringsAt,
    size: stringBytes.length,
    alignment: 1,
  });
  return bytes;
}

interface SectionHeader {
  readonly name: number;
  readonly type: number;
  readonly flags: bigint;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entrySize: number;
}

function writeRelocations(
  relocations: readonly Relocation[],
  symbolNumbers: ReadonlyMap<Symbol, number>,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(relocations.length * relocationSize));
  relocations.forEach((relocation, index) => {
    const at = index * relocationSize;
    view.setBigUint64(at, relocation.offset, true);
    view.setUint32(at + 8, relocation.type, true);
    view.setUint32(at + 12, required(symbolNumbers.get(relocation.symbol)), true);
  });
  return new Uint8Array(view.buffer);
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the object refers to something that was removed");
  return value;
}

/** NUL-terminated strings, each once, in the order in which they were first asked for; the empty one is at 0. */
export class StringTable {
  readonly #offsets = new Map<string, number>([["", 0]]);
  readonly #parts: Uint8Array[] = [new Uint8Array(1)];
  #size = 1;

  add(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.#size;
    const part = new TextEncoder().encode(`${text}\0`);
    this.#offsets.set(text, offset);
    this.#parts.push(part);
    this.#size += part.length;
    return offset;
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#size);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}
