import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { beforeAll, expect, test } from "vitest";
import {
  type ArrayMap,
  BpfError,
  HashMap,
  load,
  loadObject,
  type ObjectSpec,
  open,
} from "../../runtime/index.ts";
import { ensureDist, packageRoot } from "../support/dist.ts";
import {
  addonPath,
  compileC,
  describeKernel,
  ensureBpffs,
  makeCgroup,
  makeTemporary,
} from "../support/kernel.ts";
import { leftSince, objectIds } from "../support/kernel-objects.ts";
import { refusal } from "../support/refusal.ts";

const runtime = join(packageRoot, "dist/runtime/index.js");
const native = join(packageRoot, "dist/runtime/native.js");
beforeAll(ensureDist, 120_000);

const connections = `#include "bpf.h"
struct stats { __u64 calls; __be16 port; _Bool seen; __u8 bytes[3]; char name[8]; };
struct {
  __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64);
  __type(key, __u32); __type(value, struct stats);
} calls SEC(".maps");
const volatile __u16 port = 0;
const volatile struct { __u32 a; __u64 b; } config = { 1, 2 };
__u64 total = 0;
__u32 initial = 5;
SEC("cgroup/connect4") int count(struct bpf_sock_addr *ctx) {
  __u32 key = bpf_get_current_pid_tgid() >> 32;
  struct stats fresh = { .calls = 1, .port = ctx->user_port, .seen = config.b, .bytes = {1, 2, 3}, .name = "hello" };
  __sync_fetch_and_add(&total, initial);
  if (port && ctx->user_port != (__be16)__builtin_bswap16(port)) return 1;
  struct stats *found = bpf_map_lookup_elem(&calls, &key);
  if (found) __sync_fetch_and_add(&found->calls, 1);
  else bpf_map_update_elem(&calls, &key, &fresh, 0);
  return 1;
}
SEC("?xdp") int optional(struct xdp_md *ctx) { return initial; }`;

/** Descriptors of BPF objects that this process holds. */
function heldDescriptors(): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return /^anon_inode:\[?bpf/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false;
    }
  }).length;
}

