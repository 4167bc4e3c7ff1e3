import { describe, expect, test } from "vitest";
import { codecOf } from "../../../runtime/btf/codec/codec.ts";
import { parseBtf } from "../../../runtime/btf/parser.ts";
import { BtfBuilder } from "../../support/btf-builder.ts";
import { refusal } from "../../support/refusal.ts";

const parse = (bytes: Uint8Array) => parseBtf(bytes, { operation: "open test.o" });

function build(fill: (b: BtfBuilder) => void): Uint8Array {
  const builder = new BtfBuilder();
  fill(builder);
  return builder.bytes();
}

describe("BTF that compilers write", () => {
  test("gives names, sizes and members", () => {
    const btf = parse(
      build((b) => {
        const u32 = b.int("unsigned int", 4);
        const name = b.typedef("u32", u32);
        const array = b.array(name, 3);
        b.struct("flow", 16, [
          ["port", name, 0],
          ["parts", array, 32],
        ]);
      }),
    );
    expect(btf.size(4)).toBe(16);
    expect(btf.describe(4)).toBe("struct flow");
    expect(btf.describe(3)).toBe("u32[3]");
    expect(btf.find("flow")).toEqual([4]);
    expect(btf.typedefs(2)).toEqual(["u32"]);
  });

  test("a struct may point to itself", () => {
    const btf = parse(
      build((b) => {
        const pointer = b.pointer(2);
        b.struct("list", 8, [["next", pointer, 0]]);
      }),
    );
    expect(btf.size(2)).toBe(8);
    expect(codecOf(btf, 2, "test").size).toBe(8);
  });

  test("big-endian BTF is read as such", () => {
    const builder = new BtfBuilder();
    builder.littleEndian = false;
    builder.int("int", 4, { signed: true });
    const btf = parse(builder.bytes());
    expect(btf.littleEndian).toBe(false);
    expect(btf.size(1)).toBe(4);
  });
});

const hostile: Record<string, (b: BtfBuilder) => void> = {
  "a struct that holds itself": (b) => {
    b.struct("s", 8, [["again", 1, 0]]);
  },
  "two structs that hold each other": (b) => {
    b.struct("a", 8, [["b", 2, 0]]);
    b.struct("b", 8, [["a", 1, 0]]);
  },
  "an array of itself": (b) => {
    b.array(1, 2);
  },
  "a typedef of itself": (b) => {
    b.typedef("t", 1);
  },
  "typedefs in a circle": (b) => {
    b.typedef("t", 2);
    b.typedef("u", 1);
  },
  "a chain of 40 typedefs": (b) => {
    b.int("int", 4);
    for (let id = 1; id <= 40; id++) b.typedef(`t${id}`, id);
  },
  "structs nested 40 deep": (b) => {
    b.int("int", 4);
    for (let id = 1; id <= 40; id++) b.struct(`s${id}`, 4, [["inner", id, 0]]);
  },
  "a member of 2^31 elements of 4 bytes": (b) => {
    const u32 = b.int("u32", 4);
    const array = b.array(u32, 2 ** 31);
    b.struct("s", 0xffffffff, [["many", array, 0]]);
  },
  "more members than bytes": (b) => {
    b.type(4, "s", 65535, 4, 0, 0, 0);
  },
  "a member beyond its struct": (b) => {
    const u32 = b.int("u32", 4);
    b.struct("s", 4, [["late", u32, 32]]);
  },
  "members that overlap": (b) => {
    const u32 = b.int("u32", 4);
    b.struct("s", 8, [
      ["a", u32, 0],
      ["b", u32, 16],
    ]);
  },
  "a member that begins inside a byte": (b) => {
    const u8 = b.int("u8", 1);
    b.struct("s", 4, [["odd", u8, 3]]);
  },
  "a bit field wider than its type": (b) => {
    const u8 = b.int("u8", 1);
    b.raw("s", 0x84000001, 8, b.string("wide"), u8, 9 << 24);
  },
  "a member of type void": (b) => {
    b.struct("s", 4, [["nothing", 0, 0]]);
  },
  "a type that is not there": (b) => {
    b.pointer(77);
  },
  "an integer of 3 bytes": (b) => {
    b.int("odd", 3);
  },
  "an integer of more bits than bytes": (b) => {
    b.int("wide", 4, { bits: 40 });
  },
  "an integer of no bits": (b) => {
    b.int("none", 4, { bits: 0 });
  },
  "an enum of 5 bytes": (b) => {
    b.type(6, "e", 0, 5);
  },
  "a kind that does not exist": (b) => {
    b.type(25, "x", 0, 4);
  },
  "bits that mean nothing": (b) => {
    b.raw("x", 0x01010000, 4, 32);
  },
  "a type cut off": (b) => {
    b.raw("x", 1 << 24, 4);
  },
  "a name beyond the strings": (b) => {
    b.int("int", 4);
    b.type(8, "", 0, 1);
  },
  "a name with control characters": (b) => {
    b.int("a\u0001b", 4);
  },
  "a name of 5000 bytes": (b) => {
    b.int("x".repeat(5000), 4);
  },
  "a function without a prototype": (b) => {
    b.int("int", 4);
    b.type(12, "f", 0, 1);
  },
  "a variable section that lists an integer": (b) => {
    const u32 = b.int("u32", 4);
    b.type(15, ".data", 1, 8, u32, 0, 4);
  },
  "a variable beyond its section": (b) => {
    const u32 = b.int("u32", 4);
    const variable = b.type(14, "v", 0, u32, 1);
    b.type(15, ".data", 1, 4, variable, 8, 4);
  },
};

