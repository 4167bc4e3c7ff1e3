import type { BtfArray } from "../types.ts";
import { type Codec, type CodecContext, Mismatch, networkOrder } from "./codec.ts";
import { show } from "./scalar.ts";

const utf8 = new TextDecoder("utf-8");
const utf8Encoder = new TextEncoder();

type TypedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array;
type TypedArrayConstructor = { new (length: number): TypedArray; readonly name: string };

export const typedArrays: Record<string, TypedArrayConstructor> = {
  "1u": Uint8Array,
  "1s": Int8Array,
  "2u": Uint16Array,
  "2s": Int16Array,
  "4u": Uint32Array,
  "4s": Int32Array,
  "8u": BigUint64Array,
  "8s": BigInt64Array,
};

export function arrayCodec(context: CodecContext, type: BtfArray, name: string): Codec {
  const { btf } = context;
  const element = btf.resolve(type.element);
  const codec = context.compile(type.element);
  // An element without a size takes no memory, so nothing but this would bound the work.
  if (codec.size === 0 && type.length > 0) throw context.invalid(`${name} has elements without a size`);
  if (element.kind === "int" && !element.boolean && element.bits === element.size * 8) {
    if (element.char && element.size === 1) return stringCodec(type.length, name);
    const typed = typedArrays[`${element.size}${element.signed ? "s" : "u"}`];
    if (typed !== undefined) {
      const plain = element.size === 1 && !networkOrder(btf, type.element);
      return plain && !element.signed
        ? bytesCodec(type.length, name)
        : typedArrayCodec(codec, type.length, name, typed);
    }
  }
  return {
    size: codec.size * type.length,
    name,
    work: 1 + codec.work * type.length,
    read: (view, at) =>
      Array.from({ length: type.length }, (_, index) => codec.read(view, at + index * codec.size)),
    write(view, at, value) {
      if (!Array.isArray(value)) throw new Mismatch(`is ${show(value)}, ${name} is an array`);
      writeElements(codec, type.length, name, view, at, value);
    },
  };
}

export function writeElements(
  codec: Codec,
  length: number,
  name: string,
  view: DataView,
  at: number,
  value: ArrayLike<unknown>,
): void {
  if (value.length !== length) throw new Mismatch(`has ${value.length} elements, ${name} has ${length}`);
  for (let index = 0; index < length; index++) {
    try {
      codec.write(view, at + index * codec.size, value[index]);
    } catch (error) {
      throw error instanceof Mismatch ? error.under(`[${index}]`) : error;
    }
  }
}

/** `u8[N]`. A copy, so that it stays when the buffer it came from is used again. */
export function bytesCodec(length: number, name: string): Codec {
  return {
    size: length,
    name,
    work: 1 + Math.ceil(length / 8),
    read: (view, at) =>
      new Uint8Array(view.buffer.slice(view.byteOffset + at, view.byteOffset + at + length)),
    write(view, at, value) {
      const target = new Uint8Array(view.buffer, view.byteOffset + at, length);
      if (value instanceof Uint8Array) {
        if (value.length !== length) throw new Mismatch(`has ${value.length} bytes, ${name} has ${length}`);
        target.set(value);
        return;
      }
      if (!Array.isArray(value)) throw new Mismatch(`is ${show(value)}, ${name} is a Uint8Array`);
      if (value.length !== length) throw new Mismatch(`has ${value.length} elements, ${name} has ${length}`);
      for (let index = 0; index < length; index++) {
        const byte: unknown = value[index];
        if (typeof byte !== "number" || !Number.isInteger(byte) || byte < 0 || byte > 255) {
          throw new Mismatch(`is ${show(byte)}, a byte goes from 0 to 255`).under(`[${index}]`);
        }
        target[index] = byte;
      }
    },
  };
}

export function typedArrayCodec(
  element: Codec,
  length: number,
  name: string,
  Typed: TypedArrayConstructor,
): Codec {
  return {
    size: element.size * length,
    name,
    work: 1 + length,
    read(view, at) {
      const values = new Typed(length);
      for (let index = 0; index < length; index++)
        values[index] = element.read(view, at + index * element.size) as never;
      return values;
    },
    write(view, at, value) {
      if (!(value instanceof Typed) && !Array.isArray(value)) {
        throw new Mismatch(`is ${show(value)}, ${name} is a ${Typed.name}`);
      }
      writeElements(element, length, name, view, at, value);
    },
  };
}

/** `char[N]`: text up to the first NUL, or to the end where a program filled it. */
function stringCodec(length: number, name: string): Codec {
  return {
    size: length,
    name,
    work: 1 + Math.ceil(length / 8),
    read(view, at) {
      const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
      const end = bytes.indexOf(0);
      return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end));
    },
    write(view, at, value) {
      if (typeof value !== "string") throw new Mismatch(`is ${show(value)}, ${name} is a string`);
      if (value.includes("\0")) throw new Mismatch("holds a NUL, which ends a string");
      const bytes = utf8Encoder.encode(value);
      if (bytes.length >= length) {
        throw new Mismatch(
          `has ${bytes.length} bytes in UTF-8, ${name} has room for ${Math.max(0, length - 1)}`,
        );
      }
      new Uint8Array(view.buffer, view.byteOffset + at, length).set(bytes);
    },
  };
}
