import type { IrModule } from "../ir/module.ts";

// clang's assembler keeps sections and symbols in one table: a program `sockops` in the section `sockops` is "already defined". Where a name is
// both, the section is written with a suffix, which `finishObject` takes away: in an ELF file the two do not meet.

const suffix = ".tsbpf-section";

/** What a program's section is called in the C. */
export function sectionInC(section: string, module: IrModule): string {
  const named = [...module.programs, ...module.maps, ...module.globals];
  return named.some(({ name }) => name === section) ? `${section}${suffix}` : section;
}

/** What it is called in the object. */
export function sectionInObject(name: string): string {
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}
