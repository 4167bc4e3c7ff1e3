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

/** All sections together. Larger ones are no globals of a program, and sections that share their bytes could be many times the file. */
const LARGEST_SECTIONS = 64 << 20;

export function readGlobals(elf: ElfFile, btf: Btf, operation: string): GlobalSection[] {
  const sections: GlobalSection[] = [];
  // clang leaves offsets to the symbol table, as libbpf's btf_fixup_datasec knows.
  const places = new Map<number, Map<string, number>>();
  for (const symbol of elf.symbols) {
    if (symbol.type !== SymbolType.OBJECT) continue;
    const named = places.get(symbol.section) ?? new Map<string, number>();
    places.set(symbol.section, named.set(symbol.name, symbol.value));
  }
  let total = 0;
  for (const section of elf.sections) {
    const base = /^\.(data|rodata|bss)(\..*)?$/.exec(section.name)?.[1];
    if (base === undefined || (section.flags & SectionFlag.ALLOC) === 0 || section.size === 0) continue;
    if (section.type !== SectionType.PROGBITS && section.type !== SectionType.NOBITS) continue;
    total += section.size;
    if (total > LARGEST_SECTIONS) {
      throw new BpfError(
        operation,
        invalidBtf(undefined, `its globals have more than ${LARGEST_SECTIONS} bytes`),
      );
    }
    sections.push({
      name: section.name,
      constant: base === "rodata",
      initial: initialImage(section),
      globals: readSection(places.get(section.index), section, btf, base === "rodata", operation),
    });
  }
  return sections;
}

function initialImage(section: ElfSection): Uint8Array {
  return section.type === SectionType.NOBITS ? new Uint8Array(section.size) : section.data.slice();
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
  let room = section.size;
  return layout.variables.map(({ type, offset }) => {
    const variable = btf.variable(type);
    const at = places?.get(variable.name) ?? offset;
    const size = codecOf(btf, variable.type, operation).size;
    if (at + size > section.size) throw fail(`variable ${variable.name} ends beyond section ${section.name}`);
    // Each is decoded when the object is opened: a thousand at one place would be a thousand times its bytes.
    room -= size;
    if (room < 0) throw fail(`variables of section ${section.name} overlap`);
    return { name: variable.name, section: section.name, offset: at, size, type: variable.type, constant };
  });
}
