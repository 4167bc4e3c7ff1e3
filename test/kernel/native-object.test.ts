import { expect, test } from "vitest";
import { type Binding, binding } from "../../runtime/native.ts";
import { compileC, describeKernel, ensureBpffs } from "../support/kernel.ts";

const XDP = 6;
const CGROUP_SKB = 8;
const INET_INGRESS = 0;

const COUNTER = `
#include "bpf.h"
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16); __type(key, __u32); __type(value, __u64); } counts SEC(".maps");
const volatile __u32 limit = 3;
__u32 start = 7;
SEC("xdp") int count(struct xdp_md *ctx) {
  __u32 key = limit;
  __u64 one = start;
  bpf_map_update_elem(&counts, &key, &one, 0);
  return XDP_PASS;
}
SEC("acme/thing") int unknown_section(struct __sk_buff *skb) { return 1; }
`;

// Reads past the end of the packet.
const REFUSED = `
#include "bpf.h"
SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
SEC("xdp") int careless(struct xdp_md *ctx) { return *(unsigned char *)(long)ctx->data; }
`;

type LoadError = Error &
  Partial<{ code: string; log: string; program: string; programs: Record<string, string> }>;

function open(
  source: string,
  options: Partial<Binding.ObjectOpenOptions> = {},
): Binding.BpfObject & Disposable {
  const native = binding();
  const object = new native.BpfObject(compileC(source), { name: "test", ...options });
  return Object.assign(object, { [Symbol.dispose]: () => object.close() });
}

function errorOf(body: () => unknown): LoadError {
  try {
    body();
  } catch (error) {
    return error as LoadError;
  }
  throw new Error("nothing was thrown");
}

const u32 = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);
const map = (object: Binding.BpfObject, name: string) => object.maps.find((entry) => entry.name === name);
const program = (object: Binding.BpfObject, name: string) =>
  object.programs.find((entry) => entry.name === name);

