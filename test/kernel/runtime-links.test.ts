import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import {
  type ArrayMap,
  type BpfError,
  type Collection,
  type KernelLink,
  loadObject,
  open,
  openPinnedLink,
  openPinnedMap,
  openPinnedProgram,
  type SockHash,
  type SockMap,
} from "../../runtime/index.ts";
import { binding } from "../../runtime/native.ts";
import {
  compileC,
  describeKernel,
  ensureBpffs,
  makeCgroup,
  makeNetns,
  makeTemporary,
  makeVeth,
  type Veth,
} from "../support/kernel.ts";
import { refusal } from "../support/refusal.ts";

const loaded: Collection[] = [];
afterEach(() => {
  for (const collection of loaded.splice(0)) collection.close();
});

function loadC(source: string): Collection {
  const collection = loadObject(open(compileC(`#include "bpf.h"\n${source}`), { name: "links.bpf.o" }));
  loaded.push(collection);
  return collection;
}

const counter =
  'struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, __u32); __type(value, __u64); __uint(max_entries, 4); } hits SEC(".maps");';
const hit = (slot: number): string =>
  `__u32 slot = ${slot}; __u64 *n = bpf_map_lookup_elem(&hits, &slot); if (n) __sync_fetch_and_add(n, 1);`;
const hits = (app: Collection, slot: number): bigint => (app.map("hits") as ArrayMap<bigint>).get(slot) ?? 0n;

/** One refused connection to a port where nobody listens: enough for a connect hook. */
async function connectOnce(): Promise<void> {
  const socket = connect(1, "127.0.0.1");
  await once(socket, "error");
}

