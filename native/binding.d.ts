// The addon's whole surface. Thin: arguments are checked and defaulted by `runtime/`, never here.
//
// Every function throws on failure an `Error` with `errno` (positive), `code` ("EPERM"), `operation` ("map_update_elem") and, where libbpf or
// the verifier said something, `log`. All 64-bit numbers are bigint. A `Descriptor` closes its file descriptor on `close()`, on garbage
// collection and when its environment (worker, process) ends; using a closed one throws with code "EBADF".

export class Descriptor {
  private constructor();
  /** The number, while open. Throws EBADF once closed. */
  readonly fd: number;
  readonly closed: boolean;
  /** Idempotent. */
  close(): void;
}

export interface MapSummary {
  /** As in the object file; an internal map's is that of its section (`.rodata`). */
  readonly name: string;
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly numaNode: number;
  readonly keyTypeId: number;
  readonly valueTypeId: number;
  readonly pinPath?: string;
  /** `.data`, `.rodata`, `.bss`, `.kconfig` and struct_ops maps that libbpf makes. */
  readonly internal: boolean;
  /** The initial image of an internal map. */
  readonly initial?: Uint8Array;
}

export interface ProgramSummary {
  readonly name: string;
  readonly section: string;
  readonly type: number;
  readonly expectedAttachType: number;
  readonly autoload: boolean;
  readonly instructionCount: number;
}

export interface MapEdit {
  type?: number;
  keySize?: number;
  valueSize?: number;
  maxEntries?: number;
  flags?: number;
  numaNode?: number;
  /** `null` unsets. */
  pinPath?: string | null;
  autocreate?: boolean;
  initial?: Uint8Array;
  /** Use this map instead of making one. */
  reuse?: Descriptor;
}

export interface ProgramEdit {
  autoload?: boolean;
  type?: number;
  expectedAttachType?: number;
  attachTarget?: { readonly fd: number; readonly name: string };
  flags?: number;
}

export interface ObjectLoadOptions {
  /**
   * 0 none, 1 verifier log, 2 verbose, 4 statistics. With 0 a refused program is loaded once more with 1 to have the log. A log has room for
   * 16 MiB: a program that the verifier writes more about (with 2) is refused with ENOSPC.
   */
  readonly logLevel?: number;
}

export interface ObjectOpenOptions {
  readonly name: string;
  /** Where maps that the object asks to pin by name go. libbpf's default is `/sys/fs/bpf`. */
  readonly pinRoot?: string;
  /** BTF to relocate against instead of `/sys/kernel/btf/vmlinux`. libbpf takes it at open only. */
  readonly kernelBtfPath?: string;
}

/** A libbpf `bpf_object`, from open to load. After `load()` take what is wanted and `close()`: the descriptors taken stay. */
export class BpfObject {
  constructor(bytes: Uint8Array, options: ObjectOpenOptions);
  readonly maps: readonly MapSummary[];
  readonly programs: readonly ProgramSummary[];
  editMap(name: string, edit: MapEdit): void;
  editProgram(name: string, edit: ProgramEdit): void;
  /**
   * Once only. On failure the error carries `log` (libbpf's lines), `programs`: per program name the verifier's log (an object without
   * prototype, only programs that have a log), and `program`: the name of the one that was refused, where it was one.
   */
  load(options: ObjectLoadOptions): void;
  /** A new descriptor of its own (dup, CLOEXEC). Only after load. */
  mapDescriptor(name: string): Descriptor;
  programDescriptor(name: string): Descriptor;
  /** The verifier's log of a loaded program, where one was asked for. */
  programLog(name: string): string;
  btfDescriptor(): Descriptor | undefined;
  close(): void;
}

export interface MapInfo {
  readonly id: number;
  readonly type: number;
  readonly name: string;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly btfId: number;
  readonly keyTypeId: number;
  readonly valueTypeId: number;
}

