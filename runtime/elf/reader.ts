import { damagedElf, foreignElf, notElf } from "../../compiler/diagnostics/objects.ts";
import { BpfError } from "../errors.ts";

// A strict reader of ELF64 relocatable objects for BPF (elf(5)). The bytes are hostile: every offset is checked before use, and the
// work is bounded by the size of the file.

export const SectionType = { PROGBITS: 1, SYMTAB: 2, STRTAB: 3, NOBITS: 8, REL: 9 } as const;
export const SectionFlag = { WRITE: 1, ALLOC: 2, EXECINSTR: 4 } as const;
export const SymbolType = { NOTYPE: 0, OBJECT: 1, FUNC: 2, SECTION: 3, FILE: 4 } as const;
export const SymbolBinding = { LOCAL: 0, GLOBAL: 1, WEAK: 2 } as const;

/** The machine number of BPF (linux/elf-em.h). */
const EM_BPF = 247;
const ET_REL = 1;
const HEADER_SIZE = 64;
const SECTION_HEADER_SIZE = 64;
const SYMBOL_SIZE = 24;

export interface ElfSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly link: number;
  readonly info: number;
  readonly size: number;
  readonly entrySize: number;
  /** A view of the file; empty where the section takes no room in it (NOBITS). */
  readonly data: Uint8Array;
}

export interface ElfSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  readonly type: number;
  readonly binding: number;
  /** Index of its section; 0 undefined, 0xfff1 absolute. */
  readonly section: number;
}

export interface ElfFile {
  readonly littleEndian: boolean;
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
  section(name: string): ElfSection | undefined;
}

/** Reads an object. `name` is what messages call it. */
export function readElf(bytes: Uint8Array, name: string): ElfFile {
  const operation = `open ${name}`;
  const damaged = (what: string) => new BpfError(operation, damagedElf(undefined, what));
  const foreign = (what: string) => new BpfError(operation, foreignElf(undefined, what));

  if (bytes.length < 4 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46) {
    throw new BpfError(operation, notElf(undefined, name, beginning(bytes)));
  }
  if (bytes.length < HEADER_SIZE) throw damaged(`${bytes.length} bytes are less than a header`);
  if (bytes[4] !== 2) throw foreign("it is 32-bit");
  if (bytes[5] !== 1 && bytes[5] !== 2) throw damaged(`its byte order is ${bytes[5]}`);
  const littleEndian = bytes[5] === 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u16 = (at: number) => view.getUint16(at, littleEndian);
  const u32 = (at: number) => view.getUint32(at, littleEndian);
  /** Offsets and sizes beyond 2^53 lie outside any file, so the loss of precision above it does no harm to the checks. */
  const u64 = (at: number) => Number(view.getBigUint64(at, littleEndian));

  if (u16(18) !== EM_BPF) throw foreign(`its machine is ${u16(18)}, BPF is ${EM_BPF}`);
  if (u16(16) !== ET_REL) throw foreign(`its type is ${u16(16)}, a relocatable object is ${ET_REL}`);
  const tableOffset = u64(40);
  const count = u16(60);
  if (u16(58) !== SECTION_HEADER_SIZE) throw damaged(`section headers of ${u16(58)} bytes`);
  if (count === 0) throw damaged("it has no sections");
  if (tableOffset + count * SECTION_HEADER_SIZE > bytes.length) {
    throw damaged(
      `its section headers end at byte ${tableOffset + count * SECTION_HEADER_SIZE} of ${bytes.length}`,
    );
  }

  const headers = Array.from({ length: count }, (_, index) => {
    const at = tableOffset + index * SECTION_HEADER_SIZE;
    const type = u32(at + 4);
    const offset = u64(at + 24);
    const size = u64(at + 32);
    const inFile = type !== SectionType.NOBITS && type !== 0;
    if (inFile && offset + size > bytes.length) {
      throw damaged(`section ${index} ends at byte ${offset + size} of ${bytes.length}`);
    }
    if (size > 0xffffffff) throw damaged(`section ${index} has ${size} bytes`);
    return {
      index,
      nameOffset: u32(at),
      type,
      flags: u64(at + 8),
      link: u32(at + 40),
      info: u32(at + 44),
      size,
      entrySize: u64(at + 56),
      data: inFile ? bytes.subarray(offset, offset + size) : bytes.subarray(0, 0),
    };
  });

  const names = headers[u16(62)];
  if (names === undefined || names.type !== SectionType.STRTAB) throw damaged("it has no section names");
  const sectionNames = new NameTable(names.data, damaged);
  const sections: ElfSection[] = headers.map(({ nameOffset, ...header }) => ({
    ...header,
    name: sectionNames.at(nameOffset),
  }));

  const symbols: ElfSymbol[] = [];
  let symbolTable = false;
  for (const table of sections) {
    if (table.type !== SectionType.SYMTAB) continue;
    // Many could share the same bytes, and a small file become large memory.
    if (symbolTable) throw damaged("it has several symbol tables");
    symbolTable = true;
    const strings = sections[table.link];
    if (strings === undefined || strings.type !== SectionType.STRTAB)
      throw damaged("its symbols have no names");
    if (table.size % SYMBOL_SIZE !== 0) throw damaged(`a symbol table of ${table.size} bytes`);
    const symbolNames = new NameTable(strings.data, damaged);
    const symbolView = new DataView(table.data.buffer, table.data.byteOffset, table.data.byteLength);
    for (let at = 0; at < table.data.length; at += SYMBOL_SIZE) {
      const info = symbolView.getUint8(at + 4);
      const section = symbolView.getUint16(at + 6, littleEndian);
      if (section !== 0 && section < 0xff00 && section >= count)
        throw damaged(`a symbol in section ${section} of ${count}`);
      symbols.push({
        name: symbolNames.at(symbolView.getUint32(at, littleEndian)),
        value: Number(symbolView.getBigUint64(at + 8, littleEndian)),
        size: Number(symbolView.getBigUint64(at + 16, littleEndian)),
        type: info & 15,
        binding: info >> 4,
        section,
      });
    }
  }

  const byName = new Map<string, ElfSection>();
  for (const section of sections) if (!byName.has(section.name)) byName.set(section.name, section);
  return { littleEndian, sections, symbols, section: (wanted) => byName.get(wanted) };
}

