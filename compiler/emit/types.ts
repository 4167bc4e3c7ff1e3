import { alignOf, sizeOf } from "../ir/build.ts";
import type { EnumType, IntType, IrType, StructType } from "../ir/types.ts";
import type { CDeclaration, CMember, CType } from "./c/ast.ts";
import { array, constant, named, number, pointer, struct, VOID } from "./c/build.ts";
import type { ContextTypes } from "./context-types.ts";
import { NameScope } from "./names.ts";

const integers = {
  u8: "unsigned char",
  i8: "signed char",
  u16: "unsigned short",
  i16: "short",
  u32: "unsigned int",
  i32: "int",
  u64: "unsigned long long",
  i64: "long long",
  __be16: "u16",
  __be32: "u32",
  __be64: "u64",
} as const;

type IntegerName = keyof typeof integers;

/** Translates types, and collects the declarations that those in use need, each after what it is made of. */
export class TypeEmitter {
  readonly #contexts: ContextTypes;
  readonly #tags = new NameScope();
  /** Enumerators share their names with functions and variables. */
  readonly #names: NameScope;
  readonly #typedefs = new Set<IntegerName>();
  readonly #structs = new Map<StructType, string>();
  readonly #enums = new Map<EnumType, { tag: string; members: ReadonlyMap<bigint, string> }>();
  readonly #padding = new Map<StructType, readonly CMember[]>();
  readonly #fieldNames = new Map<StructType, ReadonlyMap<string, string>>();
  readonly #declarations: CDeclaration[] = [];

  constructor(contexts: ContextTypes, names: NameScope) {
    this.#contexts = contexts;
    this.#names = names;
  }

  of(type: IrType): CType {
    switch (type.kind) {
      case "int":
        return this.integer(type);
      case "bool":
        return named("_Bool");
      case "void":
        return VOID;
      case "struct":
        return struct(this.tagOf(type));
      case "array":
        return array(this.of(type.element), type.length);
      case "ref": {
        const target = this.of(type.target);
        return pointer(type.readonly ? constant(target) : target);
      }
      case "context":
        return pointer(struct(this.#contexts.tagOf(type.name)));
    }
  }

  integer(type: IntType): CType {
    // 64-bit enumerators need a newer clang than the oldest that serves: BTF_KIND_ENUM64 came with clang 16.
    if (type.enum !== undefined && type.bits < 64) {
      return { kind: "tag", keyword: "enum", tag: this.#enum(type.enum, type).tag };
    }
    return this.named(type.bigEndian === true && type.bits > 8 ? `__be${type.bits}` : plainName(type));
  }

  /** The machine integer of the same width and sign, with no other meaning. */
  plain(type: IntType): CType {
    return this.named(plainName(type));
  }

  unsigned(bits: 8 | 16 | 32 | 64): CType {
    return this.named(`u${bits}`);
  }

  named(name: string): CType {
    if (isIntegerName(name)) this.#typedefs.add(name);
    return named(name);
  }

  /** The enumerator of an enum's value, where it has one. */
  enumerator(type: IntType, value: bigint): string | undefined {
    if (type.enum === undefined || type.bits === 64) return undefined;
    return this.#enum(type.enum, type).members.get(value);
  }

  tagOf(type: StructType): string {
    const known = this.#structs.get(type);
    if (known !== undefined) return known;
    const tag = this.#tags.take(this.#contexts.isContextTag(type.name) ? `${type.name}_` : type.name);
    this.#structs.set(type, tag);
    this.#declareStruct(type, tag);
    return tag;
  }

  /** A struct that the emitter needs for itself. */
  own(tag: string, members: readonly CMember[]): CType {
    const taken = this.#tags.take(tag);
    this.#declarations.push({ kind: "struct", tag: taken, members });
    return struct(taken);
  }

  fieldName(type: StructType, field: string): string {
    this.tagOf(type);
    return this.#fieldNames.get(type)?.get(field) ?? field;
  }

  /** Explicit members where C would leave holes. */
  paddingOf(type: StructType): readonly CMember[] {
    this.tagOf(type);
    return this.#padding.get(type) ?? [];
  }

  declarations(): { typedefs: readonly CDeclaration[]; types: readonly CDeclaration[] } {
    const types = [...this.#contexts.declarations(this), ...this.#declarations];
    const wanted = new Set<IntegerName>(this.#typedefs);
    for (const name of this.#typedefs) {
      const base: string = integers[name];
      if (isIntegerName(base)) wanted.add(base);
    }
    const typedefs = (Object.keys(integers) as IntegerName[])
      .filter((name) => wanted.has(name))
      .map((name): CDeclaration => ({ kind: "typedef", name, type: named(integers[name]) }));
    return { typedefs, types };
  }

  #enum(type: EnumType, carrier: IntType): { tag: string; members: ReadonlyMap<bigint, string> } {
    const known = this.#enums.get(type);
    if (known !== undefined) return known;
    const tag = this.#tags.take(type.name);
    const names = new Map<bigint, string>();
    const members = type.members.map((member) => {
      const name = this.#names.take(`${tag}_${member.name}`);
      if (!names.has(member.value)) names.set(member.value, name);
      return { name, value: number(member.value, carrier.signed ? "" : "u") };
    });
    const underlying = this.plain(carrier);
    // An enum without members is no C.
    if (members.length === 0) members.push({ name: this.#names.take(`${tag}_none`), value: number(0) });
    this.#declarations.push({ kind: "enum", tag, underlying, members });
    const entry = { tag, members: names };
    this.#enums.set(type, entry);
    return entry;
  }

  #declareStruct(type: StructType, tag: string): void {
    const names = new NameScope();
    const fieldNames = new Map(type.fields.map((field) => [field.name, names.take(field.name)]));
    this.#fieldNames.set(type, fieldNames);
    const members: CMember[] = [];
    const padding: CMember[] = [];
    let end = 0;
    let natural = 1;
    let aligned = true;
    const pad = (until: number): void => {
      if (until <= end) return;
      const member = {
        name: names.take(`__pad${padding.length}`),
        type: array(this.named("u8"), until - end),
      };
      members.push(member);
      padding.push(member);
    };
    for (const field of type.fields) {
      pad(field.offset);
      members.push({ name: fieldNames.get(field.name) ?? field.name, type: this.of(field.type) });
      end = field.offset + sizeOf(field.type);
      const need = alignOf(field.type);
      natural = Math.max(natural, need);
      if (field.offset % need !== 0) aligned = false;
    }
    pad(type.size);
    this.#padding.set(type, padding);
    const attributes = aligned && natural <= type.align ? [] : ["packed"];
    if (natural !== type.align) attributes.push(`aligned(${type.align})`);
    this.#declarations.push({ kind: "struct", tag, members, attributes });
  }
}

function plainName(type: IntType): IntegerName {
  return `${type.signed ? "i" : "u"}${type.bits}`;
}

function isIntegerName(name: string): name is IntegerName {
  return Object.hasOwn(integers, name);
}