export interface ProgramInfo {
  readonly id: number;
  readonly type: number;
  readonly name: string;
  /** Lower-case hex. */
  readonly tag: string;
  readonly jitedLength: number;
  readonly translatedLength: number;
  readonly verifiedInstructions: number;
  readonly runCount: bigint;
  readonly runTimeNs: bigint;
  readonly mapIds: readonly number[];
  readonly btfId: number;
  /** The translated instructions, 8 bytes each, where the kernel lets us have them. */
  readonly instructions?: Uint8Array;
}

export interface LinkInfo {
  readonly id: number;
  readonly type: number;
  readonly programId: number;
  /** 0 where the target is gone or has no such number. */
  readonly cgroupId?: bigint;
  readonly attachType?: number;
  readonly ifindex?: number;
  readonly netnsIno?: number;
  readonly mapId?: number;
}

export interface TestRunOptions {
  readonly data?: Uint8Array;
  readonly context?: Uint8Array;
  readonly repeat?: number;
  readonly flags?: number;
  readonly cpu?: number;
  /** Bytes to make room for in the result's `data`. Default: as many as `data` and 256 more. */
  readonly dataSizeOut?: number;
}

export interface TestRunResult {
  readonly returnValue: number;
  readonly durationNs: number;
  readonly data?: Uint8Array;
  readonly context?: Uint8Array;
}

export interface RawProgram {
  readonly type: number;
  readonly expectedAttachType?: number;
  readonly name?: string;
  readonly license?: string;
  readonly instructions: Uint8Array;
  readonly logLevel?: number;
  readonly attachBtfId?: number;
}

export interface MapShape {
  readonly type: number;
  readonly name?: string;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags?: number;
  readonly innerMap?: Descriptor;
  readonly btf?: Descriptor;
  readonly keyTypeId?: number;
  readonly valueTypeId?: number;
}

/**
 * Delivers records on the event loop: an epoll descriptor watched by libuv, no thread and no timer. Until `close()` it is kept from garbage
 * collection, with its callback. It has a descriptor of its own: the map's may be closed.
 */
export class RingBufferReader {
  /**
   * `onRecords` gets the records that were there, copies, in order, up to 1024 at once. Those of one call share an `ArrayBuffer`, each at a
   * multiple of 8. It is called on the event loop only (and from within `consume()`); if it throws, the error goes to `uncaughtException`
   * as from any callback, and the reader goes on.
   */
  constructor(map: Descriptor, onRecords: (records: Uint8Array[]) => void);
  /**
   * Stop and start taking records, so that a slow consumer is felt in the kernel's buffer and not in memory here. A paused reader does not
   * keep the process alive.
   */
  pause(): void;
  resume(): void;
  /** Takes what is there now, without waiting, also when paused. Returns how many were delivered. What `onRecords` throws comes out here. */
  consume(): number;
  /** Whether the reader keeps the process alive. On by default. */
  ref(): void;
  unref(): void;
  close(): void;
}

export function libbpfVersion(): string;

export function mapLookup(
  map: Descriptor,
  key: Uint8Array,
  valueSize: number,
  flags?: bigint,
): Uint8Array | undefined;
export function mapLookupAndDelete(
  map: Descriptor,
  key: Uint8Array,
  valueSize: number,
  flags?: bigint,
): Uint8Array | undefined;
export function mapUpdate(map: Descriptor, key: Uint8Array, value: Uint8Array, flags?: bigint): void;
/**
 * Writes bytes of the one value of an array map without touching those beside them, through its memory; up to 8 aligned bytes in one piece.
 * Only for maps with BPF_F_MMAPABLE (5.5) that are not frozen.
 */
export function mapWriteAt(map: Descriptor, offset: number, bytes: Uint8Array): void;
/** False where there was no such key. */
export function mapDelete(map: Descriptor, key: Uint8Array): boolean;
/** `undefined` after the last. */
export function mapNextKey(
  map: Descriptor,
  key: Uint8Array | undefined,
  keySize: number,
): Uint8Array | undefined;
export interface Batch {
  readonly count: number;
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
  /** To be handed to the next call; `undefined` at the end. */
  readonly cursor: Uint8Array | undefined;
}
/**
 * At most `count` elements, of which the kernel takes a hash map's bucket as a whole: with ENOSPC a bucket has more, ask for more at once.
 * `cursor` is `undefined` for the first batch.
 */
