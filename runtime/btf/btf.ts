import { invalidBtf } from "../../compiler/diagnostics/objects.ts";
import { BpfError } from "../errors.ts";
import type { BtfStrings } from "./strings.ts";
import type { BtfComposite, BtfDataSection, BtfType, BtfVariable } from "./types.ts";

/** How deep types may hold each other by value: the kernel's MAX_RESOLVE_DEPTH is 32. */
const DEEPEST = 32;
/** No value of a program is as large as this. Sizes beyond 2^53 lose precision and are refused all the same. */
const LARGEST = 0x7fffffff;

/** A validated graph of types. Made by `parseBtf`. */
export class Btf {
  readonly types: readonly BtfType[];
  readonly strings: BtfStrings;
  readonly littleEndian: boolean;
  private readonly operation: string;
  private named:
    | {
        readonly sections: ReadonlyMap<string, BtfDataSection>;
        readonly variables: ReadonlyMap<string, BtfVariable>;
      }
    | undefined;
  private readonly layouts = new Map<number, { readonly size: number; readonly depth: number }>();

  constructor(types: readonly BtfType[], strings: BtfStrings, littleEndian: boolean, operation: string) {
    this.types = types;
    this.strings = strings;
    this.littleEndian = littleEndian;
    this.operation = operation;
  }

  type(id: number): BtfType {
    const type = this.types[id];
    if (type === undefined) throw this.invalid(`type ${id} of ${this.types.length}`);
    return type;
  }

  /** The type behind typedefs and qualifiers. */
  resolve(id: number): BtfType {
    return this.type(this.resolveId(id));
  }

  resolveId(id: number): number {
    for (let steps = 0; steps <= DEEPEST; steps++) {
      const type = this.type(id);
      if (!isModifier(type)) return id;
      id = type.type;
    }
    throw this.invalid(`type ${id} has more than ${DEEPEST} names, or is defined by itself`);
  }

  /** The names that typedefs give to the type, outermost first. */
  typedefs(id: number): readonly string[] {
    const names: string[] = [];
    for (let steps = 0; steps <= DEEPEST; steps++) {
      const type = this.type(id);
      if (!isModifier(type)) return names;
      if (type.kind === "typedef") names.push(type.name);
      id = type.type;
    }
    throw this.invalid(`type ${id} has more than ${DEEPEST} names, or is defined by itself`);
  }

  /**
   * Bytes of a value of the type.
   *
   * @throws {BpfError} TSB4005 for a type that has none, or more than any value has. That is checked here and not when parsing, because a map's
   * definition says numbers by the lengths of arrays that nothing is ever made of.
   */
  size(id: number): number {
    const { size } = this.layout(id);
    if (size > LARGEST) throw this.invalid(`type ${id} has ${size} bytes`);
    return size;
  }

  /** A short name for messages: `struct flow_key`, `u32`, `u8[16]`. */
  describe(id: number, depth = 0): string {
    const type = this.type(id);
    if (depth > 8) return "…";
    switch (type.kind) {
      case "int":
      case "typedef":
      case "float":
        return type.name;
      case "struct":
      case "union":
      case "enum":
        return `${type.kind} ${type.name === "" ? "without a name" : type.name}`;
      case "array":
        return `${this.describe(type.element, depth + 1)}[${type.length}]`;
      case "pointer":
        return `${this.describe(type.type, depth + 1)} *`;
      case "volatile":
      case "const":
      case "restrict":
      case "typeTag":
        return this.describe(type.type, depth + 1);
      default:
        return type.kind;
    }
  }

  dataSection(name: string): BtfDataSection | undefined {
    return this.names().sections.get(name);
  }

  /** The global variable of that name. */
  variableNamed(name: string): BtfVariable | undefined {
    return this.names().variables.get(name);
  }

  /** Made once: an object may ask for as many names as it has sections and maps. */
  private names() {
    if (this.named !== undefined) return this.named;
    const sections = new Map<string, BtfDataSection>();
    const variables = new Map<string, BtfVariable>();
    for (const type of this.types) {
      if (type.kind === "dataSection" && !sections.has(type.name)) sections.set(type.name, type);
      if (type.kind === "variable" && !variables.has(type.name)) variables.set(type.name, type);
    }
    this.named = { sections, variables };
    return this.named;
  }

  variable(id: number): BtfVariable {
    const type = this.type(id);
    if (type.kind !== "variable") throw this.invalid(`type ${id} is not a variable`);
    return type;
  }

  /** Ids of the structs, unions, enums and typedefs of that name. */
  find(name: string): readonly number[] {
    const found: number[] = [];
    this.types.forEach((type, id) => {
      if ("name" in type && type.name === name) found.push(id);
    });
    return found;
  }

  /** Checks what single types cannot show: references, sizes, cycles. `from` is the first id that was not checked before. */
  validate(from: number): void {
    for (let id = from; id < this.types.length; id++) this.check(id, this.type(id));
  }