describeKernel(
  "open, edit, load, attach, read",
  () => {
    test("counts the connections of a cgroup", async () => {
      using cgroup = makeCgroup();
      const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as { port: number };
      const spec = open(compileC(connections), { name: "connections.bpf.o" });
      spec.constants.port = port;
      spec.map("calls").maxEntries = 16;
      using app = loadObject(spec);
      const link = app.program("count").attach({ cgroup: cgroup.path });
      using _ = cgroup.enter();
      for (let index = 0; index < 3; index++) {
        const socket = connect(port, "127.0.0.1");
        await once(socket, "connect");
        socket.destroy();
      }
      server.close();
      const calls = app.map("calls") as HashMap<number, unknown>;
      expect(calls).toBeInstanceOf(HashMap);
      expect(calls.maxEntries).toBe(16);
      expect([...calls]).toEqual([
        [process.pid, { calls: 3n, port, seen: true, bytes: new Uint8Array([1, 2, 3]), name: "hello" }],
      ]);
      expect(app.globals.total).toBe(15n);
      link.close();
    });

    test("globals: constants until load, variables always", async () => {
      using app = await load(compileC(connections), {
        constants: { port: 80, config: { a: 7, b: 8n } },
        variables: { initial: 9 },
      });
      expect({ ...app.globals }).toEqual({ port: 80, config: { a: 7, b: 8n }, total: 0n, initial: 9 });
      app.globals.total = 1n << 63n;
      app.globals.initial = 0xffffffff;
      expect({ ...app.globals }).toEqual({
        port: 80,
        config: { a: 7, b: 8n },
        total: 1n << 63n,
        initial: 0xffffffff,
      });
      const set = (name: string, value: unknown) =>
        refusal(() => {
          (app.globals as Record<string, unknown>)[name] = value;
        }).code;
      expect(set("port", 81)).toBe("TSB4024");
      expect(set("initial", -1)).toBe("TSB4030");
      expect(set("nothing", 1)).toBe("TSB4022");
      expect(refusal(() => (app.globals as Record<string, unknown>).nothing).code).toBe("TSB4022");
      expect("nothing" in app.globals).toBe(false);
    });

    test("globals: writing one leaves alone what programs change beside it", async () => {
      using app = await load(
        compileC(`#include "bpf.h"
          __u64 before; __u64 counter; __u8 flag; __u8 odd[3]; __u64 after;
          SEC("tc") int p(struct __sk_buff *skb) { before++; counter++; after += flag + odd[0]; return 0; }`),
      );
      const { globals } = app;
      const runs = 3_000_000;
      const worker = new Worker(
        `const { parentPort, workerData } = require("node:worker_threads");
         const native = require(workerData.addon);
         native.programTestRun(native.programById(workerData.id), { data: new Uint8Array(64), repeat: workerData.runs });
         parentPort.postMessage("done");`,
        { eval: true, workerData: { addon: addonPath, id: app.program("p").id, runs } },
      );
      let writes = 0;
      let done = false;
      const finished = once(worker, "message").finally(() => {
        done = true;
      });
      while (!done) {
        for (let index = 0; index < 100; index++) {
          globals.flag = index % 2;
          globals.odd = new Uint8Array([1, 2, 3]);
          writes++;
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      await finished;
      await worker.terminate();
      expect(writes).toBeGreaterThan(100);
      expect([globals.before, globals.counter, globals.flag]).toEqual([BigInt(runs), BigInt(runs), 1]);
      globals.after = 0x0123456789abcdefn;
      expect({ ...globals }).toMatchObject({
        after: 0x0123456789abcdefn,
        counter: BigInt(runs),
        odd: new Uint8Array([1, 2, 3]),
      });
    });

    test("options: which programs, sizes of maps, each misspelling an error", async () => {
      const object = compileC(connections);
      using app = await load(object, { programs: ["optional"], maps: { calls: { maxEntries: 3 } } });
      expect(Object.keys(app.programs)).toEqual(["optional"]);
      expect(app.map("calls").maxEntries).toBe(3);
      expect(refusal(() => app.program("count")).code).toBe("TSB4025");
      expect(refusal(() => app.program("none")).code).toBe("TSB4021");
      expect(refusal(() => app.map("none")).code).toBe("TSB4020");
      const refuse = async (options: object) => {
        const error: unknown = await load(object, options).then(
          (collection) => collection.close(),
          (reason: unknown) => reason,
        );
        return error instanceof BpfError ? error.code : error;
      };
      expect(await refuse({ program: ["count"] })).toBe("TSB4023");
      expect(await refuse({ programs: ["cuont"] })).toBe("TSB4021");
      expect(await refuse({ maps: { cals: {} } })).toBe("TSB4020");
      expect(await refuse({ maps: { calls: { maxEntires: 1 } } })).toBe("TSB4023");
      expect(await refuse({ maps: { calls: { maxEntries: -1 } } })).toBe("TSB4023");
      expect(await refuse({ maps: { calls: { maxEntries: 1.5 } } })).toBe("TSB4023");
      expect(await refuse({ constants: { prot: 1 } })).toBe("TSB4022");
      expect(await refuse({ constants: { port: 65536 } })).toBe("TSB4030");
      expect(await refuse({ constants: { config: { a: 1 } } })).toBe("TSB4030");
      expect(await refuse({ variables: { port: 1 } })).toBe("TSB4022");
    });

    test("a new version takes over the maps of the old one, if they mean the same", () => {
      const version = (layout: string, name = "counts") => `#include "bpf.h"
        struct stats { ${layout} };
        struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, struct stats); } ${name} SEC(".maps");
        SEC("tc") int p(struct __sk_buff *skb) {
          __u32 key = 1; struct stats *s = bpf_map_lookup_elem(&${name}, &key); if (s) s->packets++; return 0; }`;
      using old = loadObject(open(compileC(version("__u64 packets; __u64 bytes;"))));
      const counts = old.map("counts") as HashMap<number, object>;
      counts.set(1, { packets: 5n, bytes: 6n });
      using next = loadObject(open(compileC(version("__u64 packets; __u64 bytes;"))), { reuse: { counts } });
      expect(next.map("counts").id).toBe(counts.id);
      next.program("p").run({ data: new Uint8Array(64) });
      old.close();
      expect((next.map("counts") as HashMap<number, object>).get(1)).toEqual({ packets: 6n, bytes: 6n });
      const refuse = (source: string, reuse: Record<string, HashMap<number, object>>) =>
        refusal(() => loadObject(open(compileC(source)), { reuse }));
      const live = next.map("counts") as HashMap<number, object>;
      expect(refuse(version("__u64 packets;"), { counts: live }).message).toContain(
        "its value has 16 bytes, the object's 8",
      );
      expect(refuse(version("__u64 bytes; __u64 packets;"), { counts: live }).message).toContain(
        "member `bytes`",
      );
      expect(refuse(version("__u64 packets; __s64 bytes;"), { counts: live }).code).toBe("TSB4036");
      expect(refuse(version("__u64 packets; __u64 bytes;", "other"), { counts: live }).code).toBe("TSB4020");
      expect(
        refuse(version("__u64 packets; __u64 bytes;").replace("TYPE_HASH", "TYPE_LRU_HASH"), { counts: live })
          .message,
      ).toContain("it is of kind hash, the object wants lru_hash");
    });
  },
  "clang",
);

describeKernel(
  "what must not stay behind",
  () => {
    test("loading, attaching and closing many times leaves no object and no descriptor", async () => {
      using cgroup = makeCgroup();
      const object = compileC(connections);
      const cycle = async () => {
        const app = await load(object);
        app.program("count").attach({ cgroup: cgroup.path });
        [...(app.map("calls") as HashMap)];
        app.close();
      };
      await cycle();
      const before = { program: objectIds("program"), map: objectIds("map"), link: objectIds("link") };
      const descriptors = heldDescriptors();
      const files = readdirSync("/proc/self/fd").length;
      for (let index = 0; index < 30; index++) await cycle();
      expect(heldDescriptors()).toBe(descriptors);
      expect(readdirSync("/proc/self/fd").length).toBe(files);
      for (const kind of ["program", "map", "link"] as const) {
        const names = await leftSince(kind, before[kind]);
        // Other tests may load at the same time; what is here thirty times is ours.
        expect(names.length).toBeLessThan(30);
      }
    });

    test("a failed load leaves nothing, a pin that it made included", () => {
      using bpffs = ensureBpffs();
      const source = `#include "bpf.h"
        struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u32); __uint(pinning, 1); } kept SEC(".maps");
        struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u32); __uint(pinning, 1); } second SEC(".maps");
        SEC("tc") int bad(struct __sk_buff *skb) { return *(__u8 *)(long)skb->data; }`;
      const descriptors = heldDescriptors();
      // A new bpffs has iterators of its own (kernel/bpf/inode.c, populate_bpffs).
      const pins = () => readdirSync(bpffs.path).filter((name) => !name.endsWith(".debug"));
      expect(refusal(() => loadObject(open(compileC(source)), { pinDirectory: bpffs.path })).name).toBe(
        "VerifierError",
      );
      expect(pins()).toEqual([]);
      // The second pin fails: a folder is in its place.
      spawnSync("mkdir", [join(bpffs.path, "second")]);
      const good = source.replace("*(__u8 *)(long)skb->data", "0");
      expect(() => loadObject(open(compileC(good)), { pinDirectory: bpffs.path })).toThrow(BpfError);
      expect(pins()).toEqual(["second"]);
      expect(heldDescriptors()).toBe(descriptors);
    });

    test("a worker that ends takes its links along, and only its own", () => {
      using cgroup = makeCgroup();
      using folder = makeTemporary();
      const object = join(folder.path, "p.o");
      writeFileSync(object, compileC(connections));
      const script = join(folder.path, "main.mjs");
      writeFileSync(
        script,
        `import { Worker, isMainThread, parentPort } from "node:worker_threads";
         import { load } from ${JSON.stringify(runtime)};
         import { binding } from ${JSON.stringify(native)};
         const attached = () => {
           let count = 0;
           for (let id = binding().nextId("link", 0); id !== undefined; id = binding().nextId("link", id)) {
             try {
               const link = binding().linkById(id);
               if (binding().linkInfo(link).cgroupId === ${cgroup.id}n) count++;
               link.close();
             } catch {}
           }
           return count;
         };
         if (isMainThread) {
           const app = await load(${JSON.stringify(object)});
           app.programs.count.attach({ cgroup: ${JSON.stringify(cgroup.path)} });
           const one = attached();
           const worker = new Worker(new URL(import.meta.url));
           await new Promise((resolve, reject) => { worker.once("message", resolve); worker.once("error", reject); });
           const two = attached();
           await worker.terminate();
           let after = attached();
           for (let i = 0; i < 100 && after !== 1; i++) { await new Promise((r) => setTimeout(r, 20)); after = attached(); }
           console.log(JSON.stringify({ one, two, after, open: !app.closed }));
           process.exit(0);
         } else {
           const app = await load(${JSON.stringify(object)});
           app.programs.count.attach({ cgroup: ${JSON.stringify(cgroup.path)} });
           parentPort.postMessage("attached");
           setInterval(() => {}, 1000);
         }`,
      );
      const result = spawnSync(process.execPath, [script], { encoding: "utf8", timeout: 20_000 });
      expect(result.stderr).toBe("");
      expect(JSON.parse(result.stdout)).toEqual({ one: 1, two: 2, after: 1, open: true });
    });
  },
  "clang",
);

describeKernel(
  "bad input, each a clear error",
  () => {
    const refuse = (spec: () => ObjectSpec) => refusal(() => loadObject(spec()));

    test("an object without BTF", () => {
      expect(refuse(() => open(compileC(connections, { debug: false }), { name: "plain.o" }))).toMatchObject({
        code: "TSB4004",
        message:
          "open plain.o: plain.o has no BTF, so its maps and types are unknown (compile C with `-g`, and do not strip the object; `tsbpf build` always writes BTF)",
      });
    });

    test("an object cut off anywhere", () => {
      const object = compileC(connections);
      for (let length = 0; length < object.length; length += 37) {
        const error = refuse(() => open(object.slice(0, length)));
        expect(error.code).toMatch(/^TSB400[1245]$/);
      }
    });

    test("an object with any byte changed is refused or loads as something, and never ends the process", () => {
      const object = compileC(connections);
      const before = heldDescriptors();
      // A linear congruential generator with a fixed seed: the same 200 objects each time.
      let state = 12345;
      const random = (below: number) => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return (state >>> 8) % below;
      };
      let refusedCount = 0;
      for (let round = 0; round < 200; round++) {
        const mutant = object.slice();
        for (let change = 0; change <= round % 4; change++) mutant[random(mutant.length)] = random(256);
        try {
          loadObject(open(mutant, { name: "mutant" })).close();
        } catch (error) {
          expect(error).toBeInstanceOf(BpfError);
          refusedCount++;
        }
      }
      expect(refusedCount).toBeGreaterThan(0);
      expect(heldDescriptors()).toBe(before);
    });

    test("a file that is no object, or is not there", () => {
      expect(refusal(() => open(new TextEncoder().encode("import { x } from 'y';"))).message).toContain(
        'it begins with "impo"',
      );
      expect(refusal(() => open("/nowhere/x.bpf.o")).code).toBe("TSB4009");
      expect(refusal(() => open("/proc/self")).code).toBe("TSB4009");
    });

    test("a section that says no program type", () => {
      const source = '#include "bpf.h"\nSEC("nonsense/here") int p(void *ctx) { return 0; }';
      expect(refuse(() => open(compileC(source)))).toMatchObject({ code: "TSB4008" });
    });

    test("a map that the kernel refuses is explained by libbpf's words", () => {
      const source = `#include "bpf.h"
        struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, __u64); __uint(max_entries, 100); __uint(map_flags, 1 << 30); } odd SEC(".maps");
        SEC("tc") int p(struct __sk_buff *skb) { __u32 n = 1; return bpf_map_delete_elem(&odd, &n); }`;
      const error = refuse(() => open(compileC(source)));
      expect(error.code).toBe("TSB4014");
      expect(error.diagnostic.notes?.join("\n")).toContain("odd");
    });

    test("no privileges: the capability is named, and nothing is left", () => {
      using folder = makeTemporary();
      const object = join(folder.path, "p.o");
      writeFileSync(object, compileC(connections));
      spawnSync("chmod", ["-R", "a+rX", folder.path]);
      const script = `import { load, open } from ${JSON.stringify(runtime)};
        process.setgroups([]); process.setgid(65534); process.setuid(65534);
        const spec = open(${JSON.stringify(object)});
        try { await load(spec); } catch (error) { console.log(JSON.stringify([error.code, error.errno, error.message])); }`;
      writeFileSync(join(folder.path, "main.mjs"), script);
      const result = spawnSync(process.execPath, [join(folder.path, "main.mjs")], { encoding: "utf8" });
      const [code, errno, message] = JSON.parse(result.stdout || JSON.stringify([result.stderr]));
      expect(code).toBe("TSB4010");
      expect(errno).toBe(1);
      expect(message).toBe(
        "load p.o: operation not permitted (run as root or with CAP_BPF and CAP_NET_ADMIN; in a container the seccomp profile must allow bpf(2))",
      );
    });

    test("a map used with a wrong key", async () => {
      using app = await load(compileC(connections));
      const calls = app.map("calls") as unknown as ArrayMap<unknown>;
      for (const key of [-1, 2 ** 32, 1.5, 1n, "1", null, undefined, {}]) {
        expect(refusal(() => calls.get(key as number)).code).toBe("TSB4030");
      }
    });
  },
  "clang",
);