export function mapLookupBatch(
  map: Descriptor,
  cursor: Uint8Array | undefined,
  count: number,
  keySize: number,
  valueSize: number,
  options?: { readonly delete?: boolean },
): Batch;
/** How many were written: all, or the error says at which it stopped in `count`. */
export function mapUpdateBatch(
  map: Descriptor,
  keys: Uint8Array,
  values: Uint8Array,
  count: number,
  flags?: bigint,
): number;
export function mapDeleteBatch(map: Descriptor, keys: Uint8Array, count: number): number;
export function mapFreeze(map: Descriptor): void;
export function mapCreate(shape: MapShape): Descriptor;
/** `possible` CPUs: how many values a per-CPU map's entry has. */
export function possibleCpus(): number;

export function mapInfo(map: Descriptor): MapInfo;
export function programInfo(program: Descriptor, options?: { readonly instructions?: boolean }): ProgramInfo;
export function linkInfo(link: Descriptor): LinkInfo;
/** Raw BTF of a descriptor from `btfById`. */
export function btfData(btf: Descriptor): Uint8Array;
export function btfById(id: number): Descriptor;
export function btfLoad(data: Uint8Array): Descriptor;
export function mapById(id: number): Descriptor;
export function programById(id: number): Descriptor;
export function linkById(id: number): Descriptor;
/** `undefined` after the last. */
export function nextId(kind: "program" | "map" | "btf" | "link", after: number): number | undefined;

export function programLoad(program: RawProgram): Descriptor;
export function programTestRun(program: Descriptor, options: TestRunOptions): TestRunResult;

/** Pins a map, program or link. */
export function pin(object: Descriptor, path: string): void;
export function getPinned(path: string): Descriptor;

/** Opens a file, folder, cgroup or namespace for use as an attach target, with CLOEXEC. */
export function openPath(path: string): Descriptor;

/** `bpf_link_create`: cgroup and netns by descriptor, xdp and tcx by interface index, sockmap by the map's descriptor. */
export function linkCreate(
  program: Descriptor,
  target: Descriptor | number,
  attachType: number,
  options?: {
    readonly flags?: number;
    readonly tcx?: { readonly relativeFd?: number; readonly expectedRevision?: bigint };
  },
): Descriptor;
export function linkUpdate(
  link: Descriptor,
  program: Descriptor,
  options?: { readonly old?: Descriptor; readonly flags?: number },
): void;
export function linkDetach(link: Descriptor): void;

/** `bpf_prog_attach`: for kernels without a link for the target. The caller detaches. */
export function programAttach(
  program: Descriptor,
  target: Descriptor,
  attachType: number,
  flags?: number,
): void;
export function programDetach(program: Descriptor, target: Descriptor, attachType: number): void;

/** The interface index of a device of this thread's network namespace; `undefined` where it has none of that name. */
export function deviceIndex(name: string): number | undefined;
export function deviceName(index: number): string | undefined;

/** Classic tc: makes the clsact qdisc where there is none. */
export function tcAttach(
  program: Descriptor,
  ifindex: number,
  direction: "ingress" | "egress",
  options?: { readonly handle?: number; readonly priority?: number; readonly replace?: boolean },
): { readonly handle: number; readonly priority: number; readonly createdQdisc: boolean };
export function tcDetach(
  ifindex: number,
  direction: "ingress" | "egress",
  filter: { readonly handle: number; readonly priority: number; readonly createdQdisc: boolean },
): void;
/** XDP by netlink, for kernels without an XDP link. */
export function xdpAttach(program: Descriptor, ifindex: number, flags: number): void;
export function xdpDetach(program: Descriptor, ifindex: number, flags: number): void;

/** Raises RLIMIT_MEMLOCK, which kernels before 5.11 charge BPF memory to. */
export function raiseMemlock(): void;

/** `bpf_enable_stats(BPF_STATS_RUN_TIME)`: run counts and times are kept while the descriptor is open. */
export function enableStats(): Descriptor;

/** libbpf's messages of this environment since the last call, at warning level and above (all with `TSBPF_LIBBPF_DEBUG=1`). */
export function takeLog(): string;