describe("hostile BTF", () => {
  test.each(Object.entries(hostile))("%s is refused", (_name, fill) => {
    const error = refusal(() => parse(build(fill)));
    expect(error.code).toBe("TSB4005");
    expect(error.message).toMatch(/^open test\.o: the object's BTF is invalid: /);
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["a header cut off", build(() => {}).subarray(0, 20)],
    ["another magic number", new Uint8Array(64)],
  ])("%s is refused", (_name, bytes) => {
    expect(refusal(() => parse(bytes)).code).toBe("TSB4005");
  });

  test.each([
    ["version", 2, 9],
    ["header length", 4, 0xff],
    ["type offset", 8, 3],
    ["type length", 12, 0xfe],
    ["string offset", 16, 0xfe],
    ["string length", 20, 0xfe],
  ])("a wrong %s is refused", (_name, at, value) => {
    const bytes = build((b) => {
      b.int("int", 4);
    });
    bytes[at] = value;
    expect(refusal(() => parse(bytes)).code).toBe("TSB4005");
  });

  test("names that overlap a thousand times are refused before they fill memory", () => {
    const bytes = build((b) => {
      const start = b.string("x".repeat(1000));
      for (let offset = 0; offset < 1000; offset++) b.typeNamedAt(8, start + offset, 0);
    });
    expect(refusal(() => parse(bytes)).message).toContain("overlap too often");
  });

  test("strings must begin and end with NUL", () => {
    const bytes = build((b) => {
      b.int("int", 4);
    });
    const end = bytes.slice();
    end[end.length - 1] = 65;
    expect(refusal(() => parse(end)).message).toContain("last string has no end");
    const start = bytes.slice();
    start[24 + 16] = 65;
    expect(refusal(() => parse(start)).message).toContain("do not begin with an empty one");
  });

  test("unions nested so that decoding would take for ever have no codec", () => {
    const btf = parse(
      build((b) => {
        b.int("u8", 1);
        for (let id = 1; id <= 28; id++) {
          b.union(`u${id}`, 1, [
            ["a", id, 0],
            ["b", id, 0],
          ]);
        }
      }),
    );
    expect(refusal(() => codecOf(btf, 29, "test")).code).toBe("TSB4005");
  });

  test("unions without names nested so that collecting would take for ever have no codec", () => {
    const btf = parse(
      build((b) => {
        b.union("u0", 4, []);
        for (let id = 1; id <= 30; id++) {
          b.union(`u${id}`, 4, [
            ["", id, 0],
            ["", id, 0],
          ]);
        }
      }),
    );
    expect(refusal(() => codecOf(btf, 31, "test")).code).toBe("TSB4005");
  });

  test.each([
    ["2^31 elements of 4 bytes", 1],
    ["arrays whose sizes multiply beyond 2^1023", 34],
  ])("%s have no size and no codec", (_name, depth) => {
    const btf = parse(
      build((b) => {
        b.int("u32", 4);
        for (let id = 1; id <= Math.min(depth, 31); id++) b.array(id, depth === 1 ? 2 ** 31 : 0xffffffff);
      }),
    );
    const last = btf.types.length - 1;
    expect(refusal(() => btf.size(last)).code).toBe("TSB4005");
    expect(refusal(() => codecOf(btf, last, "test")).code).toBe("TSB4005");
  });

  test("2^31 elements without a size have no codec", () => {
    const btf = parse(
      build((b) => {
        const empty = b.struct("empty", 0, []);
        b.array(empty, 2 ** 31);
      }),
    );
    expect(refusal(() => codecOf(btf, 2, "test")).code).toBe("TSB4005");
  });
});
