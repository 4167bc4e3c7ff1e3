import { valueMismatch } from "../../../compiler/diagnostics/map-access.ts";
import { invalidBtf } from "../../../compiler/diagnostics/objects.ts";
import { BpfError } from "../../errors.ts";
import type { Btf } from "../btf.ts";
import { arrayCodec } from "./array.ts";
import { compositeCodec } from "./composite.ts";
import { type BitField, bitFieldCodec, enumCodec, intCodec, pointerCodec } from "./scalar.ts";

/**
 * Bytes to JavaScript values and back, for one type. Compiled once from BTF; decoding and encoding then touch no BTF.
 *
 * | BTF | JavaScript |
 * | --- | --- |
 * | integers and enums to 32 bits | `number` |
 * | integers and enums of 64 and 128 bits, pointers | `bigint` |
 * | `_Bool` | `boolean` |
 * | typedefs `__be16 __be32 __be64` | the number in host order: 10.0.0.1 is `0x0a000001` |
 * | arrays of integers | `Uint8Array`, `Int16Array` … `BigUint64Array` |
 * | `char[N]` | `string`, UTF-8, shorter than N bytes |
 * | other arrays | arrays of exactly that length |
 * | structs | plain objects; members without a name count as their parent's; padding is zero |
 * | unions | objects with every member on reading; on writing one, or several that agree |
 */
export interface Codec {
  /** Bytes. */
  readonly size: number;
  /** As the source names the type. */
  readonly name: string;
  /** An upper bound of the values that one decoding makes: what keeps hostile types from exploding. */
  readonly work: number;
  read(view: DataView, at: number): unknown;
  /** Writes over bytes that are zero. Throws a {@link Mismatch}. */
  write(view: DataView, at: number, value: unknown): void;
}

/** What does not fit, and where. Not an error of its own: {@link encode} makes one, with the whole path. */
export class Mismatch {
  readonly what: string;
  readonly help: string | undefined;
  path = "";

  constructor(what: string, help?: string) {
    this.what = what;
    this.help = help;
  }

  /** The same mismatch, seen from a level above. */
  under(step: string): this {
    this.path = step + this.path;
    return this;
  }
}

/** More values than this are in no type that a program declares. */
const MOST_WORK = 1 << 24;

export interface CodecContext {
  readonly btf: Btf;
  readonly operation: string;
  compile(id: number): Codec;
  invalid(what: string): BpfError;
}

const compiled = new WeakMap<Btf, Map<number, Codec>>();

/** The codec of a type. The same type of the same BTF gives the same codec. */
export function codecOf(btf: Btf, id: number, operation: string): Codec {
  const known = compiled.get(btf) ?? new Map<number, Codec>();
  compiled.set(btf, known);
  const context: CodecContext = {
    btf,
    operation,
    invalid: (what) => new BpfError(operation, invalidBtf(undefined, what)),
    compile(type) {
      let codec = known.get(type);
      if (codec === undefined) {
        codec = compileType(context, type);
        if (codec.work > MOST_WORK) throw context.invalid(`type ${type} has more values than can be decoded`);
        known.set(type, codec);
      }
      return codec;
    },
  };
  return context.compile(id);
}

function compileType(context: CodecContext, id: number): Codec {
  const { btf } = context;
  // Also checks depth, cycles and sizes, so that the recursion below ends.
  btf.size(id);
  const type = btf.resolve(id);
  const name = btf.describe(id);
  switch (type.kind) {
    case "int":
      return intCodec(btf.littleEndian, type, name, networkOrder(btf, id));
    case "enum":
      return enumCodec(btf.littleEndian, type, name);
    case "pointer":
      return pointerCodec(btf.littleEndian, name);
    case "array":
      return arrayCodec(context, type, name);
    case "struct":
    case "union":
      return compositeCodec(context, type, name);
    default:
      throw context.invalid(`values of type ${name} (${type.kind}) cannot be read`);
  }
}

/** Compiles a bit field, which is not addressed by bytes. */
export function compileBitField(context: CodecContext, id: number, field: BitField): Codec {
  const type = context.btf.resolve(id);
  if (type.kind !== "int" && type.kind !== "enum")
    throw context.invalid(`a bit field of type ${context.btf.describe(id)}`);
  const boolean = type.kind === "int" && type.boolean;
  return bitFieldCodec(context.btf.littleEndian, context.btf.describe(id), field, type.signed, boolean);
}

const NETWORK_ORDER = new Set(["__be16", "__be32", "__be64"]);

/** The typedefs by which linux/types.h marks network byte order. */
export function networkOrder(btf: Btf, id: number): boolean {
  return btf.typedefs(id).some((name) => NETWORK_ORDER.has(name));
}

/** The value of `codec`'s type in `bytes`, of which exactly `codec.size` count. */
export function decode(codec: Codec, bytes: Uint8Array, at = 0): unknown {
  return codec.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at);
}

/**
 * The bytes of a value.
 *
 * @param root what the path in an error begins with: `key`, `value`.
 * @throws {BpfError} TSB4030 where the value is out of range, of another type, or lacks or adds a field.
 */
export function encode(codec: Codec, value: unknown, operation: string, root: string): Uint8Array {
  const bytes = new Uint8Array(codec.size);
  encodeInto(codec, value, bytes, 0, operation, root);
  return bytes;
}

/** As {@link encode}, into bytes that are zero. */
export function encodeInto(
  codec: Codec,
  value: unknown,
  bytes: Uint8Array,
  at: number,
  operation: string,
  root: string,
): void {
  try {
    codec.write(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at, value);
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    throw new BpfError(operation, valueMismatch(undefined, root + error.path, error.what, error.help));
  }
}
