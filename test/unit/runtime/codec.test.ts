import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Codec, codecOf, decode, encode } from "../../../runtime/btf/codec/codec.ts";
import { parseBtf } from "../../../runtime/btf/parser.ts";
import { BpfError } from "../../../runtime/errors.ts";
import { BtfBuilder } from "../../support/btf-builder.ts";

function codec(fill: (b: BtfBuilder) => number): Codec {
  const builder = new BtfBuilder();
  const id = fill(builder);
  return codecOf(parseBtf(builder.bytes(), { operation: "test" }), id, "test");
}

function complaint(of: Codec, value: unknown): string {
  try {
    encode(of, value, "set in map m", "value");
  } catch (error) {
    if (error instanceof BpfError) {
      expect(error.code).toBe("TSB4030");
      return error.diagnostic.message;
    }
    throw error;
  }
  throw new Error("was accepted");
}

/** A type, how to declare it, and values of it. */
interface Model {
  readonly size: number;
  readonly align: number;
  readonly declare: (b: BtfBuilder) => number;
  readonly values: fc.Arbitrary<unknown>;
}

const integers: Model[] = [1, 2, 4, 8].flatMap((size) =>
  [false, true].map((signed): Model => {
    const bits = BigInt(size * 8);
    const min = signed ? -(1n << (bits - 1n)) : 0n;
    const max = (1n << (signed ? bits - 1n : bits)) - 1n;
    return {
      size,
      align: size,
      declare: (b) => b.int(`${signed ? "s" : "u"}${size * 8}`, size, { signed }),
      values: size === 8 ? fc.bigInt(min, max) : fc.integer({ min: Number(min), max: Number(max) }),
    };
  }),
);

const scalars: Model[] = [
  ...integers,
  { size: 1, align: 1, declare: (b) => b.int("_Bool", 1, { bool: true }), values: fc.boolean() },
  {
    size: 2,
    align: 2,
    declare: (b) => b.typedef("__be16", b.int("u16", 2)),
    values: fc.integer({ min: 0, max: 0xffff }),
  },
  {
    size: 4,
    align: 4,
    declare: (b) => b.typedef("__be32", b.int("u32", 4)),
    values: fc.integer({ min: 0, max: 0xffffffff }),
  },
  {
    size: 8,
    align: 8,
    declare: (b) => b.typedef("__be64", b.int("u64", 8)),
    values: fc.bigInt(0n, (1n << 64n) - 1n),
  },
  {
    size: 16,
    align: 16,
    declare: (b) => b.int("__int128", 16, { signed: true }),
    values: fc.bigInt(-(1n << 127n), (1n << 127n) - 1n),
  },
];

const typed = [
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  BigUint64Array,
  BigInt64Array,
];

function arrayOf(element: Model, length: number): Model {
  // Network order is undone element by element: scalars 9 to 11 are those of 16, 32 and 64 bits.
  const index =
    element.size <= 8 && scalars.indexOf(element) > 8
      ? integers.indexOf(integers.find((int) => int.size === element.size) as Model)
      : integers.indexOf(element);
  const values = fc.array(element.values, { minLength: length, maxLength: length });
  const Typed = typed[index];
  return {
    size: element.size * length,
    align: element.align,
    declare: (b) => b.array(element.declare(b), length),
    values:
      Typed === undefined
        ? values
        : values.map((list) => (Typed as unknown as { from(list: unknown[]): unknown }).from(list)),
  };
}

function structOf(fields: readonly Model[]): Model {
  const align = Math.max(1, ...fields.map((field) => field.align));
  let size = 0;
  const offsets = fields.map((field) => {
    const offset = Math.ceil(size / field.align) * field.align;
    size = offset + field.size;
    return offset;
  });
  size = Math.ceil(size / align) * align;
  return {
    size,
    align,
    declare: (b) => {
      const members = fields.map(
        (field, index) => [`f${index}`, field.declare(b), (offsets[index] ?? 0) * 8] as const,
      );
      return b.struct("s", size, members);
    },
    values: fc
      .tuple(...fields.map((field) => field.values))
      .map((list) => Object.fromEntries(list.map((value, index) => [`f${index}`, value]))),
  };
}

const text: Model = {
  size: 12,
  align: 1,
  declare: (b) => b.array(b.int("char", 1, { signed: true }), 12),
  values: fc
    .string({ unit: "grapheme", maxLength: 11 })
    .filter((value) => !value.includes("\0") && Buffer.byteLength(value) < 12),
};

const { model } = fc.letrec<{ model: Model }>((tie) => ({
  model: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...scalars, text),
    fc
      .tuple(tie("model"), fc.integer({ min: 0, max: 5 }))
      .map(([element, length]) => arrayOf(element, length))
      .filter((made) => made.size > 0),
    fc.array(tie("model"), { minLength: 1, maxLength: 5 }).map(structOf),
  ),
}));

