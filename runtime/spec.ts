import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { unknownGlobal, unknownMap, unknownProgram } from "../compiler/diagnostics/load.ts";
import { damagedElf, foreignElf, noBtf, unreadableObject } from "../compiler/diagnostics/objects.ts";
import type { Btf } from "./btf/btf.ts";
import { type Codec, codecOf, decode, encodeInto } from "./btf/codec/codec.ts";
import { type BtfExt, parseBtfExt } from "./btf/ext.ts";
import { parseBtf } from "./btf/parser.ts";
import { type ElfFile, readElf, SectionFlag, SymbolBinding, SymbolType } from "./elf/reader.ts";
import { BpfError } from "./errors.ts";
import { type GlobalSection, type GlobalSpec, readGlobals } from "./globals.ts";
import { type MapSpec, readMapDefinitions } from "./map-definitions.ts";
import { type ObjectMetadata, parseMetadata } from "./metadata.ts";
import { logLostName } from "./own-names.ts";
import { type ProgramKind, programKindOf } from "./program-kinds.ts";

/** What an object says about one of its programs. Plain data: change it before load. */
export interface ProgramSpec {
  readonly name: string;
  /** ELF section, as libbpf reads it: `cgroup/connect4`. */
  readonly section: string;
  /** The kind that the section says. Set it where the section says none. */
  kind: ProgramKind | undefined;
  /** Whether it is loaded. A section that begins with `?` says no. */
  load: boolean;
  readonly instructionCount: number;
  /** Instructions from the start of the section to the program. */
  readonly sectionOffset: number;
}

/**
 * An object file, read and checked, not loaded: deterministic plain data that needs no kernel, no privileges and no addon. What may be
 * changed is changed here, then `loadObject` takes it.
 *
 *     const spec = open("flows.bpf.o");
 *     spec.map("flows").maxEntries = 1 << 20;
 *     spec.constants.port = 8080;
 *     using flows = loadObject(spec);
 */
export class ObjectSpec {
  /** The file's name, or what the caller called the bytes. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly license: string;
  readonly maps: Readonly<Record<string, MapSpec>>;
  readonly programs: Readonly<Record<string, ProgramSpec>>;
  /** Constants and their values, to be changed before load. Values are as in `Codec`. */
  readonly constants: Record<string, unknown>;
  /** Global variables and their first values, to be changed before load. */
  readonly variables: Record<string, unknown>;
  readonly sections: readonly GlobalSection[];
  readonly btf: Btf;
  /** Where each instruction comes from; `undefined` for an object without `.BTF.ext`. */
  readonly lines: BtfExt | undefined;
  /** What tsbpf's compiler recorded; `undefined` for other compilers' objects. */
  readonly metadata: ObjectMetadata | undefined;

  private constructor(name: string, bytes: Uint8Array) {
    const operation = `open ${name}`;
    const elf = readElf(bytes, name);
    const hostOrder = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
    if (elf.littleEndian !== hostOrder) {
      throw new BpfError(
        operation,
        foreignElf(undefined, `it is ${elf.littleEndian ? "little" : "big"}-endian`),
      );
    }
    const types = elf.section(".BTF");
    if (types === undefined) throw new BpfError(operation, noBtf(undefined, name));
    const lines = elf.section(".BTF.ext");
    this.name = name;
    this.bytes = bytes;
    this.btf = parseBtf(types.data, { operation });
    this.lines = lines === undefined ? undefined : parseBtfExt(lines.data, this.btf, operation);
    this.license = readLicense(elf);
    this.metadata = readMetadataSection(elf, operation);
    this.programs = byName(readPrograms(elf, operation));
    this.maps = byName(readMapDefinitions(this.btf, operation));
    this.sections = readGlobals(elf, this.btf, operation);
    this.constants = this.initialValues(true);
    this.variables = this.initialValues(false);
  }

  /** @internal `open` is the way in. */
  static read(name: string, bytes: Uint8Array): ObjectSpec {
    return new ObjectSpec(name, bytes);
  }

  /** @throws {BpfError} TSB4020 where there is none of that name. */
  map(name: string): MapSpec {
    const map = Object.hasOwn(this.maps, name) ? this.maps[name] : undefined;
    if (map === undefined)
      throw new BpfError(`edit ${this.name}`, unknownMap(undefined, name, Object.keys(this.maps)));
    return map;
  }

  /** @throws {BpfError} TSB4021 where there is none of that name. */
  program(name: string): ProgramSpec {
    const program = Object.hasOwn(this.programs, name) ? this.programs[name] : undefined;
    if (program === undefined) {
      throw new BpfError(`edit ${this.name}`, unknownProgram(undefined, name, Object.keys(this.programs)));
    }
    return program;
  }

  /**
   * The bytes of a section of globals with the values as they are now in `constants` and `variables`.
   *
   * @throws {BpfError} TSB4022 for a name that is no global, TSB4030 for a value that does not fit.
   */
  image(section: GlobalSection): Uint8Array {
    const values = section.constant ? this.constants : this.variables;
    const image = section.initial.slice();
    for (const global of section.globals) {
      if (!Object.hasOwn(values, global.name)) continue;
      image.fill(0, global.offset, global.offset + global.size);
      encodeInto(
        this.codec(global),
        values[global.name],
        image,
        global.offset,
        `load ${this.name}`,
        global.name,
      );
    }
    return image;
  }

