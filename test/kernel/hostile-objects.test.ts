import { chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { closeAll } from "../../runtime/close-all.ts";
import { loadObject, open, VerifierError } from "../../runtime/index.ts";
import { compileC, describeKernel, ensureBpffs, makeTemporary } from "../support/kernel.ts";
import { refusal } from "../support/refusal.ts";

// Objects, paths and folders that somebody else prepared.

const object = (source: string) => compileC(`#include "bpf.h"\n${source}`);
const counter =
  'struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); __uint(pinning, 1); } NAME SEC(".maps"); SEC("tc") int p(struct __sk_buff *skb) { __u32 k = 0; return bpf_map_lookup_elem(&NAME, &k) != 0; }';

/** The object with every occurrence of a text changed to another of the same length. */
function patched(bytes: Uint8Array, from: string, to: string): Uint8Array {
  expect(to.length).toBe(from.length);
  const copy = Buffer.from(bytes);
  let found = 0;
  for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at + 1), found++)
    copy.write(to, at, "latin1");
  expect(found).toBeGreaterThan(0);
  return new Uint8Array(copy);
}

describe("files that never end", () => {
  test("a device is no object", () => {
    expect(refusal(() => open("/dev/zero")).code).toBe("TSB4009");
  });

  test("an object longer than its size says is read whole", () => {
    // Files of /proc have size 0.
    expect(refusal(() => open("/proc/self/maps")).code).toBe("TSB4001");
  });
});

describe("closing", () => {
  test("goes on behind one that fails, and says what failed first", () => {
    const closed: string[] = [];
    const thing = (name: string, fails = false) => ({
      close() {
        closed.push(name);
        if (fails) throw new Error(name);
      },
    });
    expect(() => closeAll([thing("a"), thing("b", true), thing("c", true), thing("d")])).toThrow(/^b$/);
    expect(closed).toEqual(["a", "b", "c", "d"]);
  });
});

describeKernel(
  "hostile objects",
  () => {
    test("a map's name does not lead out of the folder of pins", () => {
      const name = "a".repeat(24);
      const bytes = patched(object(counter.replaceAll("NAME", name)), name, `${"a".repeat(16)}/../../x`);
      expect(refusal(() => open(bytes)).code).toBe("TSB4006");
    });

    test("names with control characters are refused, and the message shows none", () => {
      const bytes = object('SEC("tc") int program_name(struct __sk_buff *skb) { return 0; }');
      for (const name of ["program\nname", "program\x1bname", "program/name"]) {
        const error = refusal(() => open(patched(bytes, "program_name", name)));
        expect([name, error.code]).toEqual([name, "TSB4002"]);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(error.message).not.toMatch(/[\u0000-\u001f\u007f]/);
      }
    });

    test("names of objects' prototypes are names like others", () => {
      const bytes = object(
        `${counter.replaceAll("NAME", "constructor")}\nconst volatile int toString = 3; int __proto__ = 4; SEC("tc") int hasOwnProperty(struct __sk_buff *skb) { return toString + __proto__; }`,
      );
      using bpffs = ensureBpffs();
      using app = loadObject(open(bytes), { pinDirectory: bpffs.path });
      expect(app.program("hasOwnProperty").run({ data: new Uint8Array(64) }).result).toBe(7);
      expect(Object.keys(app.maps)).toEqual(["constructor"]);
      expect(Object.hasOwn(app.globals, "__proto__")).toBe(true);
      expect(refusal(() => app.map("valueOf")).code).toBe("TSB4020");
      expect(refusal(() => app.program("constructor")).code).toBe("TSB4021");
    });

    test("the file that a verifier's refusal names is not read where it never ends", () => {
      const spec = open(object('SEC("tc") int p(struct __sk_buff *skb) { return 0; }'));
      const error = new VerifierError(spec, "p", "; evil @ /dev/zero:1\nR0 !read_ok\n");
      expect(error.source?.file).toBe("/dev/zero");
      expect(error.diagnostic.span).toBeUndefined();
    });

    test("one more symbol table is refused", () => {
      const bytes = object('SEC("tc") int p(struct __sk_buff *skb) { return 0; }');
      const view = new DataView(bytes.slice().buffer);
      const table = Number(view.getBigUint64(40, true));
      const types = Array.from({ length: view.getUint16(60, true) }, (_, index) =>
        view.getUint32(table + index * 64 + 4, true),
      );
      const [from, to] = [types.indexOf(2), types.lastIndexOf(1)];
      const copy = new Uint8Array(view.buffer);
      copy.copyWithin(table + to * 64, table + from * 64, table + from * 64 + 64);
      expect(refusal(() => open(copy)).message).toContain("several symbol tables");
    });

    test("globals that share their bytes do not multiply them", () => {
      const bytes = object(
        'int first[4]; int other[4]; SEC("tc") int p(struct __sk_buff *skb) { return first[0] + other[skb->len & 3]; }',
      );
      expect(Object.keys(open(bytes).variables).sort()).toEqual(["first", "other"]);
      const view = new DataView(bytes.slice().buffer);
      const table = Number(view.getBigUint64(40, true));
      for (let at = table; at < table + view.getUint16(60, true) * 64; at += 64) {
        const [type, offset, size] = [
          view.getUint32(at + 4, true),
          Number(view.getBigUint64(at + 24, true)),
          Number(view.getBigUint64(at + 32, true)),
        ];
        // .bss, the only NOBITS section, becomes as long as one variable, and the symbols put both at its start.
        if (type === 8) view.setBigUint64(at + 32, 16n, true);
        for (let symbol = offset; type === 2 && symbol < offset + size; symbol += 24) {
          if ((view.getUint8(symbol + 4) & 15) === 1) view.setBigUint64(symbol + 8, 0n, true);
        }
      }
      expect(refusal(() => open(new Uint8Array(view.buffer))).message).toContain("of section .bss overlap");
    });
  },
  "clang",
);

