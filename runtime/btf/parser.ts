import { invalidBtf } from "../../compiler/diagnostics/objects.ts";
import { BpfError } from "../errors.ts";
import { Btf } from "./btf.ts";
import { BtfStrings } from "./strings.ts";
import type { BtfType } from "./types.ts";

// A strict parser of BTF. What it accepts is what kernel/bpf/btf.c accepts or less; its work is bounded by the number of bytes.

const MAGIC = 0xeb9f;
const HEADER_SIZE = 24;
/** As BTF_MAX_SIZE of kernel/bpf/btf.c. */
export const BTF_MAX_SIZE = 16 << 20;

export interface ParseBtfOptions {
  /** What messages call it: `open flows.bpf.o`. */
  readonly operation: string;
  /** Types that this BTF continues (a module's continue the kernel's). */
  readonly base?: Btf;
}

export function parseBtf(bytes: Uint8Array, options: ParseBtfOptions): Btf {
  const fail = (what: string) => new BpfError(options.operation, invalidBtf(undefined, what));
  if (bytes.length < HEADER_SIZE) throw fail(`${bytes.length} bytes are less than a header`);
  if (bytes.length > BTF_MAX_SIZE) throw fail(`${bytes.length} bytes are more than the kernel takes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = view.getUint16(0, true) === MAGIC;
  if (!littleEndian && view.getUint16(0, false) !== MAGIC) throw fail("its magic number is wrong");
  const u32 = (at: number) => view.getUint32(at, littleEndian);
  if (bytes[2] !== 1) throw fail(`its version is ${bytes[2]}, not 1`);
  const headerLength = u32(4);
  if (headerLength < HEADER_SIZE || headerLength > bytes.length)
    throw fail(`a header of ${headerLength} bytes`);
  const body = bytes.length - headerLength;
  const [typeOffset, typeLength, stringOffset, stringLength] = [u32(8), u32(12), u32(16), u32(20)];
  if (typeOffset % 4 !== 0 || typeLength % 4 !== 0) throw fail("its types are not aligned");
  if (typeOffset + typeLength > body)
    throw fail(`its types end at byte ${typeOffset + typeLength} of ${body}`);
  if (stringOffset + stringLength > body)
    throw fail(`its strings end at byte ${stringOffset + stringLength} of ${body}`);
  if (typeOffset < stringOffset + stringLength && stringOffset < typeOffset + typeLength) {
    throw fail("its types and its strings overlap");
  }

  const base = options.base;
  const strings = new BtfStrings(
    bytes.subarray(headerLength + stringOffset, headerLength + stringOffset + stringLength),
    {
      fail,
      ...(base === undefined ? {} : { base: base.strings }),
    },
  );
  const types: BtfType[] = base === undefined ? [{ kind: "void" }] : [];
  const start = headerLength + typeOffset;
  const end = start + typeLength;
  const cursor = new TypeCursor(view, littleEndian, start, end, strings, fail);
  while (cursor.at < end) {
    cursor.id = (base?.types.length ?? 0) + types.length;
    types.push(readType(cursor));
  }
  const btf = new Btf(
    base === undefined ? types : [...base.types, ...types],
    strings,
    littleEndian,
    options.operation,
  );
  btf.validate(base?.types.length ?? 1);
  return btf;
}

/** Reads words of the type section, never beyond its end. */
class TypeCursor {
  at: number;
  id = 0;
  readonly fail: (what: string) => BpfError;
  private readonly view: DataView;
  private readonly littleEndian: boolean;
  private readonly end: number;
  private readonly strings: BtfStrings;

  constructor(
    view: DataView,
    littleEndian: boolean,
    start: number,
    end: number,
    strings: BtfStrings,
    fail: (what: string) => BpfError,
  ) {
    this.view = view;
    this.littleEndian = littleEndian;
    this.at = start;
    this.end = end;
    this.strings = strings;
    this.fail = (what) => fail(`type ${this.id} ${what}`);
  }

  u32(): number {
    if (this.at + 4 > this.end) throw this.fail("ends beyond the types");
    const value = this.view.getUint32(this.at, this.littleEndian);
    this.at += 4;
    return value;
  }

  i32(): number {
    return this.u32() | 0;
  }

  name(): string {
    return this.strings.at(this.u32());
  }

  /** The name at an offset that was read before. */
  nameAt(offset: number): string {
    return this.strings.at(offset);
  }

  /** `count` entries of `words` words each are there; checked before anything is allocated for them. */
  list<T>(count: number, words: number, read: () => T): T[] {
    if (this.at + count * words * 4 > this.end) throw this.fail(`has ${count} entries, more than its bytes`);
    return Array.from({ length: count }, read);
  }
}

function readType(cursor: TypeCursor): BtfType {
  const name = cursor.name();
  const info = cursor.u32();
  const sizeOrType = cursor.u32();
  const vlen = info & 0xffff;
  const kind = (info >>> 24) & 0x1f;
  const flag = info >>> 31 === 1;
  if ((info & 0x60ff0000) !== 0) throw cursor.fail("uses bits that mean nothing");
  const named = () => {
    if (name === "") throw cursor.fail("has no name");
    return name;
  };
  const plain = () => {
    if (vlen !== 0) throw cursor.fail(`has ${vlen} entries, a type of its kind has none`);
  };

  switch (kind) {
    case 1: {
      plain();
      const encoding = cursor.u32();
      const bits = encoding & 0xff;
      const offset = (encoding >>> 16) & 0xff;
      const flags = (encoding >>> 24) & 0xf;
      if (![1, 2, 4, 8, 16].includes(sizeOrType)) throw cursor.fail(`is an integer of ${sizeOrType} bytes`);
      if (bits === 0 || bits > 128 || bits + offset > sizeOrType * 8)
        throw cursor.fail(`is an integer of ${bits} bits`);
      if (offset !== 0) throw cursor.fail("is an integer that begins inside its bytes");
      if (flags > 4 || flags === 3) throw cursor.fail(`has integer encoding ${flags}`);
      return {
        kind: "int",
        name: named(),
        size: sizeOrType,
        bits,
        signed: flags === 1,
        boolean: flags === 4,
        char: flags === 2 || name === "char",
      };
    }
    case 2:
      plain();
      return { kind: "pointer", type: sizeOrType };
    case 3: {
      plain();
      const element = cursor.u32();
      cursor.u32();
      return { kind: "array", element, length: cursor.u32() };
    }
    case 4:
    case 5:
      return {
        kind: kind === 4 ? "struct" : "union",
        name,
        size: sizeOrType,
        members: cursor.list(vlen, 3, () => {
          const member = cursor.name();
          const type = cursor.u32();
          const place = cursor.u32();
          return flag
            ? { name: member, type, bitOffset: place & 0xffffff, bitSize: place >>> 24 }
            : { name: member, type, bitOffset: place, bitSize: 0 };
        }),
      };
    case 6:
      enumSize(cursor, sizeOrType);
      return {
        kind: "enum",
        name,
        size: sizeOrType,
        signed: flag,
        values: cursor.list(vlen, 2, () => {
          const value = cursor.name();
          return { name: value, value: BigInt(flag ? cursor.i32() : cursor.u32()) };
        }),
      };
    case 7:
      plain();
      return { kind: "forward", name: named(), union: flag };
    case 8:
      plain();
      return { kind: "typedef", name: named(), type: sizeOrType };
    case 9:
    case 10:
    case 11:
      plain();
      return {
        kind: kind === 9 ? "volatile" : kind === 10 ? "const" : "restrict",
        name: "",
        type: sizeOrType,
      };
    case 12:
      return { kind: "function", name: named(), type: sizeOrType, linkage: vlen };
    case 13:
      return {
        kind: "prototype",
        result: sizeOrType,
        parameters: cursor.list(vlen, 2, () => {
          const parameter = cursor.name();
          return { name: parameter, type: cursor.u32() };
        }),
      };
    case 14:
      plain();
      return { kind: "variable", name: named(), type: sizeOrType, linkage: cursor.u32() };
    case 15:
      return {
        kind: "dataSection",
        name: named(),
        size: sizeOrType,
        variables: cursor.list(vlen, 3, () => ({
          type: cursor.u32(),
          offset: cursor.u32(),
          size: cursor.u32(),
        })),
      };
    case 16:
      plain();
      return { kind: "float", name: named(), size: sizeOrType };
    case 17:
      plain();
      return { kind: "declarationTag", name: named(), type: sizeOrType, component: cursor.i32() };
    case 18:
      plain();
      return { kind: "typeTag", name: named(), type: sizeOrType };
    case 19:
      enumSize(cursor, sizeOrType);
      return {
        kind: "enum",
        name,
        size: sizeOrType,
        signed: flag,
        values: cursor.list(vlen, 3, () => {
          const value = cursor.name();
          const bits = BigInt(cursor.u32()) | (BigInt(cursor.u32()) << 32n);
          return { name: value, value: flag ? BigInt.asIntN(64, bits) : bits };
        }),
      };
    default:
      throw cursor.fail(`is of kind ${kind}, which is not known`);
  }
}

function enumSize(cursor: TypeCursor, size: number): void {
  if (![1, 2, 4, 8].includes(size)) throw cursor.fail(`is an enum of ${size} bytes`);
}
