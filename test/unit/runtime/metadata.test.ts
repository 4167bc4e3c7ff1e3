import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeLogRecord } from "../../../runtime/log.ts";
import { parseMetadata } from "../../../runtime/metadata.ts";

const encode = (value: unknown) =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const site = {
  id: 3,
  level: "info",
  file: "a.bpf.ts",
  line: 2,
  column: 4,
  parts: ["a", "b"],
  arguments: [{ kind: "int", bits: 64, signed: true, bigEndian: false }],
};
const good = {
  version: 1,
  compiler: "tsbpf 0.1.0",
  entry: "a.bpf.ts",
  minKernel: [5, 10],
  programs: { p: { kind: "tc", section: "tc" } },
  logs: [site],
};

describe("the .tsbpf section", () => {
  test("is read", () => {
    const metadata = parseMetadata(encode(good));
    if (typeof metadata === "string") throw new Error(metadata);
    expect(metadata.compiler).toBe("tsbpf 0.1.0");
    expect(metadata.minKernel).toEqual([5, 10]);
    expect(metadata.programs.get("p")).toEqual({ kind: "tc", section: "tc" });
    expect(metadata.logs.get(3)?.parts).toEqual(["a", "b"]);
  });

  test.each<[string, unknown]>([
    ["text that is no JSON", "{"],
    ["bytes that are no UTF-8", "\ud800"],
    ["null", null],
    ["a list", []],
    ["another version", { ...good, version: 2 }],
    ["no compiler", { ...good, compiler: undefined }],
    ["programs that are a list", { ...good, programs: [1] }],
    ["a program without a section", { ...good, programs: { p: { kind: "tc" } } }],
    ["logs that are no list", { ...good, logs: {} }],
    ["a level that does not exist", { ...good, logs: [{ ...site, level: "fatal" }] }],
    ["a part too few", { ...good, logs: [{ ...site, parts: ["a"] }] }],
    [
      "an argument of 7 bits",
      { ...good, logs: [{ ...site, arguments: [{ kind: "int", bits: 7, signed: false }] }] },
    ],
    ["an argument of no kind", { ...good, logs: [{ ...site, arguments: [{}] }] }],
    ["a negative line", { ...good, logs: [{ ...site, line: -1 }] }],
    [
      "an enum member that is no integer",
      {
        ...good,
        logs: [
          {
            ...site,
            arguments: [
              { kind: "enum", name: "E", bits: 32, signed: false, members: [{ name: "A", value: "1e999" }] },
            ],
          },
        ],
      },
    ],
    [
      "inherited fields",
      `{"version":1,"compiler":"x","entry":"y","__proto__":{"minKernel":[1]},"logs":[{"__proto__":{"id":1}}]}`,
    ],
  ])("%s is refused in words", (_name, value) => {
    expect(parseMetadata(encode(value))).toBeTypeOf("string");
  });

  test("anything else is refused or read, never a crash", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(["string", "object"]).toContain(typeof parseMetadata(encode(text)));
      }),
    );
  });
});

describe("log records", () => {
  const metadata = parseMetadata(encode(good));
  const sites = typeof metadata === "string" ? new Map() : metadata.logs;

  test("any bytes are a record or none", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const record = decodeLogRecord(sites, bytes);
        const complete =
          bytes.length >= 24 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === 3;
        expect(record !== undefined).toBe(complete);
      }),
    );
  });

  test("all 64 bits of an argument are shown", () => {
    fc.assert(
      fc.property(fc.bigInt(-(1n << 63n), (1n << 63n) - 1n), (value) => {
        const bytes = new Uint8Array(24);
        const view = new DataView(bytes.buffer);
        view.setUint32(0, 3, true);
        view.setBigInt64(16, value, true);
        expect(decodeLogRecord(sites, bytes)?.text).toBe(`a${value}b`);
      }),
    );
  });
});