describe("round trips", () => {
  test("every value of every type comes back as it was", () => {
    fc.assert(
      fc.property(
        model.chain((type) => fc.tuple(fc.constant(type), type.values)),
        ([type, value]) => {
          const made = codec(type.declare);
          expect(made.size).toBe(type.size);
          const bytes = encode(made, value, "test", "value");
          expect(bytes.length).toBe(type.size);
          expect(decode(made, bytes)).toEqual(value);
          // At an offset, and surrounded by other bytes, too.
          const around = new Uint8Array(type.size + 16).fill(0xa5);
          around.set(bytes, 8);
          expect(decode(made, around, 8)).toEqual(value);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("every bytes of a struct of integers come back, padding as zero", () => {
    const made = codec((b) => {
      const [u8, u32] = [b.int("u8", 1), b.int("u32", 4)];
      return b.struct("s", 12, [
        ["a", u8, 0],
        ["b", u32, 32],
        ["c", u8, 64],
      ]);
    });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (bytes) => {
        const expected = bytes.slice();
        expected.fill(0, 1, 4).fill(0, 9, 12);
        expect(encode(made, decode(made, bytes), "test", "value")).toEqual(expected);
      }),
    );
  });

  test("bit fields beside each other", () => {
    const made = codec((b) => {
      const [u32, s32, u64, bool] = [
        b.int("u32", 4),
        b.int("s32", 4, { signed: true }),
        b.int("u64", 8),
        b.int("_Bool", 1, { bool: true }),
      ];
      const members = [
        [b.string("a"), u32, (3 << 24) | 0],
        [b.string("b"), s32, (7 << 24) | 3],
        [b.string("c"), bool, (1 << 24) | 10],
        [b.string("d"), u64, (40 << 24) | 16],
      ].flat();
      return b.raw("bits", 0x84000004, 8, ...members);
    });
    const values = fc.record({
      a: fc.integer({ min: 0, max: 7 }),
      b: fc.integer({ min: -64, max: 63 }),
      c: fc.boolean(),
      d: fc.bigInt(0n, (1n << 40n) - 1n),
    });
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(made, encode(made, value, "test", "value"))).toEqual(value);
      }),
    );
    expect(complaint(made, { a: 8, b: 0, c: true, d: 0n })).toBe("`value.a` is 8, u32:3 goes from 0 to 7");
    expect(complaint(made, { a: 0, b: -65, c: true, d: 0n })).toBe(
      "`value.b` is -65, s32:7 goes from -64 to 63",
    );
  });

  test("a union read whole can be written whole, and by one of its members", () => {
    const made = codec((b) => {
      const u32 = b.int("u32", 4);
      const bytes = b.array(b.int("u8", 1), 4);
      const inner = b.union("", 4, [
        ["word", u32, 0],
        ["bytes", bytes, 0],
      ]);
      return b.struct("s", 8, [
        ["", inner, 0],
        ["tail", u32, 32],
      ]);
    });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        expect(encode(made, decode(made, bytes), "test", "value")).toEqual(bytes);
      }),
    );
    expect(encode(made, { word: 0x04030201, tail: 0 }, "test", "value")).toEqual(
      new Uint8Array([1, 2, 3, 4, 0, 0, 0, 0]),
    );
    expect(complaint(made, { tail: 0 })).toContain("none of the members");
    expect(complaint(made, { word: 1, bytes: new Uint8Array(4), tail: 0 })).toContain(
      "disagrees with another member",
    );
  });
});

