import type { SourceMap } from "../emit/c/source-map.ts";
import { recordPrefix, recordSection } from "../emit/map-declarations.ts";
import { withoutMark } from "../emit/names.ts";
import { sectionInObject } from "../emit/section-names.ts";
import type { IrModule } from "../ir/module.ts";
import { Btf, type BtfType, btfKind, encodeBtf } from "./btf.ts";
import { type BtfExt, encodeBtfExt, readBtfExt } from "./btf-ext.ts";
import { type ElfObject, isIdle, readElf, type Section, StringTable, sectionType, writeElf } from "./elf.ts";
import { sourceLines } from "./lines.ts";
import { metadataOf, metadataSection } from "./metadata.ts";

export { metadataSection, type ObjectMetadata } from "./metadata.ts";

export interface FinishOptions {
  /** What file names are relative to. */
  readonly cwd?: string;
  /** What `emitC` had to name otherwise. */
  readonly renamed?: ReadonlyMap<string, string>;
}

/**
 * Makes clang's object ours: line info speaks of the source, debug information that nobody loads is gone, and what the compiler knows beside
 * is in a section of its own. libbpf loads the result like any other object. The same input gives the same bytes.
 */
export function finishObject(
  object: Uint8Array,
  module: IrModule,
  map: SourceMap,
  options: FinishOptions = {},
): Uint8Array {
  const cwd = options.cwd ?? process.cwd();
  const elf = readElf(object);
  const btfSection = sectionNamed(elf, ".BTF");
  const extSection = sectionNamed(elf, ".BTF.ext");
  const btf = new Btf(btfSection.data);
  const ext = renamed(readBtfExt(extSection.data, btf));

  const numbers = btf.renumber(recordSections(btf));
  fillDataSections(btf, elf);
  const strings = new StringTable();
  const nameOf = renaming(options.renamed ?? new Map());
  const types = btf.encodeTypes(numbers, strings, nameOf);
  const lines = sourceLines(ext, module, map, cwd);
  const newExt = encodeBtfExt({ ...ext, lines }, numbers, strings);
  const metadata = metadataOf(module, cwd);

  const replaced = new Map<Section, Uint8Array>([
    [btfSection, encodeBtf(types, strings.bytes())],
    [extSection, newExt],
  ]);
  return writeElf(rebuild(elf, replaced, nameOf, new TextEncoder().encode(JSON.stringify(metadata))));
}

/** From names in the C to the source's; the variables that describe records are named after their maps. */
function renaming(renamed: ReadonlyMap<string, string>): (name: string) => string {
  return (name) => {
    if (!name.startsWith(recordPrefix)) return withoutMark(renamed.get(name) ?? name);
    const map = name.slice(recordPrefix.length);
    return `${recordPrefix}${withoutMark(renamed.get(map) ?? map)}`;
  };
}

function renamed(ext: BtfExt): BtfExt {
  const keys = <T>(sections: ReadonlyMap<string, T>) =>
    new Map([...sections].map(([name, records]) => [sectionInObject(name), records] as const));
  return { functions: keys(ext.functions), lines: keys(ext.lines), relocations: keys(ext.relocations) };
}

function sectionNamed(elf: ElfObject, name: string): Section {
  const section = elf.sections.find((candidate) => candidate.name === name);
  if (section === undefined) throw new Error(`clang wrote no section ${name}`);
  return section;
}

/** DWARF, tables for linkers, and what the emitter wrote only to make clang describe a type. */
function isDropped(section: Section): boolean {
  return (
    /^\.(rel)?\.?(debug_|eh_frame|llvm_addrsig|comment|note)/.test(section.name) ||
    section.name === ".rel.BTF" ||
    section.name === ".rel.BTF.ext" ||
    section.name === recordSection ||
    (section.name === ".text" && section.size === 0)
  );
}

function rebuild(
  elf: ElfObject,
  replaced: ReadonlyMap<Section, Uint8Array>,
  nameOf: (name: string) => string,
  metadata: Uint8Array,
): ElfObject {
  const kept = elf.sections.filter((section) => !isDropped(section));
  const copies = new Map<Section, Section>();
  for (const section of kept) {
    const data = replaced.get(section) ?? section.data;
    const target = section.target && copies.get(section.target);
    const size = section.type === sectionType.nobits ? section.size : data.length;
    copies.set(section, { ...section, name: sectionInObject(section.name), data, target, size });
  }
  const relocated = [...elf.relocations].filter(([section]) => copies.has(section));
  const referred = new Set(relocated.flatMap(([, list]) => list.map((relocation) => relocation.symbol)));
  const symbols = elf.symbols.filter(
    (symbol, index) =>
      index === 0 ||
      (!isIdle(symbol, referred) && (typeof symbol.section === "number" || copies.has(symbol.section))),
  );
  const symbolCopies = new Map(
    symbols.map((symbol) => [
      symbol,
      {
        ...symbol,
        name: nameOf(symbol.name),
        section: typeof symbol.section === "number" ? symbol.section : (copies.get(symbol.section) ?? 0),
      },
    ]),
  );
  const relocations = new Map(
    relocated.flatMap(([section, list]) => {
      const copy = copies.get(section);
      if (copy === undefined) return [];
      return [
        [
          copy,
          list.map((relocation) => {
            const symbol = symbolCopies.get(relocation.symbol);
            if (symbol === undefined) throw new Error(`${section.name} needs a symbol that was removed`);
            return { ...relocation, symbol };
          }),
        ] as const,
      ];
    }),
  );
  const own: Section = {
    name: metadataSection,
    type: sectionType.progbits,
    flags: 0n,
    alignment: 1,
    entrySize: 0,
    size: metadata.length,
    data: metadata,
    target: undefined,
  };
  return { ...elf, sections: [...copies.values(), own], symbols: [...symbolCopies.values()], relocations };
}

/**
 * The variables that name the types of ring buffers' records stay in BTF, where user space looks for them; the section that clang put them
 * into is gone, and with it its description.
 */
function recordSections(btf: Btf): ReadonlySet<BtfType> {
  return new Set(
    btf.types.filter((type) => type.kind === btfKind.dataSection && type.name === recordSection),
  );
}

/** clang leaves sizes and offsets of variables to the linker; loaders take them from the symbols where they are missing. */
function fillDataSections(btf: Btf, elf: ElfObject): void {
  for (const type of btf.types) {
    if (type.kind !== btfKind.dataSection) continue;
    const section = elf.sections.find((candidate) => candidate.name === type.name);
    if (section === undefined) continue;
    type.sizeOrType = section.size;
    const entries = Array.from({ length: type.count }, (_, index) => {
      const [variable = 0, , size = 0] = type.tail.subarray(3 * index, 3 * index + 3);
      const name = btf.type(variable)?.name;
      const symbol = elf.symbols.find(
        (candidate) => candidate.name === name && candidate.section === section,
      );
      return [variable, Number(symbol?.value ?? 0n), size] as const;
    });
    entries.sort((a, b) => a[1] - b[1]);
    type.tail.set(entries.flat());
  }
}
