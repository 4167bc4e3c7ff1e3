import { describe, expect, test } from "vitest";
import { readElf } from "../../../runtime/elf/reader.ts";
import { BpfError } from "../../../runtime/errors.ts";

interface Section {
  readonly name: string;
  readonly type: number;
  readonly data: Uint8Array;
  readonly link?: number;
  readonly flags?: number;
}

/** An object with the sections given after the empty one and the names; changes go to the finished bytes. */
function object(
  sections: readonly Section[],
  change: (view: DataView, table: number) => void = () => {},
): Uint8Array {
  const encoder = new TextEncoder();
  const all: Section[] = [{ name: "", type: 0, data: new Uint8Array() }, ...sections];
  const names = `${all.map((section) => section.name).join("\0")}\0.names\0`;
  all.push({ name: ".names", type: 3, data: encoder.encode(names) });
  const body = all.reduce((sum, section) => sum + section.data.length, 0);
  const table = 64 + body;
  const bytes = new Uint8Array(table + all.length * 64);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 1, true);
  view.setUint16(18, 247, true);
  view.setBigUint64(40, BigInt(table), true);
  view.setUint16(58, 64, true);
  view.setUint16(60, all.length, true);
  view.setUint16(62, all.length - 1, true);
  let [at, name] = [64, 0];
  all.forEach((section, index) => {
    const header = table + index * 64;
    view.setUint32(header, name, true);
    view.setUint32(header + 4, section.type, true);
    view.setBigUint64(header + 8, BigInt(section.flags ?? 0), true);
    view.setBigUint64(header + 24, BigInt(at), true);
    view.setBigUint64(header + 32, BigInt(section.data.length), true);
    view.setUint32(header + 40, section.link ?? 0, true);
    bytes.set(section.data, at);
    at += section.data.length;
    name += section.name.length + 1;
  });
  change(view, table);
  return bytes;
}

function symbol(name: number, section: number, info: number, value = 0n, size = 8n): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, name, true);
  view.setUint8(4, info);
  view.setUint16(6, section, true);
  view.setBigUint64(8, value, true);
  view.setBigUint64(16, size, true);
  return new Uint8Array(view.buffer);
}

const text: Section = { name: "xdp", type: 1, flags: 6, data: new Uint8Array(16) };
const strings: Section = { name: ".strtab", type: 3, data: new TextEncoder().encode("\0drop\0") };

function code(bytes: Uint8Array): string {
  try {
    readElf(bytes, "x.o");
  } catch (error) {
    if (error instanceof BpfError) return `${error.code}: ${error.diagnostic.message}`;
    throw error;
  }
  return "accepted";
}

describe("ELF objects", () => {
  test("sections and symbols", () => {
    const elf = readElf(
      object([text, strings, { name: ".symtab", type: 2, link: 2, data: symbol(1, 1, 0x12, 8n) }]),
      "x.o",
    );
    expect(elf.littleEndian).toBe(true);
    expect(elf.section("xdp")).toMatchObject({ index: 1, size: 16, flags: 6 });
    expect(elf.symbols).toEqual([{ name: "drop", value: 8, size: 8, type: 2, binding: 1, section: 1 }]);
    expect(elf.section("nothing")).toBeUndefined();
  });

  test("a section without bytes in the file may be large", () => {
    const bss: Section = { name: ".bss", type: 8, data: new Uint8Array() };
    const bytes = object([bss], (view, table) => view.setBigUint64(table + 64 + 32, 1n << 20n, true));
    const section = readElf(bytes, "x.o").section(".bss");
    expect([section?.size, section?.data.length]).toEqual([1 << 20, 0]);
  });

  test.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(), "TSB4001: x.o is not an ELF object, it begins with nothing: it is empty"],
    [
      "text",
      new TextEncoder().encode("#include"),
      'TSB4001: x.o is not an ELF object, it begins with "#inc"',
    ],
    [
      "bytes",
      new Uint8Array([1, 2, 3, 4, 5]),
      "TSB4001: x.o is not an ELF object, it begins with bytes 01 02 03 04",
    ],
    [
      "a magic number alone",
      new Uint8Array([0x7f, 0x45, 0x4c, 0x46]),
      "TSB4002: the ELF object is truncated or damaged: 4 bytes are less than a header",
    ],
    [
      "a 32-bit object",
      object([], (view) => view.setUint8(4, 1)),
      "TSB4003: the ELF object is not for BPF on this machine: it is 32-bit",
    ],
    [
      "no byte order",
      object([], (view) => view.setUint8(5, 7)),
      "TSB4002: the ELF object is truncated or damaged: its byte order is 7",
    ],
    [
      "another machine",
      object([], (view) => view.setUint16(18, 62, true)),
      "TSB4003: the ELF object is not for BPF on this machine: its machine is 62, BPF is 247",
    ],
    [
      "an executable",
      object([], (view) => view.setUint16(16, 2, true)),
      "TSB4003: the ELF object is not for BPF on this machine: its type is 2, a relocatable object is 1",
    ],
    [
      "no sections",
      object([], (view) => view.setUint16(60, 0, true)),
      "TSB4002: the ELF object is truncated or damaged: it has no sections",
    ],
    [
      "headers of another size",
      object([], (view) => view.setUint16(58, 40, true)),
      "TSB4002: the ELF object is truncated or damaged: section headers of 40 bytes",
    ],
    [
      "names that are none",
      object([text], (view) => view.setUint16(62, 1, true)),
      "TSB4002: the ELF object is truncated or damaged: it has no section names",
    ],
  ])("%s is refused", (_name, bytes, message) => {
    expect(code(bytes)).toBe(message);
  });

  test.each<[string, (view: DataView, table: number) => void]>([
    ["headers beyond the file", (view) => view.setBigUint64(40, 1n << 40n, true)],
    ["headers at 2^64", (view) => view.setBigUint64(40, (1n << 64n) - 1n, true)],
    ["more headers than bytes", (view) => view.setUint16(60, 0xffff, true)],
    ["a section beyond the file", (view, table) => view.setBigUint64(table + 64 + 24, 1n << 33n, true)],
    [
      "a section that wraps around",
      (view, table) => view.setBigUint64(table + 64 + 24, (1n << 64n) - 8n, true),
    ],
    ["a section of 2^63 bytes", (view, table) => view.setBigUint64(table + 64 + 32, 1n << 63n, true)],
    ["a name beyond the names", (view, table) => view.setUint32(table + 64, 0xffff, true)],
  ])("%s: refused as damaged", (_name, change) => {
    expect(code(object([text], change))).toMatch(/^TSB4002: /);
  });

  test("symbols that point nowhere are refused", () => {
    const table = (data: Uint8Array, link = 2) =>
      object([text, strings, { name: ".symtab", type: 2, link, data }]);
    expect(code(table(symbol(1, 200, 0x12)))).toMatch(/^TSB4002: .*a symbol in section 200 of 5/);
    expect(code(table(symbol(77, 1, 0x12)))).toMatch(/^TSB4002: .*a name at 77/);
    expect(code(table(symbol(1, 1, 0x12), 1))).toMatch(/^TSB4002: .*symbols have no names/);
    expect(code(table(new Uint8Array(25)))).toMatch(/^TSB4002: .*a symbol table of 25 bytes/);
    expect(code(table(symbol(1, 0xfff1, 0x04)))).toBe("accepted");
  });
});
