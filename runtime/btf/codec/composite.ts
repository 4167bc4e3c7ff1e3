import type { BtfComposite } from "../types.ts";
import { type Codec, type CodecContext, compileBitField, Mismatch } from "./codec.ts";
import { show } from "./scalar.ts";

/** What the compiler names the bytes between fields: always zero, and nobody's. */
const PADDING = /^__pad\d*$/;

/** What the kernel keeps in map values for itself and hides from user space (kernel/bpf/btf.c, btf_parse_fields). */
const KERNEL_OWNED = new Set([
  "bpf_spin_lock",
  "bpf_res_spin_lock",
  "bpf_timer",
  "bpf_wq",
  "bpf_task_work",
  "bpf_list_head",
  "bpf_list_node",
  "bpf_rb_root",
  "bpf_rb_node",
  "bpf_refcount",
]);

interface Field {
  readonly name: string;
  /** Bytes from the start of the struct; 0 for a bit field, which knows its own. */
  readonly offset: number;
  readonly codec: Codec;
  /** Fields that share bytes, being members of one union, have the same number; 0 for all others. */
  readonly union: number;
}

export function compositeCodec(context: CodecContext, type: BtfComposite, name: string): Codec {
  const fields: Field[] = [];
  collect(context, type, 0, { fields, unions: 0, visited: 0 }, 0);
  const names = new Set<string>();
  for (const field of fields) {
    if (names.has(field.name)) throw context.invalid(`${name} has two members \`${field.name}\``);
    names.add(field.name);
  }
  const work = fields.reduce((sum, field) => sum + field.codec.work, 1);
  return {
    size: type.size,
    name,
    work,
    read(view, at) {
      const object: Record<string, unknown> = {};
      for (const field of fields) assign(object, field.name, field.codec.read(view, at + field.offset));
      return object;
    },
    write(view, at, value) {
      if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
        throw new Mismatch(`is ${show(value)}, ${name} is an object`);
      }
      const given = value as Record<string, unknown>;
      for (const key of Object.keys(given)) {
        if (!names.has(key)) throw new Mismatch(`is no member of ${name}`, known(fields)).under(`.${key}`);
      }
      writeFields(fields, type.size, name, view, at, given);
    },
  };
}

function known(fields: readonly Field[]): string {
  return fields.length === 0
    ? "it has no members"
    : `its members are ${fields.map((field) => field.name).join(", ")}`;
}

/** A name like `__proto__` must not reach an object's prototype. */
function assign(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__")
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else object[name] = value;
}

interface Collected {
  readonly fields: Field[];
  unions: number;
  /** Members seen, those without a name included: nested unions could repeat them endlessly. */
  visited: number;
}

function collect(
  context: CodecContext,
  type: BtfComposite,
  base: number,
  into: Collected,
  union: number,
): void {
  // A type without a size has nothing to read, however many members it claims.
  if (type.size === 0) return;
  const shared = type.kind === "union" && union === 0 ? ++into.unions : union;
  for (const member of type.members) {
    if (++into.visited > 0xffff) throw context.invalid("a struct has more than 65535 members");
    const target = context.btf.resolve(member.type);
    if ("name" in target && KERNEL_OWNED.has(target.name)) continue;
    if (PADDING.test(member.name)) continue;
    if (member.bitSize > 0) {
      if (member.name === "") continue;
      const codec = compileBitField(context, member.type, {
        bitOffset: base * 8 + member.bitOffset,
        bitSize: member.bitSize,
      });
      into.fields.push({ name: member.name, offset: 0, codec, union: shared });
      continue;
    }
    const offset = base + member.bitOffset / 8;
    if (member.name === "" && (target.kind === "struct" || target.kind === "union")) {
      collect(context, target, offset, into, shared);
    } else if (member.name !== "") {
      into.fields.push({ name: member.name, offset, codec: context.compile(member.type), union: shared });
    }
  }
}

function writeFields(
  fields: readonly Field[],
  size: number,
  name: string,
  view: DataView,
  at: number,
  given: Record<string, unknown>,
): void {
  const written = new Map<number, Field[]>();
  for (const field of fields) {
    const present = Object.hasOwn(given, field.name) && given[field.name] !== undefined;
    if (field.union === 0) {
      if (!present) throw new Mismatch("is missing", known(fields)).under(`.${field.name}`);
      writeField(field, view, at, given[field.name]);
    } else {
      const group = written.get(field.union) ?? [];
      written.set(field.union, group);
      if (present) group.push(field);
    }
  }
  for (const group of written.values()) writeUnion(group, size, name, view, at, given);
}

function writeField(field: Field, view: DataView, at: number, value: unknown): void {
  try {
    field.codec.write(view, at + field.offset, value);
  } catch (error) {
    throw error instanceof Mismatch ? error.under(`.${field.name}`) : error;
  }
}

/** Members of a union are read all at once, so what was read can be written again: as long as they still agree. */
function writeUnion(
  group: readonly Field[],
  size: number,
  name: string,
  view: DataView,
  at: number,
  given: Record<string, unknown>,
): void {
  if (group.length === 0) throw new Mismatch(`has none of the members of union ${name}`, "give one of them");
  for (const field of group) writeField(field, view, at, given[field.name]);
  for (const field of group) {
    // Whatever was written after it, each must still read back as what was asked for.
    const alone = new DataView(new ArrayBuffer(size));
    writeField(field, alone, 0, given[field.name]);
    for (let index = 0; index < field.codec.size; index++) {
      const place = field.offset + index;
      if (alone.getUint8(place) !== view.getUint8(at + place)) {
        throw new Mismatch(
          "disagrees with another member of its union, which shares its bytes",
          "give only the member that is meant",
        ).under(`.${field.name}`);
      }
    }
  }
}
