import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Binding, binding } from "../../runtime/native.ts";
import {
  addonPath,
  compileC,
  describeKernel,
  ensureBpffs,
  makeCgroup,
  makeNetns,
  makeVeth,
  type Netns,
  type Veth,
} from "../support/kernel.ts";

// include/uapi/linux/bpf.h: enum bpf_attach_type, bpf_link_type, bpf_prog_type.
const CGROUP_INET_EGRESS = 1;
const SK_SKB_STREAM_VERDICT = 5;
const XDP = 37;
const TCX_INGRESS = 46;
const TCX_EGRESS = 47;
const LINK_CGROUP = 3;
const LINK_XDP = 6;
const LINK_TCX = 11;
const LINK_SOCKMAP = 14;
const F_ALLOW_MULTI = 2;
const F_BEFORE = 8;
// include/uapi/linux/if_link.h: XDP_FLAGS_SKB_MODE. The generic hook is there for every device.
const XDP_SKB_MODE = 2;

const SOURCE = `
#include "bpf.h"
struct { __uint(type, BPF_MAP_TYPE_SOCKMAP); __uint(max_entries, 8); __type(key, __u32); __type(value, __u64); } sockets SEC(".maps");
__u64 packets;
SEC("cgroup_skb/egress") int egress_one(struct __sk_buff *skb) { __sync_fetch_and_add(&packets, 1); return 1; }
SEC("cgroup_skb/egress") int egress_two(struct __sk_buff *skb) { return 1; }
SEC("sk_skb/stream_verdict") int verdict(struct __sk_buff *skb) { return SK_PASS; }
SEC("xdp") int xdp_pass(struct xdp_md *ctx) { __sync_fetch_and_add(&packets, 1); return XDP_PASS; }
SEC("xdp") int xdp_other(struct xdp_md *ctx) { return XDP_PASS; }
SEC("tc") int tc_one(struct __sk_buff *skb) { __sync_fetch_and_add(&packets, 1); return -1; }
SEC("tc") int tc_two(struct __sk_buff *skb) { return -1; }
`;

const PROGRAMS = [
  "egress_one",
  "egress_two",
  "verdict",
  "xdp_pass",
  "xdp_other",
  "tc_one",
  "tc_two",
] as const;