const decoder = new TextDecoder("utf-8");
/** Longer than any name that the kernel or a compiler gives. */
const LONGEST_NAME = 4096;
const MOST_OVERLAP = 8;

/** A string table. Names may share their ends; a small table that names a file's worth of symbols by long shared ends is refused. */
class NameTable {
  private readonly bytes: Uint8Array;
  private readonly damaged: (what: string) => BpfError;
  private readonly known = new Map<number, string>();
  private decoded = 0;

  constructor(bytes: Uint8Array, damaged: (what: string) => BpfError) {
    this.bytes = bytes;
    this.damaged = damaged;
  }

  at(offset: number): string {
    const known = this.known.get(offset);
    if (known !== undefined) return known;
    if (offset >= this.bytes.length) {
      if (offset === 0) return "";
      throw this.damaged(`a name at ${offset} of a table of ${this.bytes.length} bytes`);
    }
    const end = this.bytes.indexOf(0, offset);
    if (end < 0) throw this.damaged("a name without an end");
    if (end - offset > LONGEST_NAME) throw this.damaged(`a name of ${end - offset} bytes`);
    this.decoded += end - offset;
    if (this.decoded > MOST_OVERLAP * this.bytes.length) throw this.damaged("its names overlap too often");
    const raw = this.bytes.subarray(offset, end);
    const control = raw.find((byte) => byte < 0x20 || byte === 0x7f);
    if (control !== undefined)
      throw this.damaged(`a name with byte 0x${control.toString(16).padStart(2, "0")}`);
    const name = decoder.decode(raw);
    this.known.set(offset, name);
    return name;
  }
}

function beginning(bytes: Uint8Array): string {
  if (bytes.length === 0) return "nothing: it is empty";
  const first = bytes.subarray(0, 4);
  const text = [...first].every((byte) => byte >= 0x20 && byte < 0x7f);
  return text
    ? `"${decoder.decode(first)}"`
    : `bytes ${[...first].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`;
}
