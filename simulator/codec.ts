import { sizeOf, typeName } from "../compiler/ir/build.ts";
import type { ArrayType, IntType, IrType, StructType } from "../compiler/ir/types.ts";
import { bytesCodec, typedArrayCodec, typedArrays, writeElements } from "../runtime/btf/codec/array.ts";
import { type Codec, Mismatch } from "../runtime/btf/codec/codec.ts";
import { booleanCodec, integerCodec, show } from "../runtime/btf/codec/scalar.ts";

// What `runtime/btf/codec` makes of BTF, made of the compiler's own types: the same values on both sides.

const compiled = new WeakMap<IrType, Codec>();

/** How values of a type are read and written: see `Codec`. */
export function codecOf(type: IrType): Codec {
  const known = compiled.get(type);
  if (known !== undefined) return known;
  const codec = compile(type);
  compiled.set(type, codec);
  return codec;
}

function compile(type: IrType): Codec {
  switch (type.kind) {
    case "int":
      return integer(type);
    case "bool":
      return booleanCodec("boolean");
    case "array":
      return array(type);
    case "struct":
      return struct(type);
    default:
      throw new Error(`a ${type.kind} has no bytes`);
  }
}

function integer(type: IntType): Codec {
  return integerCodec(type.bigEndian !== true, type.bits / 8, type.signed, typeName(type));
}

function array(type: ArrayType): Codec {
  const { element, length } = type;
  const codec = codecOf(element);
  const name = typeName(type);
  // An enum is an integer to BTF as well, but of a kind of its own: arrays of it are arrays of numbers.
  if (element.kind === "int" && element.enum === undefined) {
    const typed = typedArrays[`${element.bits / 8}${element.signed ? "s" : "u"}`];
    if (element.bits === 8 && !element.signed) return bytesCodec(length, name);
    if (typed !== undefined) return typedArrayCodec(codec, length, name, typed);
  }
  return {
    size: sizeOf(type),
    name,
    work: 1 + codec.work * length,
    read: (view, at) => Array.from({ length }, (_, index) => codec.read(view, at + index * codec.size)),
    write(view, at, value) {
      if (!Array.isArray(value)) throw new Mismatch(`is ${show(value)}, ${name} is an array`);
      writeElements(codec, length, name, view, at, value);
    },
  };
}

function struct(type: StructType): Codec {
  const { name } = type;
  const fields = type.fields.map((field) => ({ ...field, codec: codecOf(field.type) }));
  const names = fields.map((field) => field.name);
  return {
    size: type.size,
    name,
    work: fields.reduce((sum, field) => sum + field.codec.work, 1),
    read: (view, at) =>
      Object.fromEntries(fields.map((field) => [field.name, field.codec.read(view, at + field.offset)])),
    write(view, at, value) {
      if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
        throw new Mismatch(`is ${show(value)}, ${name} is an object`);
      }
      const given = value as Record<string, unknown>;
      for (const key of Object.keys(given)) {
        if (names.includes(key)) continue;
        throw new Mismatch(`is no member of ${name}`, `its members are ${names.join(", ")}`).under(`.${key}`);
      }
      for (const field of fields) {
        if (given[field.name] === undefined) throw new Mismatch("is missing").under(`.${field.name}`);
        try {
          field.codec.write(view, at + field.offset, given[field.name]);
        } catch (error) {
          throw error instanceof Mismatch ? error.under(`.${field.name}`) : error;
        }
      }
    },
  };
}