  /** Checks that every name in `constants` and `variables` is a global's. */
  checkGlobals(): void {
    for (const constant of [true, false]) {
      const known = this.sections
        .filter((section) => section.constant === constant)
        .flatMap((section) => section.globals.map((global) => global.name));
      const names = new Set(known);
      for (const name of Object.keys(constant ? this.constants : this.variables)) {
        if (!names.has(name)) throw new BpfError(`load ${this.name}`, unknownGlobal(undefined, name, known));
      }
    }
  }

  /** @internal How a global's bytes are read and written. */
  codec(global: GlobalSpec): Codec {
    return codecOf(this.btf, global.type, `open ${this.name}`);
  }

  private initialValues(constant: boolean): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    for (const section of this.sections) {
      if (section.constant !== constant) continue;
      for (const global of section.globals) {
        if (global.name === logLostName) continue;
        entries.push([global.name, decode(this.codec(global), section.initial, global.offset)]);
      }
    }
    // Object.fromEntries defines properties, so no name reaches the prototype.
    return Object.fromEntries(entries);
  }
}

/**
 * Reads and checks an object file. Its bytes are taken as hostile: nothing in them is used before it was checked, and the kernel hears of
 * nothing.
 *
 * @param object a path, or the bytes.
 * @param options.name what messages call the object; by default the file's name, or `object`.
 * @throws {BpfError} TSB4001–TSB4009.
 */
export function open(object: string | Uint8Array, options: { readonly name?: string } = {}): ObjectSpec {
  if (typeof object !== "string") return ObjectSpec.read(options.name ?? "object", object);
  let bytes: Uint8Array;
  try {
    bytes = readObject(object);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BpfError(`open ${object}`, unreadableObject(undefined, object, reason), { cause: error });
  }
  return ObjectSpec.read(options.name ?? basename(object), bytes);
}

/** Larger than any object: the kernel takes 16 MiB of BTF and a million instructions of 8 bytes. */
const LARGEST_OBJECT = 128 << 20;

/** Unlike `readFileSync`, comes back from `/dev/zero`, and from a pipe that grows. */
function readObject(path: string): Uint8Array {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    let bytes = new Uint8Array(Math.min(size, LARGEST_OBJECT) + 1);
    let length = 0;
    for (;;) {
      const count = readSync(file, bytes, length, bytes.length - length, null);
      if (count === 0) return bytes.subarray(0, length);
      length += count;
      if (length > LARGEST_OBJECT) throw new Error(`it has more than ${LARGEST_OBJECT} bytes`);
      if (length < bytes.length) continue;
      const larger = new Uint8Array(Math.min(Math.max(length * 2, 1 << 16), LARGEST_OBJECT + 1));
      larger.set(bytes);
      bytes = larger;
    }
  } finally {
    closeSync(file);
  }
}

function byName<T extends { readonly name: string }>(items: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(items.map((item) => [item.name, item]));
}

function readLicense(elf: ElfFile): string {
  const bytes = elf.section("license")?.data ?? new Uint8Array();
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function readMetadataSection(elf: ElfFile, operation: string): ObjectMetadata | undefined {
  const section = elf.section(".tsbpf");
  if (section === undefined) return undefined;
  const metadata = parseMetadata(section.data);
  if (typeof metadata === "string") {
    throw new BpfError(operation, damagedElf(undefined, `section .tsbpf cannot be used: ${metadata}`));
  }
  return metadata;
}

const INSTRUCTION_SIZE = 8;

function readPrograms(elf: ElfFile, operation: string): ProgramSpec[] {
  const programs: ProgramSpec[] = [];
  for (const symbol of elf.symbols) {
    const section = elf.sections[symbol.section];
    if (symbol.type !== SymbolType.FUNC || symbol.binding === SymbolBinding.LOCAL || section === undefined)
      continue;
    // Functions in .text are called by programs and are none themselves (libbpf, bpf_object__add_programs).
    if ((section.flags & SectionFlag.EXECINSTR) === 0 || section.name === ".text") continue;
    const fits =
      symbol.value % INSTRUCTION_SIZE === 0 && symbol.size % INSTRUCTION_SIZE === 0 && symbol.size > 0;
    if (!fits || symbol.value + symbol.size > section.size) {
      throw new BpfError(
        operation,
        damagedElf(undefined, `program ${symbol.name} does not lie in section ${section.name}`),
      );
    }
    // The kernel takes no other characters, pins are named by it, and messages print it.
    if (!/^[\w.$]+$/.test(symbol.name) || /^\.+$/.test(symbol.name)) {
      const name = JSON.stringify(symbol.name);
      throw new BpfError(operation, damagedElf(undefined, `a program is named ${name}`));
    }
    programs.push({
      name: symbol.name,
      section: section.name,
      kind: programKindOf(section.name),
      load: !section.name.startsWith("?"),
      instructionCount: symbol.size / INSTRUCTION_SIZE,
      sectionOffset: symbol.value / INSTRUCTION_SIZE,
    });
  }
  return programs;
}
