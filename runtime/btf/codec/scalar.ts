import type { BtfEnum, BtfInt } from "../types.ts";
import { type Codec, Mismatch } from "./codec.ts";

/** How a wrong value is shown: never more than a line. */
export function show(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return `${value}n`;
    case "string":
      return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `an array of ${value.length}`;
      return ArrayBuffer.isView(value) ? `a ${value.constructor.name}` : "an object";
    case "function":
    case "symbol":
      return `a ${typeof value}`;
    default:
      return String(value);
  }
}

/** `number`s from `min` to `max`, both integers. */
function checkedNumber(value: unknown, name: string, min: number, max: number): number {
  if (typeof value === "bigint")
    throw new Mismatch(`is ${value}n, ${name} is a number`, "drop the `n`, or use Number(…)");
  if (typeof value !== "number") throw new Mismatch(`is ${show(value)}, ${name} is a number`);
  if (!Number.isInteger(value)) throw new Mismatch(`is ${value}, ${name} is an integer`);
  if (value < min || value > max) throw new Mismatch(`is ${value}, ${name} goes from ${min} to ${max}`);
  return value;
}

function checkedBigint(value: unknown, name: string, min: bigint, max: bigint): bigint {
  if (typeof value === "number")
    throw new Mismatch(`is the number ${value}, ${name} is a bigint`, "write `1n`, or use BigInt(…)");
  if (typeof value !== "bigint") throw new Mismatch(`is ${show(value)}, ${name} is a bigint`);
  if (value < min || value > max) throw new Mismatch(`is ${value}n, ${name} goes from ${min}n to ${max}n`);
  return value;
}

function scalar(size: number, name: string, read: Codec["read"], write: Codec["write"]): Codec {
  return { size, name, work: 1, read, write };
}

export function booleanCodec(name: string): Codec {
  return scalar(
    1,
    name,
    (view, at) => view.getUint8(at) !== 0,
    (view, at, value) => {
      if (typeof value !== "boolean") throw new Mismatch(`is ${show(value)}, ${name} is true or false`);
      view.setUint8(at, value ? 1 : 0);
    },
  );
}

export function intCodec(objectOrder: boolean, type: BtfInt, name: string, networkOrder: boolean): Codec {
  if (type.boolean && type.size === 1) return booleanCodec(name);
  return integerCodec(networkOrder ? false : objectOrder, type.size, type.signed, name);
}

export function enumCodec(littleEndian: boolean, type: BtfEnum, name: string): Codec {
  return integerCodec(littleEndian, type.size, type.signed, name);
}

export function pointerCodec(littleEndian: boolean, name: string): Codec {
  return integerCodec(littleEndian, 8, false, name);
}

/** An integer that fills its bytes. */
export function integerCodec(le: boolean, size: number, signed: boolean, name: string): Codec {
  const bits = BigInt(size * 8);
  const min = signed ? -(1n << (bits - 1n)) : 0n;
  const max = (1n << (signed ? bits - 1n : bits)) - 1n;
  const number = (value: unknown) => checkedNumber(value, name, Number(min), Number(max));
  switch (size) {
    case 1:
      return signed
        ? scalar(
            1,
            name,
            (view, at) => view.getInt8(at),
            (view, at, value) => view.setInt8(at, number(value)),
          )
        : scalar(
            1,
            name,
            (view, at) => view.getUint8(at),
            (view, at, value) => view.setUint8(at, number(value)),
          );
    case 2:
      return signed
        ? scalar(
            2,
            name,
            (view, at) => view.getInt16(at, le),
            (view, at, value) => view.setInt16(at, number(value), le),
          )
        : scalar(
            2,
            name,
            (view, at) => view.getUint16(at, le),
            (view, at, value) => view.setUint16(at, number(value), le),
          );
    case 4:
      return signed
        ? scalar(
            4,
            name,
            (view, at) => view.getInt32(at, le),
            (view, at, value) => view.setInt32(at, number(value), le),
          )
        : scalar(
            4,
            name,
            (view, at) => view.getUint32(at, le),
            (view, at, value) => view.setUint32(at, number(value), le),
          );
    case 8:
      return signed
        ? scalar(
            8,
            name,
            (view, at) => view.getBigInt64(at, le),
            (view, at, value) => view.setBigInt64(at, checkedBigint(value, name, min, max), le),
          )
        : scalar(
            8,
            name,
            (view, at) => view.getBigUint64(at, le),
            (view, at, value) => view.setBigUint64(at, checkedBigint(value, name, min, max), le),
          );
    default:
      return scalar(
        16,
        name,
        (view, at) => {
          const [low, high] = [
            view.getBigUint64(at + (le ? 0 : 8), le),
            view.getBigUint64(at + (le ? 8 : 0), le),
          ];
          const value = (high << 64n) | low;
          return signed ? BigInt.asIntN(128, value) : value;
        },
        (view, at, value) => {
          const whole = BigInt.asUintN(128, checkedBigint(value, name, min, max));
          view.setBigUint64(at + (le ? 0 : 8), whole & 0xffffffffffffffffn, le);
          view.setBigUint64(at + (le ? 8 : 0), whole >> 64n, le);
        },
      );
  }
}

export interface BitField {
  /** From the first byte of the struct. */
  readonly bitOffset: number;
  readonly bitSize: number;
}

/** Reads the bytes that a bit field touches as one number. The offset in the codec's calls is the struct's. */
export function bitFieldCodec(
  le: boolean,
  name: string,
  field: BitField,
  signed: boolean,
  boolean: boolean,
): Codec {
  const first = Math.floor(field.bitOffset / 8);
  const count = Math.ceil((field.bitOffset + field.bitSize) / 8) - first;
  const within = field.bitOffset - first * 8;
  // On big-endian machines bits are counted from the top (Documentation/bpf/btf.rst, BTF_KIND_STRUCT).
  const shift = BigInt(le ? within : count * 8 - within - field.bitSize);
  const size = BigInt(field.bitSize);
  const mask = (1n << size) - 1n;
  const min = signed ? -(1n << (size - 1n)) : 0n;
  const max = signed ? (1n << (size - 1n)) - 1n : mask;
  const described = `${name}:${field.bitSize}`;
  const small = field.bitSize <= 32;

  const load = (view: DataView, at: number) => {
    let bits = 0n;
    for (let index = 0; index < count; index++) {
      bits = (bits << 8n) | BigInt(view.getUint8(at + first + (le ? count - 1 - index : index)));
    }
    return bits;
  };
  return {
    size: 0,
    name: described,
    work: 1,
    read(view, at) {
      const bits = (load(view, at) >> shift) & mask;
      if (boolean) return bits !== 0n;
      const value = signed ? BigInt.asIntN(field.bitSize, bits) : bits;
      return small ? Number(value) : value;
    },
    write(view, at, value) {
      let wanted: bigint;
      if (boolean) {
        if (typeof value !== "boolean")
          throw new Mismatch(`is ${show(value)}, ${described} is true or false`);
        wanted = value ? 1n : 0n;
      } else if (small) wanted = BigInt(checkedNumber(value, described, Number(min), Number(max)));
      else wanted = checkedBigint(value, described, min, max);
      let bits = (load(view, at) & ~(mask << shift)) | ((wanted & mask) << shift);
      for (let index = 0; index < count; index++, bits >>= 8n) {
        view.setUint8(at + first + (le ? index : count - 1 - index), Number(bits & 0xffn));
      }
    },
  };
}