describe("what does not fit", () => {
  const flow = codec((b) => {
    const [u16, u64, bool] = [b.int("u16", 2), b.int("u64", 8), b.int("_Bool", 1, { bool: true })];
    const ip = b.typedef("__be32", b.int("u32", 4));
    const name = b.array(b.int("char", 1, { signed: true }), 8);
    const end = b.struct("endpoint", 8, [
      ["ip", ip, 0],
      ["port", u16, 32],
    ]);
    return b.struct("flow", 48, [
      ["remote", end, 0],
      ["bytes", u64, 64],
      ["ok", bool, 128],
      ["name", name, 136],
      ["ports", b.array(u16, 2), 208],
      ["ends", b.array(end, 2), 256],
    ]);
  });
  const good = {
    remote: { ip: 0x0a000001, port: 80 },
    bytes: 1n,
    ok: true,
    name: "abc",
    ports: new Uint16Array([1, 2]),
    ends: [
      { ip: 1, port: 1 },
      { ip: 2, port: 2 },
    ],
  };

  test.each<[string, object, string]>([
    [
      "a value out of range",
      { remote: { ip: 0, port: 65536 } },
      "`value.remote.port` is 65536, u16 goes from 0 to 65535",
    ],
    [
      "a negative value",
      { remote: { ip: -1, port: 1 } },
      "`value.remote.ip` is -1, __be32 goes from 0 to 4294967295",
    ],
    ["a fraction", { remote: { ip: 0, port: 1.5 } }, "`value.remote.port` is 1.5, u16 is an integer"],
    ["NaN", { remote: { ip: 0, port: Number.NaN } }, "`value.remote.port` is NaN, u16 is an integer"],
    ["a number for 64 bits", { bytes: 1 }, "`value.bytes` is the number 1, u64 is a bigint"],
    ["a bigint for 16 bits", { remote: { ip: 0, port: 80n } }, "`value.remote.port` is 80n, u16 is a number"],
    [
      "a bigint out of range",
      { bytes: -1n },
      "`value.bytes` is -1n, u64 goes from 0n to 18446744073709551615n",
    ],
    [
      "a string for a number",
      { remote: { ip: "10.0.0.1", port: 1 } },
      '`value.remote.ip` is "10.0.0.1", __be32 is a number',
    ],
    ["a number for a boolean", { ok: 1 }, "`value.ok` is 1, _Bool is true or false"],
    ["a string too long", { name: "abcdefgh" }, "`value.name` has 8 bytes in UTF-8, char[8] has room for 7"],
    [
      "a string of wide characters too long",
      { name: "ééééé" },
      "`value.name` has 10 bytes in UTF-8, char[8] has room for 7",
    ],
    ["a NUL inside a string", { name: "a\0b" }, "`value.name` holds a NUL, which ends a string"],
    ["an array too short", { ports: new Uint16Array(1) }, "`value.ports` has 1 elements, u16[2] has 2"],
    [
      "another typed array",
      { ports: new Uint8Array(2) },
      "`value.ports` is a Uint8Array, u16[2] is a Uint16Array",
    ],
    ["an element out of range", { ports: [1, 65536] }, "`value.ports[1]` is 65536, u16 goes from 0 to 65535"],
    ["a field of an element", { ends: [{ ip: 1, port: 1 }, { ip: 2 }] }, "`value.ends[1].port` is missing"],
    ["an unknown field", { color: 1 }, "`value.color` is no member of struct flow"],
    [
      "a nested unknown field",
      { remote: { ip: 1, port: 1, prot: 1 } },
      "`value.remote.prot` is no member of struct endpoint",
    ],
    ["null for a struct", { remote: null }, "`value.remote` is null, struct endpoint is an object"],
  ])("%s", (_name, change, message) => {
    expect(complaint(flow, { ...good, ...change })).toBe(message);
  });

  test("a missing field names the ones there are", () => {
    const { ok: _, ...rest } = good;
    expect(complaint(flow, rest)).toBe("`value.ok` is missing");
    expect(complaint(flow, { ...good, bytes: undefined })).toBe("`value.bytes` is missing");
  });

  test("network order is host order in user space", () => {
    const bytes = encode(flow, good, "test", "value");
    expect([...bytes.subarray(0, 4)]).toEqual([10, 0, 0, 1]);
  });

  test("a name like __proto__ is a field and nothing else", () => {
    const made = codec((b) => b.struct("s", 4, [["__proto__", b.int("u32", 4), 0]]));
    const value = decode(made, new Uint8Array([7, 0, 0, 0])) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(value, "__proto__")?.value).toBe(7);
    expect(encode(made, value, "test", "value")).toEqual(new Uint8Array([7, 0, 0, 0]));
    expect(complaint(made, {})).toBe("`value.__proto__` is missing");
  });

  test("padding that the compiler names and what the kernel keeps are nobody's", () => {
    const made = codec((b) => {
      const u8 = b.int("u8", 1);
      const u32 = b.int("u32", 4);
      const lock = b.struct("bpf_spin_lock", 4, [["val", u32, 0]]);
      return b.struct("s", 12, [
        ["kind", u8, 0],
        ["__pad0", b.array(u8, 3), 8],
        ["lock", lock, 32],
        ["count", u32, 64],
      ]);
    });
    expect(decode(made, new Uint8Array([1, 9, 9, 9, 8, 8, 8, 8, 2, 0, 0, 0]))).toEqual({ kind: 1, count: 2 });
    expect(encode(made, { kind: 1, count: 2 }, "test", "value")).toEqual(
      new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]),
    );
  });

  test("a typed array is a copy and an element of it can be changed", () => {
    const made = codec((b) => b.array(b.int("u8", 1), 4));
    const bytes = new Uint8Array([1, 2, 3, 4]);
    const value = decode(made, bytes) as Uint8Array;
    bytes[0] = 9;
    expect(value).toEqual(new Uint8Array([1, 2, 3, 4]));
  });
});
