import { sizeOf } from "../../compiler/ir/build.ts";
import type { IrMap } from "../../compiler/ir/module.ts";
import { EINVAL, ENOENT, ENOSPC } from "../errno.ts";
import { copyOf, keyOf, type Pointer } from "../memory.ts";
import { checkFlags, type MapStorage, type StoredEntry } from "./storage.ts";

/** `BPF_MAP_TYPE_LPM_TRIE`: a lookup finds the longest prefix that covers the key (kernel/bpf/lpm_trie.c). */
export class LpmStorage implements MapStorage {
  readonly map: IrMap;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  /** By the bits of the prefix; only what the prefix covers counts. */
  readonly #entries = new Map<string, StoredEntry>();

  constructor(map: IrMap) {
    if (map.key === undefined || map.value === undefined) throw new Error(`map ${map.name} is incomplete`);
    this.map = map;
    this.keySize = sizeOf(map.key);
    this.valueSize = sizeOf(map.value);
    this.maxEntries = map.maxEntries;
  }

  lookup(key: Pointer): Pointer | null {
    const bytes = key.bytes(this.keySize);
    const length = key.u32(0);
    if (length > this.#longest) return null;
    for (let prefix = length; prefix >= 0; prefix--) {
      const entry = this.#entries.get(prefixName(bytes, prefix));
      if (entry !== undefined) return entry.value;
    }
    return null;
  }

  find(key: Pointer): Pointer | null {
    return this.lookup(key);
  }

  update(key: Pointer, value: Pointer, flags: bigint): number {
    const length = key.u32(0);
    if (length > this.#longest) return EINVAL;
    const bytes = key.bytes(this.keySize).slice();
    const name = prefixName(bytes, length);
    const exists = this.#entries.has(name);
    const failed = checkFlags(exists, flags);
    if (failed !== 0) return failed;
    if (!exists && this.#entries.size >= this.maxEntries) return ENOSPC;
    this.#entries.set(name, { key: bytes, value: copyOf(value, this.valueSize) });
    return 0;
  }

  replace(key: Pointer, value: Pointer, flags: bigint): number {
    return this.update(key, value, flags);
  }

  remove(key: Pointer): number {
    const length = key.u32(0);
    if (length > this.#longest) return EINVAL;
    return this.#entries.delete(prefixName(key.bytes(this.keySize), length)) ? 0 : ENOENT;
  }

  entries(): Iterable<StoredEntry> {
    return this.#entries.values();
  }

  get #longest(): number {
    return (this.keySize - 4) * 8;
  }
}

/** The first `length` bits behind the length itself, as text. */
function prefixName(key: Uint8Array, length: number): string {
  const bytes = key.slice(4, 4 + Math.ceil(length / 8));
  const rest = length % 8;
  const last = bytes.length - 1;
  if (rest !== 0) bytes[last] = (bytes[last] ?? 0) & (0xff << (8 - rest));
  return `${length}:${keyOf(bytes)}`;
}