function errorOf(body: () => unknown): Error & { code?: string; log?: string } {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

/** Lets a packet arrive at this end of the pair; bash has UDP built in. */
function send(netns: Netns, veth: Veth): void {
  netns.run("bash", "-c", `echo >/dev/udp/${veth.address}/9`);
}

/** Closes when its scope ends, also where an expectation failed: an open link would keep its program attached. */
function owned(descriptor: Binding.Descriptor): Binding.Descriptor & Disposable {
  return Object.assign(descriptor, { [Symbol.dispose]: () => descriptor.close() });
}

describeKernel(
  "native links",
  () => {
    const programs = {} as Record<(typeof PROGRAMS)[number], Binding.Descriptor>;
    let sockets: Binding.Descriptor;
    let bss: Binding.Descriptor;

    beforeAll(() => {
      const native = binding();
      const object = new native.BpfObject(compileC(SOURCE), { name: "links" });
      object.load({});
      for (const name of PROGRAMS) programs[name] = object.programDescriptor(name);
      sockets = object.mapDescriptor("sockets");
      bss = object.mapDescriptor(".bss");
      object.close();
    });
    afterAll(() => {
      for (const descriptor of [...Object.values(programs), sockets, bss]) descriptor.close();
    });

    const programId = (program: Binding.Descriptor) => binding().programInfo(program).id;
    const packets = () =>
      new DataView((binding().mapLookup(bss, new Uint8Array(4), 8) as Uint8Array).buffer).getBigUint64(
        0,
        true,
      );

    test("a cgroup link is made, updated, detached", () => {
      const native = binding();
      using cgroup = makeCgroup("links");
      using folder = owned(native.openPath(cgroup.path));
      using link = owned(native.linkCreate(programs.egress_one, folder, CGROUP_INET_EGRESS));
      const info = native.linkInfo(link);
      expect(info).toMatchObject({
        type: LINK_CGROUP,
        programId: programId(programs.egress_one),
        cgroupId: cgroup.id,
        attachType: CGROUP_INET_EGRESS,
      });
      using found = owned(native.linkById(info.id));
      expect(native.linkInfo(found)).toEqual(info);

      native.linkUpdate(link, programs.egress_two);
      expect(native.linkInfo(link).programId).toBe(programId(programs.egress_two));
      const raced = errorOf(() => native.linkUpdate(link, programs.egress_one, { old: programs.egress_one }));
      expect(raced).toMatchObject({ code: "EPERM", operation: "link_update" });
      native.linkUpdate(link, programs.egress_one, { old: programs.egress_two });
      expect(native.linkInfo(link).programId).toBe(programId(programs.egress_one));

      native.linkDetach(link);
      expect(native.linkInfo(link).cgroupId).toBe(0n);
      expect(errorOf(() => native.linkUpdate(link, programs.egress_two))).toMatchObject({ code: "ENOLINK" });
    });

    test("a closed link is gone from the kernel, a pinned one is not", () => {
      const native = binding();
      using cgroup = makeCgroup("links");
      using bpffs = ensureBpffs();
      using folder = owned(native.openPath(cgroup.path));
      const link = native.linkCreate(programs.egress_one, folder, CGROUP_INET_EGRESS);
      const { id } = native.linkInfo(link);
      const path = join(bpffs.path, "link");
      native.pin(link, path);
      link.close();
      {
        using pinned = owned(native.getPinned(path));
        expect(native.linkInfo(pinned).id).toBe(id);
        native.linkDetach(pinned);
      }
      const second = native.linkCreate(programs.egress_one, folder, CGROUP_INET_EGRESS);
      const gone = native.linkInfo(second).id;
      second.close();
      expect(errorOf(() => native.linkById(gone))).toMatchObject({ code: "ENOENT" });
    });

    test("a program is attached to a cgroup without a link", () => {
      const native = binding();
      using cgroup = makeCgroup("links");
      using folder = owned(native.openPath(cgroup.path));
      native.programAttach(programs.egress_one, folder, CGROUP_INET_EGRESS, F_ALLOW_MULTI);
      expect(
        errorOf(() => native.programDetach(programs.egress_two, folder, CGROUP_INET_EGRESS)),
      ).toMatchObject({
        code: "ENOENT",
      });
      native.programDetach(programs.egress_one, folder, CGROUP_INET_EGRESS);
      expect(
        errorOf(() => native.programDetach(programs.egress_one, folder, CGROUP_INET_EGRESS)),
      ).toMatchObject({
        code: "ENOENT",
      });
    });

    test("a sockmap takes a program by link, and without one", () => {
      const native = binding();
      {
        using link = owned(native.linkCreate(programs.verdict, sockets, SK_SKB_STREAM_VERDICT));
        expect(native.linkInfo(link)).toMatchObject({
          type: LINK_SOCKMAP,
          mapId: native.mapInfo(sockets).id,
          attachType: SK_SKB_STREAM_VERDICT,
          programId: programId(programs.verdict),
        });
      }
      native.programAttach(programs.verdict, sockets, SK_SKB_STREAM_VERDICT);
      native.programDetach(programs.verdict, sockets, SK_SKB_STREAM_VERDICT);
    });

    test("XDP: by link and by netlink, each leaving the other's program alone", () => {
      const native = binding();
      using netns = makeNetns("links");
      using veth = makeVeth(netns);
      {
        using link = owned(native.linkCreate(programs.xdp_pass, veth.ifindex, XDP, { flags: XDP_SKB_MODE }));
        expect(native.linkInfo(link)).toMatchObject({ type: LINK_XDP, ifindex: veth.ifindex });
        const before = packets();
        send(netns, veth);
        expect(packets()).toBeGreaterThan(before);
        expect(errorOf(() => native.xdpAttach(programs.xdp_other, veth.ifindex, XDP_SKB_MODE))).toMatchObject(
          { code: "EBUSY" },
        );
      }
      native.xdpAttach(programs.xdp_pass, veth.ifindex, XDP_SKB_MODE);
      expect(errorOf(() => native.xdpDetach(programs.xdp_other, veth.ifindex, XDP_SKB_MODE))).toMatchObject({
        code: "EEXIST",
      });
      native.xdpDetach(programs.xdp_pass, veth.ifindex, XDP_SKB_MODE);
      // Nothing is left in the way of a link.
      owned(native.linkCreate(programs.xdp_pass, veth.ifindex, XDP, { flags: XDP_SKB_MODE }))[
        Symbol.dispose
      ]();
      expect(errorOf(() => native.linkCreate(programs.xdp_pass, 2_000_000_000, XDP))).toMatchObject({
        code: "EINVAL",
      });
    });

    test("tcx links stand in the order asked for", () => {
      const native = binding();
      using netns = makeNetns("links");
      using veth = makeVeth(netns);
      using link = owned(native.linkCreate(programs.tc_one, veth.ifindex, TCX_INGRESS));
      expect(native.linkInfo(link)).toMatchObject({
        type: LINK_TCX,
        ifindex: veth.ifindex,
        attachType: TCX_INGRESS,
      });
      const options = { flags: F_BEFORE, tcx: { relativeFd: programs.tc_one.fd } };
      using second = owned(native.linkCreate(programs.tc_two, veth.ifindex, TCX_INGRESS, options));
      expect(native.linkInfo(second).programId).toBe(programId(programs.tc_two));
      const stale = { tcx: { expectedRevision: 1n } };
      expect(
        errorOf(() => native.linkCreate(programs.tc_two, veth.ifindex, TCX_INGRESS, stale)),
      ).toMatchObject({ code: "ESTALE" });
      const before = packets();
      send(netns, veth);
      expect(packets()).toBeGreaterThan(before);
      using other = owned(native.linkCreate(programs.tc_two, veth.ifindex, TCX_EGRESS));
      expect(native.linkInfo(other).attachType).toBe(TCX_EGRESS);
    });

    test("classic tc makes the qdisc it needs, and takes it away when it is empty", () => {
      const native = binding();
      using netns = makeNetns("links");
      using veth = makeVeth(netns);
      const qdiscs = () => execFileSync("tc", ["qdisc", "show", "dev", veth.device], { encoding: "utf8" });
      const filter = native.tcAttach(programs.tc_one, veth.ifindex, "ingress");
      expect(filter).toMatchObject({ createdQdisc: true, handle: 1 });
      expect(filter.priority).toBeGreaterThan(0);
      expect(qdiscs()).toContain("clsact");
      const second = native.tcAttach(programs.tc_two, veth.ifindex, "egress", { handle: 5, priority: 9 });
      expect(second).toEqual({ handle: 5, priority: 9, createdQdisc: false });
      const taken = { handle: 5, priority: 9 };
      expect(errorOf(() => native.tcAttach(programs.tc_one, veth.ifindex, "egress", taken))).toMatchObject({
        code: "EEXIST",
      });
      native.tcAttach(programs.tc_one, veth.ifindex, "egress", { ...taken, replace: true });
      const before = packets();
      send(netns, veth);
      expect(packets()).toBeGreaterThan(before);

      // Another filter is in it: the qdisc stays, until the last goes.
      native.tcDetach(veth.ifindex, "ingress", filter);
      expect(qdiscs()).toContain("clsact");
      expect(errorOf(() => native.tcDetach(veth.ifindex, "ingress", filter))).toMatchObject({
        code: "ENOENT",
      });
      native.tcDetach(veth.ifindex, "egress", { ...second, createdQdisc: true });
      expect(qdiscs()).not.toContain("clsact");
    });

    test("interface numbers are those of the namespace the process is in", () => {
      using netns = makeNetns("links");
      netns.ip("link", "add", "inner0", "type", "veth", "peer", "name", "inner1");
      const script = `
        const native = require(${JSON.stringify(addonPath)});
        const index = Number(require("fs").readFileSync("/sys/class/net/inner1/ifindex", "utf8"));
        const code = Uint8Array.from([0xb7, 0, 0, 0, 2, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]);
        const program = native.programLoad({ type: 6, instructions: code, expectedAttachType: ${XDP} });
        const link = native.linkCreate(program, index, ${XDP}, { flags: ${XDP_SKB_MODE} });
        console.log(JSON.stringify([index, native.linkInfo(link).ifindex]));
        link.close();
      `;
      const [index, linked] = JSON.parse(netns.run(process.execPath, "-e", script));
      expect(linked).toBe(index);
    });

    test("what cannot be attached says why", () => {
      const native = binding();
      using cgroup = makeCgroup("links");
      using folder = owned(native.openPath(cgroup.path));
      const wrong = errorOf(() => native.linkCreate(programs.xdp_pass, folder, CGROUP_INET_EGRESS));
      expect(wrong).toMatchObject({ code: "EINVAL", operation: "link_create" });
      expect(errorOf(() => native.linkCreate(folder, folder, CGROUP_INET_EGRESS))).toMatchObject({
        code: "EINVAL",
      });
      folder.close();
      expect(errorOf(() => native.linkCreate(programs.egress_one, folder, CGROUP_INET_EGRESS))).toMatchObject(
        { code: "EBADF" },
      );
      expect(errorOf(() => native.tcAttach(programs.tc_one, 2_000_000_000, "ingress"))).toMatchObject({
        code: "ENODEV",
      });
      expect(() => native.tcAttach(programs.tc_one, 0, "ingress")).toThrow(TypeError);
      expect(() => native.tcAttach(programs.tc_one, 1, "sideways" as "ingress")).toThrow(TypeError);
    });
  },
  "clang",
  "ip",
);
