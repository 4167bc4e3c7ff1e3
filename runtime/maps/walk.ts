import { errno, isSystemError, meansUnsupported, systemFailure } from "../errors.ts";
import { binding } from "../native.ts";
import type { BpfMap } from "./bpf-map.ts";

// Walking over a map that others change meanwhile.

export interface RawEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Read at a time, by count and by bytes. */
const LEAST = 16;
const MOST = 4096;
const CHUNK_BYTES = 256 << 10;

/**
 * Every entry. Hash maps are walked bucket by bucket (kernel/bpf/hashtab.c, __htab_map_lookup_and_delete_batch): nothing comes twice and
 * the walk ends with the last bucket. Other maps go from key to key, and a key that vanishes sends the kernel back to the first one
 * (BPF_MAP_GET_NEXT_KEY, bpf(2)): what was delivered is remembered, and a walk that only meets known keys is over.
 */
export function* walkEntries(map: BpfMap, keySize: number, valueSize: number): Iterable<RawEntry> {
  // An array's indices neither come twice nor go, and there may be more of them than a Set holds (2^24).
  const settled = map.type.includes("hash") || map.type === "array" || map.type === "percpu_array";
  const seen = settled ? undefined : new Set<string>();
  let cursor: Uint8Array | undefined;
  let wanted = Math.max(
    LEAST,
    Math.min(MOST, map.maxEntries, Math.floor(CHUNK_BYTES / (keySize + valueSize || 1))),
  );
  let first = true;
  let idle = 0;
  do {
    let batch: ReturnType<ReturnType<typeof binding>["mapLookupBatch"]>;
    try {
      batch = binding().mapLookupBatch(map.descriptor, cursor, wanted, keySize, valueSize);
    } catch (error) {
      // One bucket holds more than fit: more room is asked for, at most for the whole map.
      if (isSystemError(error) && error.errno === errno.ENOSPC && wanted < map.maxEntries) {
        wanted = Math.min(map.maxEntries, wanted * 2);
        continue;
      }
      if (first && isSystemError(error) && meansUnsupported(error.errno)) {
        yield* walkKeys(map, keySize, valueSize);
        return;
      }
      throw systemFailure(`walk map ${map.name}`, error);
    }
    first = false;
    let fresh = 0;
    for (let index = 0; index < batch.count; index++) {
      const key = batch.keys.subarray(index * keySize, (index + 1) * keySize);
      if (seen !== undefined) {
        const name = hex(key);
        if (seen.has(name)) continue;
        seen.add(name);
      }
      fresh++;
      yield { key, value: batch.values.subarray(index * valueSize, (index + 1) * valueSize) };
    }
    cursor = batch.cursor;
    idle = fresh === 0 ? idle + 1 : 0;
  } while (cursor !== undefined && (seen === undefined || idle < 3));
}

/** From key to key, for kernels and kinds without batches. */
function* walkKeys(map: BpfMap, keySize: number, valueSize: number): Iterable<RawEntry> {
  const seen = new Set<string>();
  let key: Uint8Array | undefined;
  // A key that is deleted under the walk sends it back to the start: known keys are passed over, and only so often.
  let known = 0;
  try {
    for (;;) {
      key = binding().mapNextKey(map.descriptor, key, keySize);
      if (key === undefined) return;
      const name = hex(key);
      if (seen.has(name)) {
        if (++known > map.maxEntries + LEAST) return;
        continue;
      }
      seen.add(name);
      const value = binding().mapLookup(map.descriptor, key, valueSize);
      if (value !== undefined) yield { key, value };
    }
  } catch (error) {
    throw systemFailure(`walk map ${map.name}`, error);
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
