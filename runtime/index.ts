// The user-space side: `open → edit → load → attach → read`. See `load` for the short way.

export type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
export { formatIp4, formatIp6, ip4, ip6 } from "./addresses.ts";
export { Collection } from "./collection.ts";
export { BpfError, NotSupportedError } from "./errors.ts";
export {
  type Answer,
  type FeatureName,
  type FeatureReport,
  probeFeature,
  probeFeatures,
} from "./features.ts";
export type { AttachTarget, MapTarget } from "./links/attach.ts";
export type { CgroupTarget } from "./links/cgroup.ts";
export { cgroup2Mount } from "./links/cgroup.ts";
export { KernelLink, Link } from "./links/link.ts";
export type { NetnsTarget } from "./links/netns.ts";
export { openPinnedLink } from "./links/pinned.ts";
export type { Direction, TcTarget } from "./links/tc.ts";
export type { XdpMode, XdpTarget } from "./links/xdp.ts";
export { CompileError, type LoadOptions, load, type MapChanges } from "./load.ts";
export { type LoadObjectOptions, loadObject } from "./load-object.ts";
export type { LogRecord, ProgramLog } from "./log.ts";
export type { MapSpec, MapType } from "./map-definitions.ts";
export { ArrayMap } from "./maps/array.ts";
export { BpfMap } from "./maps/bpf-map.ts";
export { HashMap } from "./maps/hash.ts";
export { KeyedMap, type SetMode } from "./maps/keyed-map.ts";
export { LpmTrie } from "./maps/lpm-trie.ts";
export { LruHashMap } from "./maps/lru-hash.ts";
export { openPinnedMap } from "./maps/open.ts";
export { PerCpuArray, PerCpuHashMap } from "./maps/per-cpu.ts";
export { ProgArray } from "./maps/prog-array.ts";
export { RingBuffer, type RingBufferOptions, type Subscription } from "./maps/ring-buffer.ts";
export { SkStorage } from "./maps/sk-storage.ts";
export { SocketMap, SockHash, SockMap } from "./maps/socket-maps.ts";
export type { LogArgument, LogLevel, LogSite, ObjectMetadata } from "./metadata.ts";
export { openPinnedProgram } from "./pinned-program.ts";
export { Program, type ProgramRunOptions, type ProgramRunResult } from "./program.ts";
export type { AttachPoint, ProgramKind } from "./program-kinds.ts";
export { type ObjectSpec, open, type ProgramSpec } from "./spec.ts";
export type { GlobalsOf, MapsOf, ProgramsOf, TypedProgram, User } from "./types.ts";
export { type SourcePlace, VerifierError } from "./verifier-error.ts";