  private check(id: number, type: BtfType): void {
    switch (type.kind) {
      case "pointer":
        this.type(type.type);
        return;
      case "function": {
        if (this.type(type.type).kind !== "prototype")
          throw this.invalid(`type ${id} is a function without a prototype`);
        return;
      }
      case "prototype":
        this.type(type.result);
        for (const parameter of type.parameters) this.type(parameter.type);
        return;
      case "dataSection":
        this.checkDataSection(id, type);
        return;
      case "declarationTag":
        this.type(type.type);
        return;
      case "typedef":
      case "volatile":
      case "const":
      case "restrict":
      case "typeTag":
        // What they lead to may be incomplete, a function or `void`; only their end matters here.
        this.resolveId(id);
        return;
      case "variable":
        this.resolveId(type.type);
        return;
      case "void":
      case "forward":
        return;
      default:
        this.layout(id);
    }
  }

  private checkDataSection(id: number, section: BtfDataSection): void {
    let last = 0;
    for (const { type, offset, size } of section.variables) {
      const variable = this.type(type);
      // clang names externs and functions here too, without a place.
      if (variable.kind === "function") continue;
      if (variable.kind !== "variable")
        throw this.invalid(`section ${section.name} lists type ${type}, which is no variable`);
      // Sizes and offsets are filled in by the linker or by libbpf: before that they are zero (libbpf, btf_fixup_datasec).
      if (section.size === 0) continue;
      if (offset < last) throw this.invalid(`variables of section ${section.name} overlap`);
      if (offset + size > section.size)
        throw this.invalid(`variable ${variable.name} ends beyond section ${section.name}`);
      last = offset + size;
    }
    if (section.size > LARGEST) throw this.invalid(`type ${id} has ${section.size} bytes`);
  }

  private layout(id: number, depth = 0): { readonly size: number; readonly depth: number } {
    const known = this.layouts.get(id);
    if (known !== undefined) return known;
    if (depth > DEEPEST)
      throw this.invalid(`type ${id} holds itself, or is nested more than ${DEEPEST} deep`);
    const layout = this.computeLayout(id, depth);
    if (layout.depth > DEEPEST) throw this.invalid(`type ${id} is nested more than ${DEEPEST} deep`);
    this.layouts.set(id, layout);
    return layout;
  }

  private computeLayout(id: number, depth: number): { readonly size: number; readonly depth: number } {
    const type = this.type(id);
    switch (type.kind) {
      case "int":
      case "enum":
      case "float":
        return { size: type.size, depth: 0 };
      case "pointer":
        return { size: 8, depth: 0 };
      case "typedef":
      case "volatile":
      case "const":
      case "restrict":
      case "typeTag": {
        const target = this.layout(type.type, depth + 1);
        return { size: target.size, depth: target.depth + 1 };
      }
      case "array": {
        const element = this.layout(type.element, depth + 1);
        return { size: element.size * type.length, depth: element.depth + 1 };
      }
      case "struct":
      case "union":
        return { size: type.size, depth: this.checkMembers(id, type, depth) + 1 };
      default:
        throw this.invalid(`type ${id} (${type.kind}) has no size and is used as a value`);
    }
  }

  /** The members lie inside, in order and, in a struct, beside each other. Returns how deep the deepest is. */
  private checkMembers(id: number, type: BtfComposite, depth: number): number {
    let deepest = 0;
    let end = 0;
    for (const member of type.members) {
      const layout = this.layout(member.type, depth + 1);
      deepest = Math.max(deepest, layout.depth);
      const what = `member ${member.name === "" ? "without a name" : `\`${member.name}\``} of type ${id}`;
      if (member.bitSize === 0 && member.bitOffset % 8 !== 0)
        throw this.invalid(`${what} begins inside a byte`);
      if (member.bitSize > layout.size * 8) throw this.invalid(`${what} has more bits than its type`);
      const bits = member.bitSize === 0 ? layout.size * 8 : member.bitSize;
      if (member.bitOffset + bits > type.size * 8) throw this.invalid(`${what} ends beyond its ${type.kind}`);
      if (type.kind === "union" ? member.bitOffset !== 0 : member.bitOffset < end) {
        throw this.invalid(`${what} overlaps the one before`);
      }
      end = member.bitOffset + bits;
    }
    return deepest;
  }

  private invalid(what: string): BpfError {
    return new BpfError(this.operation, invalidBtf(undefined, what));
  }
}

function isModifier(
  type: BtfType,
): type is BtfType & { kind: "typedef" | "volatile" | "const" | "restrict" | "typeTag" } {
  switch (type.kind) {
    case "typedef":
    case "volatile":
    case "const":
    case "restrict":
    case "typeTag":
      return true;
    default:
      return false;
  }
}
