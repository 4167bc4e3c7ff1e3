import { existsSync, readFileSync } from "node:fs";
import { attachTypes, mapTypes, programTypes } from "../compiler/kernel/uapi.gen.ts";
import { defaultPinRoot, isOnBpffs } from "./bpffs.ts";
import { errno, isSystemError } from "./errors.ts";
import { readMountinfo } from "./mountinfo.ts";
import { binding } from "./native.ts";

// What this kernel and this process can do, found out by doing it: version numbers say little where distributions backport and configure.
// A probe makes something small and closes it at once.

/** `unknown` where the probe itself was not permitted. */
export type Answer = "yes" | "no" | "unknown";

interface Feature {
  /** In words, for messages and `tsbpf doctor`. */
  readonly title: string;
  /** The first kernel that has it. */
  readonly since?: string;
  readonly probe: () => Answer;
}

/** `r0 = 1; exit`: every program type that is probed may do that. */
const minimal = new Uint8Array([0xb7, 0, 0, 0, 1, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]);

/** No file and no device has this number: a kernel that knows the link complains about it, and not about the request. */
const nowhere = 0x7ffffffe;

function attempt(action: () => { close(): void }): Answer {
  try {
    action().close();
    return "yes";
  } catch (error) {
    return isSystemError(error) && error.errno === errno.EPERM ? "unknown" : "no";
  }
}

function programProbe(type: number, expectedAttachType = 0): () => Answer {
  return () =>
    attempt(() =>
      binding().programLoad({
        type,
        expectedAttachType,
        license: "GPL",
        instructions: minimal,
        name: "tsbpf_probe",
      }),
    );
}

type Shape = readonly [keySize: number, valueSize: number, maxEntries: number, flags?: number];

function mapProbe(type: number, [keySize, valueSize, maxEntries, flags = 0]: Shape): () => Answer {
  return () =>
    attempt(() => binding().mapCreate({ type, name: "tsbpf_probe", keySize, valueSize, maxEntries, flags }));
}

function linkProbe(programType: number, attachType: number): () => Answer {
  return () => {
    let program: ReturnType<ReturnType<typeof binding>["programLoad"]>;
    try {
      program = binding().programLoad({
        type: programType,
        expectedAttachType: attachType,
        license: "GPL",
        instructions: minimal,
        name: "tsbpf_probe",
      });
    } catch (error) {
      return isSystemError(error) && error.errno === errno.EPERM ? "unknown" : "no";
    }
    try {
      binding().linkCreate(program, nowhere, attachType).close();
      return "yes";
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (error.errno === errno.EPERM) return "unknown";
      return error.errno === errno.EBADF || error.errno === errno.ENODEV ? "yes" : "no";
    } finally {
      program.close();
    }
  };
}

/** Bits of linux/capability.h. */
const capabilities = { net_admin: 12, net_raw: 13, sys_admin: 21, perfmon: 38, bpf: 39 } as const;

function capabilityProbe(bit: number): () => Answer {
  return () => {
    const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return mask !== undefined && ((BigInt(`0x${mask}`) >> BigInt(bit)) & 1n) === 1n ? "yes" : "no";
  };
}

const yesIf = (condition: boolean): Answer => (condition ? "yes" : "no");
const p = programTypes;
const a = attachTypes;
const m = mapTypes;