/** Sends datagrams to the peer, which are answered by ARP or ICMP, until `seen`. */
async function sendUntil(veth: Veth, seen: () => boolean): Promise<void> {
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  const deadline = Date.now() + 10_000;
  while (!seen() && Date.now() < deadline) {
    socket.send("x", 9, veth.peerAddress);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  socket.close();
  expect(seen()).toBe(true);
}

describeKernel(
  "links",
  () => {
    test("cgroup: runs until closed, update is atomic, both programs' links are counted right", async () => {
      using cgroup = makeCgroup();
      const app = loadC(`${counter}
        SEC("cgroup/connect4") int first(struct bpf_sock_addr *ctx) { ${hit(0)} return 1; }
        SEC("cgroup/connect4") int second(struct bpf_sock_addr *ctx) { ${hit(1)} return 1; }
        SEC("cgroup/connect6") int other(struct bpf_sock_addr *ctx) { return 1; }`);
      using _ = cgroup.enter();
      const link = app.program("first").attach({ cgroup: cgroup.path });
      expect(link.program).toBe(app.program("first"));
      expect((link as KernelLink).info().cgroupId).toBe(cgroup.id);
      await connectOnce();
      link.update(app.program("second"));
      expect(link.program).toBe(app.program("second"));
      await connectOnce();
      expect([hits(app, 0), hits(app, 1)]).toEqual([1n, 1n]);
      const mismatch = refusal(() => link.update(app.program("other")));
      expect(mismatch.code).toBe("TSB4046");
      link.close();
      link.close();
      expect(link.closed).toBe(true);
      await connectOnce();
      expect([hits(app, 0), hits(app, 1)]).toEqual([1n, 1n]);
      expect(refusal(() => link.update(app.program("first"))).code).toBe("TSB4060");
      expect(refusal(() => link.pin("/sys/fs/bpf/x")).code).toBe("TSB4060");
    });

    test("a link belongs to the program that runs: closing the old one leaves it", async () => {
      using cgroup = makeCgroup();
      const source = (slot: number) =>
        `${counter} SEC("cgroup/connect4") int count(struct bpf_sock_addr *ctx) { ${hit(slot)} return 1; }`;
      const old = loadC(source(0));
      const spec = open(compileC(`#include "bpf.h"\n${source(1)}`), { name: "next" });
      const next = loadObject(spec, { reuse: old });
      loaded.push(next);
      using _ = cgroup.enter();
      const link = old.program("count").attach({ cgroup: cgroup.path });
      await connectOnce();
      link.update(next.program("count"));
      old.close();
      expect(link.closed).toBe(false);
      await connectOnce();
      expect([hits(next, 0), hits(next, 1)]).toEqual([1n, 1n]);
      next.close();
      expect(link.closed).toBe(true);
    });

    test("a link stays attached when nothing refers to it", async () => {
      using cgroup = makeCgroup();
      const app = loadC(
        `${counter} SEC("cgroup/connect4") int count(struct bpf_sock_addr *ctx) { ${hit(0)} return 1; }`,
      );
      using _ = cgroup.enter();
      app.program("count").attach({ cgroup: cgroup.path });
      // Enough garbage that a collection happens; where `--expose-gc` is given it is certain.
      for (let index = 0; index < 50; index++) new Uint8Array(4 << 20).fill(1);
      (globalThis as { gc?: () => void }).gc?.();
      await new Promise((resolve) => setTimeout(resolve, 20));
      await connectOnce();
      expect(hits(app, 0)).toBe(1n);
    });

    test("cgroup: a removed cgroup severs the link", () => {
      const cgroup = makeCgroup();
      const app = loadC('SEC("cgroup/connect4") int p(struct bpf_sock_addr *ctx) { return 1; }');
      const link = app.program("p").attach({ cgroup: cgroup.path });
      cgroup[Symbol.dispose]();
      // The kernel detaches when the last reference to the cgroup goes, a moment later.
      const deadline = Date.now() + 5000;
      let error: BpfError | undefined;
      while (error === undefined && Date.now() < deadline) {
        try {
          link.update(app.program("p"));
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
        } catch (thrown) {
          error = thrown as BpfError;
        }
      }
      expect(error?.code).toBe("TSB4045");
    });

    test("wrong targets, each with its remedy", () => {
      using cgroup = makeCgroup();
      using folder = makeTemporary();
      const app = loadC(`SEC("cgroup/connect4") int p(struct bpf_sock_addr *ctx) { return 1; }
        SEC("xdp") int x(struct xdp_md *ctx) { return 2; }
        SEC("tc") int t(struct __sk_buff *skb) { return 0; }
        SEC("sk_lookup") int l(struct bpf_sk_lookup *ctx) { return 1; }
        SEC("sk_msg") int m(struct sk_msg_md *ctx) { return 1; }`);
      const attach = (program: string, target: object) =>
        refusal(() => app.program(program).attach(target as never));
      expect(attach("p", { cgroup: "/sys/fs/cgroup/nowhere" })).toMatchObject({ code: "TSB4042" });
      expect(attach("p", { cgroup: "/etc/passwd" })).toMatchObject({ code: "TSB4043" });
      expect(attach("p", { cgroup: folder.path })).toMatchObject({ code: "TSB4043" });
      expect(attach("p", { device: "lo" })).toMatchObject({ code: "TSB4040" });
      expect(attach("x", { cgroup: cgroup.path })).toMatchObject({ code: "TSB4040" });
      expect(attach("x", { device: "nosuchdevice" })).toMatchObject({ code: "TSB4042" });
      expect(attach("x", { device: "../../etc" })).toMatchObject({ code: "TSB4042" });
      expect(attach("x", { device: 0x7ffffff })).toMatchObject({ code: "TSB4042" });
      expect(attach("t", { device: "lo" })).toMatchObject({ code: "TSB4040" });
      expect(attach("t", { device: "lo", direction: "sideways" })).toMatchObject({ code: "TSB4023" });
      expect(attach("l", { netns: "/run/netns/nosuch" })).toMatchObject({ code: "TSB4042" });
      expect(attach("l", { netns: "/etc/passwd" })).toMatchObject({ code: "TSB4043" });
      expect(attach("m", { cgroup: cgroup.path })).toMatchObject({ code: "TSB4040" });
      expect(attach("m", {})).toMatchObject({ code: "TSB4040" });
      expect(attach("p", { cgroup: cgroup.path, flag: 1 })).toMatchObject({ code: "TSB4023" });
      expect(attach("p", { device: "lo" }).message).toBe(
        "attach program p: program `p` is of kind cgroup.connect4 and cannot be attached to a device (give a cgroup: `{ cgroup: path }`)",
      );
    });

    test("cgroup v1: says so and where v2 is", (context) => {
      const v1 = "/sys/fs/cgroup/cpu";
      const app = loadC('SEC("cgroup/connect4") int p(struct bpf_sock_addr *ctx) { return 1; }');
      let error: BpfError;
      try {
        error = refusal(() => app.program("p").attach({ cgroup: v1 }));
      } catch {
        return context.skip();
      }
      if (error.code === "TSB4042") return context.skip("no cgroup v1 is mounted here");
      expect(error.code).toBe("TSB4041");
      expect(error.message).toMatch(/cgroup v2 is mounted at \//);
    });

    test("xdp: native on veth, generic, busy, update", async () => {
      using netns = makeNetns();
      using veth = makeVeth(netns);
      const app = loadC(`${counter}
        SEC("xdp") int pass(struct xdp_md *ctx) { ${hit(0)} return XDP_PASS; }
        SEC("xdp") int drop(struct xdp_md *ctx) { ${hit(1)} return XDP_DROP; }`);
      const link = app.program("pass").attach({ device: veth.device, mode: "native" });
      expect((link as KernelLink).info().ifindex).toBe(veth.ifindex);
      await sendUntil(veth, () => hits(app, 0) > 0n);
      const second = refusal(() => app.program("drop").attach({ device: veth.device, mode: "native" }));
      expect(second.code).toBe("TSB4044");
      link.update(app.program("drop"));
      await sendUntil(veth, () => hits(app, 1) > 0n);
      link.close();
      using generic = app.program("pass").attach({ device: veth.ifindex, mode: "generic" });
      expect(generic.closed).toBe(false);
      expect(
        refusal(() => app.program("pass").attach({ device: veth.device, mode: "offload" })),
      ).toMatchObject({ name: "NotSupportedError" });
    });

    test.each([false, true])("tc on ingress and egress (classic: %s)", async (classic) => {
      using netns = makeNetns();
      using veth = makeVeth(netns);
      const app = loadC(`${counter}
        SEC("tc") int in(struct __sk_buff *skb) { ${hit(0)} return 0; }
        SEC("tc") int out(struct __sk_buff *skb) { ${hit(1)} return 0; }
        SEC("tc") int later(struct __sk_buff *skb) { ${hit(2)} return 0; }`);
      const input = app.program("in").attach({ device: veth.device, direction: "ingress", classic });
      const output = app.program("out").attach({ device: veth.device, direction: "egress", classic });
      await sendUntil(veth, () => hits(app, 0) > 0n && hits(app, 1) > 0n);
      output.update(app.program("later"));
      await sendUntil(veth, () => hits(app, 2) > 0n);
      if (classic) {
        expect(output.id).toBeUndefined();
        expect(refusal(() => output.pin("/sys/fs/bpf/x"))).toMatchObject({
          name: "NotSupportedError",
          code: "TSB4013",
        });
      } else expect(output.id).toBeGreaterThan(0);
      input.close();
      output.close();
      const before = [0, 1, 2].map((slot) => hits(app, slot));
      let rounds = 0;
      await sendUntil(veth, () => ++rounds > 5);
      expect([0, 1, 2].map((slot) => hits(app, slot))).toEqual(before);
      expect(execFileSync("tc", ["qdisc", "show", "dev", veth.device], { encoding: "utf8" })).not.toContain(
        "clsact",
      );
    });

    test("classic tc: the qdisc stays while another filter is in it", () => {
      using netns = makeNetns();
      using veth = makeVeth(netns);
      const app = loadC(
        `SEC("tc") int a(struct __sk_buff *skb) { return -1; } SEC("tc") int b(struct __sk_buff *skb) { return -1; }`,
      );
      const first = app
        .program("a")
        .attach({ device: veth.device, direction: "ingress", classic: true, priority: 5 });
      const second = app
        .program("b")
        .attach({ device: veth.device, direction: "ingress", classic: true, priority: 6 });
      const filters = () =>
        execFileSync("tc", ["filter", "show", "dev", veth.device, "ingress"], { encoding: "utf8" });
      expect(filters()).toContain("pref 5");
      second.close();
      expect(filters()).toContain("pref 5");
      expect(filters()).not.toContain("pref 6");
      first.close();
      expect(filters()).toBe("");
    });

    test("netns: sk_lookup in a namespace of its own", () => {
      using netns = makeNetns();
      const app = loadC('SEC("sk_lookup") int l(struct bpf_sk_lookup *ctx) { return 1; }');
      using link = app.program("l").attach({ netns: netns.path });
      expect((link as KernelLink).info().netnsIno).toBeGreaterThan(0);
    });

    test("socket map: sk_msg sees what is sent, a second program is refused", async () => {
      const app = loadC(`${counter}
        struct { __uint(type, BPF_MAP_TYPE_SOCKHASH); __type(key, __u32); __type(value, __u64); __uint(max_entries, 8); } sockets SEC(".maps");
        SEC("sk_msg") int verdict(struct sk_msg_md *msg) { ${hit(0)} return SK_PASS; }
        SEC("sk_msg") int second(struct sk_msg_md *msg) { ${hit(1)} return SK_PASS; }
        SEC("sk_skb/stream_verdict") int stream(struct __sk_buff *skb) { return SK_PASS; }`);
      const sockets = app.map("sockets") as SockHash<number>;
      const link = app.program("verdict").attach({ map: sockets });
      app.program("stream").attach({ map: sockets });
      expect(refusal(() => app.program("second").attach({ map: sockets })).code).toBe("TSB4044");

      const listener = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
      await once(listener, "listening");
      const client = connect((listener.address() as { port: number }).port, "127.0.0.1");
      await once(client, "connect");
      sockets.set(1, (client as unknown as { _handle: { fd: number } })._handle.fd);
      client.write("hello");
      expect(String((await once(client, "data"))[0])).toBe("hello");
      expect(hits(app, 0)).toBe(1n);
      link.update(app.program("second"));
      client.destroy();
      listener.close();
      link.close();
    });

    test("socket map without a link, as before Linux 6.10", async () => {
      const app = loadC(`${counter}
        struct { __uint(type, BPF_MAP_TYPE_SOCKMAP); __type(key, __u32); __type(value, __u64); __uint(max_entries, 8); } sockets SEC(".maps");
        SEC("sk_msg") int first(struct sk_msg_md *msg) { ${hit(0)} return SK_PASS; }
        SEC("sk_msg") int second(struct sk_msg_md *msg) { ${hit(1)} return SK_PASS; }`);
      const sockets = app.map("sockets") as SockMap;
      const listener = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
      await once(listener, "listening");
      const talk = async () => {
        const client = connect((listener.address() as { port: number }).port, "127.0.0.1");
        await once(client, "connect");
        sockets.set(1, (client as unknown as { _handle: { fd: number } })._handle.fd);
        client.write("hello");
        expect(String((await once(client, "data"))[0])).toBe("hello");
        client.destroy();
        await once(client, "close");
      };
      const link = app.program("first").attach({ map: sockets, classic: true });
      expect(link.id).toBeUndefined();
      await talk();
      link.update(app.program("second"));
      await talk();
      link.close();
      await talk();
      expect([hits(app, 0), hits(app, 1)]).toEqual([1n, 1n]);
      listener.close();
    });

    test("pins outlive the collection, and are found again", async () => {
      using cgroup = makeCgroup();
      using bpffs = ensureBpffs();
      const source = `${counter} SEC("cgroup/connect4") int count(struct bpf_sock_addr *ctx) { ${hit(0)} return 1; }`;
      const app = loadC(source);
      const folder = join(bpffs.path, "app", "deep");
      const link = app.program("count").attach({ cgroup: cgroup.path });
      link.pin(join(folder, "link"));
      app.map("hits").pin(join(folder, "hits"));
      app.program("count").pin(join(folder, "count"));
      expect(refusal(() => app.map("hits").pin(join(folder, "hits"))).code).toBe("TSB4051");
      app.close();
      using _ = cgroup.enter();
      await connectOnce();

      using map = openPinnedMap(join(folder, "hits"));
      expect((map as ArrayMap<bigint>).get(0)).toBe(1n);
      using program = openPinnedProgram(join(folder, "count"));
      expect(program.kind.type).toBe(18);
      using again = openPinnedLink(join(folder, "link"));
      const next = loadC(
        `${counter} SEC("cgroup/connect4") int count(struct bpf_sock_addr *ctx) { ${hit(1)} return 1; }`,
      );
      again.update(next.program("count"));
      await connectOnce();
      expect(hits(next, 1)).toBe(1n);
      again.unpin(join(folder, "link"));
      again.close();
      await connectOnce();
      expect(hits(next, 1)).toBe(1n);
      map.unpin(join(folder, "hits"));
      map.unpin(join(folder, "hits"));
      program.unpin(join(folder, "count"));
    });

    test("pins: only on bpffs, only where nobody else may write, only what was meant", () => {
      using bpffs = ensureBpffs();
      using folder = makeTemporary();
      const app = loadC(`${counter} SEC("xdp") int x(struct xdp_md *ctx) { return 2; }`);
      const map = app.map("hits");
      expect(refusal(() => map.pin(join(folder.path, "hits")))).toMatchObject({ code: "TSB4050" });
      expect(refusal(() => map.pin("/nowhere/at/all"))).toMatchObject({ code: "TSB4050" });
      mkdirSync(join(bpffs.path, "open"));
      execFileSync("chmod", ["0777", join(bpffs.path, "open")]);
      expect(refusal(() => map.pin(join(bpffs.path, "open", "hits")))).toMatchObject({ code: "TSB4053" });
      expect(refusal(() => openPinnedMap(join(bpffs.path, "nothing")))).toMatchObject({ code: "TSB4052" });
      expect(refusal(() => openPinnedMap("/etc/passwd"))).toMatchObject({ code: "TSB4050" });
      expect(refusal(() => map.unpin("/etc/hostname"))).toMatchObject({ code: "TSB4050" });
      app.program("x").pin(join(bpffs.path, "x"));
      expect(refusal(() => openPinnedMap(join(bpffs.path, "x")))).toMatchObject({ code: "TSB4043" });
      expect(refusal(() => openPinnedLink(join(bpffs.path, "x")))).toMatchObject({ code: "TSB4043" });
      map.pin(join(bpffs.path, "made", "by", "pin"));
      expect(execFileSync("stat", ["-c", "%a", join(bpffs.path, "made")], { encoding: "utf8" }).trim()).toBe(
        "700",
      );
    });

    test("maps pinned by name are shared with the next load", () => {
      using bpffs = ensureBpffs();
      const source = `#include "bpf.h"
        struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, __u32); __uint(max_entries, 4); __uint(pinning, 1); } kept SEC(".maps");
        SEC("xdp") int x(struct xdp_md *ctx) { return 2; }`;
      const first = loadObject(open(compileC(source)), { pinDirectory: bpffs.path });
      loaded.push(first);
      (first.map("kept") as ArrayMap<number>).set(1, 42);
      first.close();
      const second = loadObject(open(compileC(source)), { pinDirectory: bpffs.path });
      loaded.push(second);
      expect((second.map("kept") as ArrayMap<number>).get(1)).toBe(42);
      const changed = source.replace("__type(value, __u32)", "__type(value, __u64)");
      expect(refusal(() => loadObject(open(compileC(changed)), { pinDirectory: bpffs.path }))).toMatchObject({
        code: "TSB4036",
      });
      expect(binding().nextId("map", 0)).toBeDefined();
    });
  },
  "clang",
  "ip",
);
