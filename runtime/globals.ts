import { invalidBtf } from "../compiler/diagnostics/objects.ts";
import type { Btf } from "./btf/btf.ts";
import { codecOf } from "./btf/codec/codec.ts";
import { type ElfFile, type ElfSection, SectionFlag, SectionType, SymbolType } from "./elf/reader.ts";
import { BpfError } from "./errors.ts";

// Global variables and constants: the sections .data, .bss and .rodata, whose layout BTF's DATASEC types give.

export interface GlobalSpec {
  readonly name: string;
  /** ELF section: `.rodata`, `.data`, `.bss`, or one named after them (`.rodata.config`). */
  readonly section: string;
  /** Bytes from the start of the section. */
  readonly offset: number;
  readonly type: number;
  /** In `.rodata`: may be set until the object is loaded, never after. */
  readonly constant: boolean;
  /** Bytes. */
  readonly size: number;
}

/** One section of globals and what stands in it at first. */
export interface GlobalSection {
  readonly name: string;
  readonly constant: boolean;
  readonly initial: Uint8Array;
  readonly globals: readonly GlobalSpec[];
}

/** Sections larger than this are no globals of a program; what is in the file bounds the rest. */
const LARGEST_BSS = 64 << 20;

export function readGlobals(elf: ElfFile, btf: Btf, operation: string): GlobalSection[] {
  const sections: GlobalSection[] = [];
  // clang leaves offsets to the symbol table, as libbpf's btf_fixup_datasec knows.
  const places = new Map<number, Map<string, number>>();
  for (const symbol of elf.symbols) {
    if (symbol.type !== SymbolType.OBJECT) continue;
    const named = places.get(symbol.section) ?? new Map<string, number>();
    places.set(symbol.section, named.set(symbol.name, symbol.value));
  }
  for (const section of elf.sections) {
    const base = /^\.(data|rodata|bss)(\..*)?$/.exec(section.name)?.[1];
    if (base === undefined || (section.flags & SectionFlag.ALLOC) === 0 || section.size === 0) continue;
    if (section.type !== SectionType.PROGBITS && section.type !== SectionType.NOBITS) continue;
    sections.push({
      name: section.name,
      constant: base === "rodata",
      initial: initialImage(section, operation),
      globals: readSection(places.get(section.index), section, btf, base === "rodata", operation),
    });
  }
  return sections;
}

function initialImage(section: ElfSection, operation: string): Uint8Array {
  if (section.type !== SectionType.NOBITS) return section.data.slice();
  if (section.size > LARGEST_BSS) {
    throw new BpfError(operation, invalidBtf(undefined, `section ${section.name} has ${section.size} bytes`));
  }
  return new Uint8Array(section.size);
}

function readSection(
  places: ReadonlyMap<string, number> | undefined,
  section: ElfSection,
  btf: Btf,
  constant: boolean,
  operation: string,
): GlobalSpec[] {
  const layout = btf.dataSection(section.name);
  if (layout === undefined) return [];
  const fail = (what: string) => new BpfError(operation, invalidBtf(undefined, what));
  return layout.variables.map(({ type, offset }) => {
    const variable = btf.variable(type);
    const at = places?.get(variable.name) ?? offset;
    const size = codecOf(btf, variable.type, operation).size;
    if (at + size > section.size) throw fail(`variable ${variable.name} ends beyond section ${section.name}`);
    return { name: variable.name, section: section.name, offset: at, size, type: variable.type, constant };
  });
}