const features = {
  "program:sockOps": {
    title: "sockOps programs",
    since: "4.13",
    probe: programProbe(p.sock_ops, a.cgroup_sock_ops),
  },
  "program:skMsg": {
    title: "skMsg programs",
    since: "4.17",
    probe: programProbe(p.sk_msg, a.sk_msg_verdict),
  },
  "program:skSkb": {
    title: "skSkb programs",
    since: "4.14",
    probe: programProbe(p.sk_skb, a.sk_skb_stream_verdict),
  },
  "program:cgroup.connect": {
    title: "cgroup.connect programs",
    since: "4.17",
    probe: programProbe(p.cgroup_sock_addr, a.cgroup_inet4_connect),
  },
  "program:cgroup.skb": {
    title: "cgroup.skb programs",
    since: "4.10",
    probe: programProbe(p.cgroup_skb, a.cgroup_inet_ingress),
  },
  "program:xdp": { title: "xdp programs", since: "4.8", probe: programProbe(p.xdp, a.xdp) },
  "program:tc": { title: "tc programs", since: "4.1", probe: programProbe(p.sched_cls) },
  "map:hash": { title: "hash maps", since: "3.19", probe: mapProbe(m.hash, [4, 4, 1]) },
  "map:lru_hash": { title: "LRU hash maps", since: "4.10", probe: mapProbe(m.lru_hash, [4, 4, 1]) },
  "map:array": { title: "array maps", since: "3.19", probe: mapProbe(m.array, [4, 4, 1]) },
  "map:percpu_hash": { title: "per-CPU hash maps", since: "4.6", probe: mapProbe(m.percpu_hash, [4, 4, 1]) },
  "map:percpu_array": {
    title: "per-CPU array maps",
    since: "4.6",
    probe: mapProbe(m.percpu_array, [4, 4, 1]),
  },
  // BPF_F_NO_PREALLOC is obligatory (kernel/bpf/lpm_trie.c, trie_alloc).
  "map:lpm_trie": { title: "LPM tries", since: "4.11", probe: mapProbe(m.lpm_trie, [8, 4, 1, 1]) },
  "map:sockmap": { title: "socket maps", since: "4.14", probe: mapProbe(m.sockmap, [4, 4, 1]) },
  "map:sockhash": { title: "socket hash maps", since: "4.18", probe: mapProbe(m.sockhash, [4, 4, 1]) },
  "map:sk_storage": {
    title: "socket storage",
    since: "5.2",
    probe: () => skStorage(),
  },
  "map:ringbuf": { title: "ring buffers", since: "5.8", probe: mapProbe(m.ringbuf, [0, 0, 4096]) },
  "link:cgroup": {
    title: "cgroup links",
    since: "5.7",
    probe: linkProbe(p.cgroup_skb, a.cgroup_inet_ingress),
  },
  "link:netns": {
    title: "network namespace links",
    since: "5.8",
    probe: linkProbe(p.sk_lookup, a.sk_lookup),
  },
  "link:tcx": { title: "tcx links", since: "6.6", probe: linkProbe(p.sched_cls, a.tcx_ingress) },
  "link:sockmap": {
    title: "links on socket maps",
    since: "6.10",
    probe: linkProbe(p.sk_msg, a.sk_msg_verdict),
  },
  "kernel:btf": { title: "the kernel's BTF", probe: () => yesIf(existsSync("/sys/kernel/btf/vmlinux")) },
  "mount:bpffs": { title: `bpffs at ${defaultPinRoot}`, probe: () => yesIf(isOnBpffs(defaultPinRoot)) },
  "mount:cgroup2": {
    title: "cgroup v2",
    probe: () => yesIf(readMountinfo().some((mount) => mount.fsType === "cgroup2")),
  },
  "capability:bpf": { title: "CAP_BPF", since: "5.8", probe: capabilityProbe(capabilities.bpf) },
  "capability:net_admin": { title: "CAP_NET_ADMIN", probe: capabilityProbe(capabilities.net_admin) },
  "capability:perfmon": { title: "CAP_PERFMON", since: "5.8", probe: capabilityProbe(capabilities.perfmon) },
  "capability:sys_admin": { title: "CAP_SYS_ADMIN", probe: capabilityProbe(capabilities.sys_admin) },
} as const satisfies Record<string, Feature>;

/** A name such as `link:tcx`, `map:ringbuf`, `capability:bpf`. */
export type FeatureName = keyof typeof features;

/** Storage maps demand BTF for their keys and values (kernel/bpf/bpf_local_storage.c, bpf_local_storage_map_alloc_check). */
function skStorage(): Answer {
  const shape = {
    type: m.sk_storage,
    name: "tsbpf_probe",
    keySize: 4,
    valueSize: 4,
    maxEntries: 0,
    flags: 1,
  };
  let btf: ReturnType<ReturnType<typeof binding>["btfLoad"]> | undefined;
  try {
    btf = binding().btfLoad(intBtf());
    const types = { btf, keyTypeId: 1, valueTypeId: 1 };
    binding()
      .mapCreate({ ...shape, ...types })
      .close();
    return "yes";
  } catch (error) {
    return isSystemError(error) && error.errno === errno.EPERM ? "unknown" : "no";
  } finally {
    btf?.close();
  }
}

/** BTF of one type, `int`. */
function intBtf(): Uint8Array {
  const bytes = new Uint8Array(24 + 16 + 5);
  const view = new DataView(bytes.buffer);
  const le = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  view.setUint16(0, 0xeb9f, le);
  view.setUint8(2, 1);
  // Lengths of header and types, then name, kind, size and encoding of the one type: from byte 4 on.
  const words = [24, 0, 16, 16, 5, 1, 1 << 24, 4, (1 << 24) | 32];
  for (const [index, word] of words.entries()) view.setUint32(4 + index * 4, word, le);
  bytes.set(new TextEncoder().encode("\0int\0"), 40);
  return bytes;
}

const known = new Map<FeatureName, Answer>();

/** Whether this kernel, or this process, has a feature. Probed once; what could not be probed is asked again. */
export function probeFeature(name: FeatureName): Answer {
  const before = known.get(name);
  if (before !== undefined) return before;
  const answer = features[name].probe();
  if (answer !== "unknown" && !name.startsWith("mount:")) known.set(name, answer);
  return answer;
}

/** @internal For explaining failures: false only where the feature is certainly missing. */
export function hasFeature(name: FeatureName): boolean {
  return probeFeature(name) !== "no";
}

export interface FeatureReport {
  readonly name: FeatureName;
  readonly title: string;
  readonly since: string | undefined;
  readonly answer: Answer;
}

/** Every feature that the runtime may use, in the order of a report. */
export function probeFeatures(): FeatureReport[] {
  return (Object.keys(features) as FeatureName[]).map((name) => {
    const feature: Feature = features[name];
    return { name, title: feature.title, since: feature.since, answer: probeFeature(name) };
  });
}