describeKernel(
  "native objects",
  () => {
    test("an object tells what is in it", () => {
      using object = open(COUNTER);
      expect(map(object, "counts")).toMatchObject({
        type: 1,
        keySize: 4,
        valueSize: 8,
        maxEntries: 16,
        internal: false,
      });
      expect(map(object, "counts")?.keyTypeId).toBeGreaterThan(0);
      const rodata = map(object, ".rodata");
      expect(rodata).toMatchObject({ internal: true, valueSize: 4 });
      expect(rodata?.initial).toEqual(u32(3));
      expect(program(object, "count")).toMatchObject({ section: "xdp", type: XDP, autoload: true });
      expect(program(object, "unknown_section")).toMatchObject({ section: "acme/thing", type: 0 });
    });

    test("what is edited is what is loaded, and what is taken outlives the object", () => {
      const native = binding();
      using object = open(COUNTER);
      object.editMap("counts", { maxEntries: 99, flags: 1 });
      object.editMap(".rodata", { initial: u32(42) });
      object.editMap(".data", { initial: u32(1000) });
      object.editProgram("unknown_section", { type: CGROUP_SKB, expectedAttachType: INET_INGRESS });
      object.load({});
      const counts = object.mapDescriptor("counts");
      const count = object.programDescriptor("count");
      const other = object.programDescriptor("unknown_section");
      const btf = object.btfDescriptor();
      object.close();
      object.close();

      expect(native.mapInfo(counts)).toMatchObject({ maxEntries: 99, flags: 1 });
      expect(native.programInfo(other)).toMatchObject({
        type: CGROUP_SKB,
        name: "unknown_section".slice(0, 15),
      });
      const result = native.programTestRun(count, { data: new Uint8Array(64) });
      expect(result.returnValue).toBe(2);
      expect(result.data).toHaveLength(64);
      expect(native.mapLookup(counts, u32(42), 8)).toEqual(new Uint8Array(BigUint64Array.of(1000n).buffer));
      expect(native.btfData(btf as Binding.Descriptor).subarray(0, 2)).toEqual(Uint8Array.of(0x9f, 0xeb));
      for (const descriptor of [counts, count, other, btf]) descriptor?.close();
    });

    test("a program that is not loaded and a map that is not made are not there", () => {
      using object = open(COUNTER);
      object.editProgram("unknown_section", { autoload: false });
      object.load({});
      expect(errorOf(() => object.programDescriptor("unknown_section"))).toMatchObject({ code: "ENOENT" });
      expect(errorOf(() => object.programDescriptor("nothing"))).toMatchObject({ code: "ENOENT" });
      expect(errorOf(() => object.mapDescriptor("nothing"))).toMatchObject({ code: "ENOENT" });
      expect(errorOf(() => object.editMap("counts", { maxEntries: 5 }))).toMatchObject({ code: "EBUSY" });
      expect(errorOf(() => object.load({}))).toMatchObject({ code: "EBUSY" });
    });

    test("a map can be one that is there already", () => {
      const native = binding();
      const shared = native.mapCreate({ type: 1, keySize: 4, valueSize: 8, maxEntries: 16 });
      using object = open(COUNTER);
      object.editProgram("unknown_section", { autoload: false });
      object.editMap("counts", { reuse: shared });
      object.load({});
      const mine = object.mapDescriptor("counts");
      expect(native.mapInfo(mine).id).toBe(native.mapInfo(shared).id);
      mine.close();
      shared.close();
    });

    test("a map with a pin path is pinned, and found again there", () => {
      const native = binding();
      using bpffs = ensureBpffs();
      const ids = [1, 2].map(() => {
        using object = open(COUNTER);
        object.editProgram("unknown_section", { autoload: false });
        object.editMap("counts", { pinPath: `${bpffs.path}/counts` });
        object.load({});
        const counts = object.mapDescriptor("counts");
        const { id } = native.mapInfo(counts);
        counts.close();
        return id;
      });
      expect(ids[0]).toBe(ids[1]);
    });

    test("a refused program is named, with the verifier's log", () => {
      using object = open(REFUSED);
      const error = errorOf(() => object.load({}));
      expect(error).toMatchObject({ code: "EACCES", operation: "object_load", program: "careless" });
      expect(error.programs?.careless).toContain("invalid access to packet");
      // With line information the log says where.
      expect(error.programs?.careless).toContain("<stdin>:4");
      expect(Object.keys(error.programs ?? {})).toEqual(["careless"]);
      expect(error.log).toContain("BPF program load failed");
      expect(errorOf(() => object.programDescriptor("fine"))).toMatchObject({ code: "EINVAL" });
    });

    test("logs are there where they are asked for", () => {
      using object = open(COUNTER);
      object.editProgram("unknown_section", { type: CGROUP_SKB });
      object.load({ logLevel: 1 });
      expect(object.programLog("count")).toContain("processed");
      expect(object.programLog("unknown_section")).toContain("processed");
      using quiet = open(COUNTER);
      quiet.editProgram("unknown_section", { autoload: false });
      quiet.load({});
      expect(quiet.programLog("count")).toBe("");
    });

    test("a program whose type is not known is refused with libbpf's reason", () => {
      using object = open(COUNTER);
      expect(errorOf(() => object.load({}))).toMatchObject({
        code: "EINVAL",
        log: expect.stringContaining("unknown_section"),
      });
    });

    test("libbpf's messages are kept for who asks", () => {
      const native = binding();
      native.takeLog();
      expect(errorOf(() => new native.BpfObject(new Uint8Array(100), { name: "junk" }))).toMatchObject({
        code: "ENOEXEC",
      });
      expect(native.takeLog()).toContain("junk");
      expect(native.takeLog()).toBe("");
    });

    test("options that close the object under way do not reach freed memory", () => {
      using object = open(COUNTER);
      const edit = {
        get maxEntries() {
          object.close();
          return 5;
        },
      };
      expect(errorOf(() => object.editMap("counts", edit))).toMatchObject({ code: "EBADF" });
      expect(errorOf(() => object.maps)).toMatchObject({ code: "EBADF" });
      expect(errorOf(() => object.load({}))).toMatchObject({ code: "EBADF" });
    });
  },
  "clang",
);
