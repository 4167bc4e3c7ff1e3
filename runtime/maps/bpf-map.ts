import { closedObject } from "../../compiler/diagnostics/load.ts";
import { layoutMismatch } from "../../compiler/diagnostics/objects.ts";
import { pinObject, unpinObject } from "../bpffs.ts";
import type { Btf } from "../btf/btf.ts";
import { bytesCodec } from "../btf/codec/array.ts";
import { type Codec, codecOf } from "../btf/codec/codec.ts";
import { integerCodec } from "../btf/codec/scalar.ts";
import { BpfError, systemFailure } from "../errors.ts";
import type { MapType } from "../map-definitions.ts";
import { type Binding, binding } from "../native.ts";

/** What a map is made from: its descriptor and, where known, the types of its keys and values. */
export interface MapSource {
  /** As the object calls it; the kernel's name is cut at 15 characters. */
  readonly name: string;
  readonly type: MapType;
  readonly descriptor: Binding.Descriptor;
  readonly btf: Btf | undefined;
  readonly keyType: number | undefined;
  readonly valueType: number | undefined;
}

/** A map in the kernel. What can be done with it depends on its kind: `HashMap`, `RingBuffer` … */
export abstract class BpfMap implements Disposable {
  readonly name: string;
  /** The kernel's name of the kind, lower case: `lru_hash`. */
  readonly type: MapType;
  readonly id: number;
  readonly keySize: number;
  /** Bytes of one value; a per-CPU map holds one for each CPU. */
  readonly valueSize: number;
  readonly maxEntries: number;
  /** `BPF_F_*`. */
  readonly flags: number;
  /** @internal */
  readonly source: MapSource;

  constructor(source: MapSource) {
    this.source = source;
    this.name = source.name;
    this.type = source.type;
    const info = this.call("inspect", () => binding().mapInfo(source.descriptor));
    this.id = info.id;
    this.keySize = info.keySize;
    this.valueSize = info.valueSize;
    this.maxEntries = info.maxEntries;
    this.flags = info.flags;
  }

  get closed(): boolean {
    return this.source.descriptor.closed;
  }

  /** @internal Throws TSB4060 once closed. */
  get descriptor(): Binding.Descriptor {
    if (this.closed)
      throw new BpfError(`use map ${this.name}`, closedObject(undefined, `map \`${this.name}\``));
    return this.source.descriptor;
  }

  /**
   * Makes the map reachable under a path of a BPF file system, so that it outlives this process.
   *
   * @throws {BpfError} TSB4050 where the path is not on bpffs, TSB4051 where something is there, TSB4053 where others may write there.
   */
  pin(path: string): void {
    pinObject(this.descriptor, path, `pin map ${this.name}`);
  }

  /** Removes what is pinned at `path`. The map stays for as long as something else holds it. */
  unpin(path: string): void {
    unpinObject(path, `unpin map ${this.name}`);
  }

  /** Gives up this process's hold. Closing again does nothing. */
  close(): void {
    this.source.descriptor.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Runs a call of the addon; its failures become errors of the runtime. */
  protected call<T>(verb: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw systemFailure(`${verb} map ${this.name}`, error);
    }
  }

  protected makeKeyCodec(): Codec {
    return codecFor(this.source, "key", this.source.keyType, this.keySize);
  }

  protected makeValueCodec(): Codec {
    return codecFor(this.source, "value", this.source.valueType, this.valueSize);
  }
}

/** A map of a kind that user space only passes around: it can be pinned and shared, not read. */
export class OtherMap extends BpfMap {}

/** A map without BTF passes bytes as they are, except that an index is an index. */
function codecFor(source: MapSource, part: "key" | "value", typeId: number | undefined, size: number): Codec {
  const { btf, name, type } = source;
  if (btf === undefined || typeId === undefined || typeId === 0) {
    const isIndex = part === "key" && INDEXED.has(type) && size === 4;
    return isIndex ? integerCodec(true, 4, false, "u32") : bytesCodec(size, `the ${part}`);
  }
  const operation = `open map ${name}`;
  const codec = codecOf(btf, typeId, operation);
  if (codec.size !== size)
    throw new BpfError(operation, layoutMismatch(undefined, name, part, codec.size, size));
  return codec;
}

const INDEXED: ReadonlySet<MapType> = new Set([
  "array",
  "percpu_array",
  "prog_array",
  "perf_event_array",
  "cgroup_array",
  "array_of_maps",
  "sockmap",
  "devmap",
  "cpumap",
  "xskmap",
]);