describeKernel(
  "folders of pins",
  () => {
    const bytes = () => object(counter.replaceAll("NAME", "kept"));

    test("one below another user's is refused: that user could put another in its place", () => {
      using bpffs = ensureBpffs();
      mkdirSync(join(bpffs.path, "theirs"), { mode: 0o755 });
      mkdirSync(join(bpffs.path, "theirs", "ours"), { mode: 0o700 });
      chownSync(join(bpffs.path, "theirs"), 65534, 65534);
      using app = loadObject(open(bytes()), { pinDirectory: bpffs.path });
      expect(refusal(() => app.map("kept").pin(join(bpffs.path, "theirs", "ours", "x"))).code).toBe(
        "TSB4053",
      );
    });

    test("a map that another user pinned is not shared", () => {
      using bpffs = ensureBpffs();
      {
        using first = loadObject(open(bytes()), { pinDirectory: bpffs.path });
        expect(first.map("kept").maxEntries).toBe(1);
      }
      chownSync(join(bpffs.path, "kept"), 65534, 65534);
      expect(refusal(() => loadObject(open(bytes()), { pinDirectory: bpffs.path })).code).toBe("TSB4053");
      chownSync(join(bpffs.path, "kept"), 0, 0);
      using again = loadObject(open(bytes()), { pinDirectory: bpffs.path });
      expect(again.map("kept").maxEntries).toBe(1);
    });

    test("a file in the place of a folder is said as such, for pins and for cgroups", () => {
      using bpffs = ensureBpffs();
      using files = makeTemporary();
      const file = join(files.path, "file");
      writeFileSync(file, "");
      using app = loadObject(open(bytes()), { pinDirectory: bpffs.path });
      expect(refusal(() => app.map("kept").pin(join(file, "below", "x"))).code).toBe("TSB4050");
      const other = object('SEC("cgroup/connect4") int p(struct bpf_sock_addr *ctx) { return 1; }');
      using connect = loadObject(open(other));
      expect(refusal(() => connect.program("p").attach({ cgroup: join(file, "below") })).code).toBe(
        "TSB4042",
      );
      expect(refusal(() => connect.program("p").attach({ cgroup: "/sys\0" })).code).toBe("TSB4042");
    });

    test("numbers that no device has", () => {
      using drop = loadObject(open(object('SEC("xdp") int p(struct xdp_md *ctx) { return 2; }')));
      for (const device of [0, -1, 1.5, Number.NaN, 2 ** 31, 0x7ffffffe, "", "..", "a/b", "x".repeat(16)]) {
        expect(refusal(() => drop.program("p").attach({ device })).code).toBe("TSB4042");
      }
    });

    test("unpin does not remove a link to a pin", () => {
      using bpffs = ensureBpffs();
      using files = makeTemporary();
      using app = loadObject(open(bytes()), { pinDirectory: bpffs.path });
      const link = join(files.path, "link");
      symlinkSync(join(bpffs.path, "kept"), link);
      expect(refusal(() => app.map("kept").unpin(link)).code).toBe("TSB4050");
    });
  },
  "clang",
);
