import { notTheTarget } from "../../compiler/diagnostics/attach.ts";
import { openPin } from "../bpffs.ts";
import type { Btf } from "../btf/btf.ts";
import { codecOf } from "../btf/codec/codec.ts";
import { parseBtf } from "../btf/parser.ts";
import { BpfError, systemFailure } from "../errors.ts";
import { mapTypeName } from "../map-definitions.ts";
import { type Binding, binding } from "../native.ts";
import { ArrayMap } from "./array.ts";
import { type BpfMap, type MapSource, OtherMap } from "./bpf-map.ts";
import { HashMap } from "./hash.ts";
import { LpmTrie } from "./lpm-trie.ts";
import { LruHashMap } from "./lru-hash.ts";
import { PerCpuArray, PerCpuHashMap } from "./per-cpu.ts";
import { ProgArray } from "./prog-array.ts";
import { RingBuffer } from "./ring-buffer.ts";
import { SkStorage } from "./sk-storage.ts";
import { SockHash, SockMap } from "./socket-maps.ts";

/** The class for each kind of map. A new kind is added here. */
export function openMap(source: MapSource): BpfMap {
  switch (source.type) {
    case "hash":
      return new HashMap(source);
    case "lru_hash":
      return new LruHashMap(source);
    case "array":
      return new ArrayMap(source);
    case "percpu_hash":
    case "lru_percpu_hash":
      return new PerCpuHashMap(source);
    case "percpu_array":
      return new PerCpuArray(source);
    case "lpm_trie":
      return new LpmTrie(source);
    case "sockmap":
      return new SockMap(source);
    case "sockhash":
      return new SockHash(source);
    case "sk_storage":
      return new SkStorage(source);
    case "ringbuf":
      return new RingBuffer(source, recordCodec(source));
    case "prog_array":
      return new ProgArray(source);
    default:
      return new OtherMap(source);
  }
}

function recordCodec({ btf, valueType, name }: MapSource) {
  return btf === undefined || valueType === undefined || valueType === 0
    ? undefined
    : codecOf(btf, valueType, `open map ${name}`);
}

/**
 * A map that was pinned, typed from the BTF that the kernel keeps with it.
 *
 * @throws {BpfError} TSB4050, TSB4052; TSB4043 where something else than a map is pinned.
 */
export function openPinnedMap(path: string): BpfMap {
  const operation = `open pinned map ${path}`;
  const { kind, descriptor } = openPin(path, operation);
  try {
    if (kind !== "map") {
      throw new BpfError(
        operation,
        notTheTarget(undefined, path, "a map", `what is pinned there is a ${kind}`),
      );
    }
    return mapOf(descriptor, operation);
  } catch (error) {
    descriptor.close();
    throw error;
  }
}

/** @internal The map behind a descriptor, which it takes. */
export function mapOf(descriptor: Binding.Descriptor, operation: string): BpfMap {
  try {
    const info = binding().mapInfo(descriptor);
    const type = mapTypeName(info.type);
    if (type === undefined) throw new Error(`map type ${info.type} is not known`);
    const btf = info.btfId === 0 ? undefined : kernelBtf(info.btfId, operation);
    const types = { keyType: info.keyTypeId || undefined, valueType: info.valueTypeId || undefined };
    return openMap({ name: info.name, type, descriptor, btf, ...types });
  } catch (error) {
    throw systemFailure(operation, error);
  }
}

function kernelBtf(id: number, operation: string): Btf {
  const descriptor = binding().btfById(id);
  try {
    return parseBtf(binding().btfData(descriptor), { operation });
  } finally {
    descriptor.close();
  }
}
