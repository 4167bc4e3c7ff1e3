import { resolve } from "node:path";
import { unknownMap } from "../compiler/diagnostics/load.ts";
import { incompatibleMap } from "../compiler/diagnostics/map-access.ts";
import { assertSafe, defaultPinRoot, openPin, pinPathByName } from "./bpffs.ts";
import { sameLayout } from "./btf/same-layout.ts";
import { Collection } from "./collection.ts";
import { BpfError } from "./errors.ts";
import type { LoadObjectOptions } from "./load-object.ts";
import type { MapSpec } from "./map-definitions.ts";
import type { BpfMap } from "./maps/bpf-map.ts";
import { mapOf } from "./maps/open.ts";
import { logMapName } from "./own-names.ts";
import type { ObjectSpec } from "./spec.ts";

// Maps that exist before the object that is loaded: an older version's, or pinned ones.

/** Where a map is pinned, or is to be. */
export function pinPath(map: MapSpec, options: LoadObjectOptions): string | undefined {
  return (
    map.pin ?? (map.pinByName ? pinPathByName(options.pinDirectory ?? defaultPinRoot, map.name) : undefined)
  );
}

/** Maps that exist already: given by the caller, or pinned where this object's are to be. */
export function sharedMaps(
  spec: ObjectSpec,
  options: LoadObjectOptions,
  operation: string,
  held: { close(): void }[],
): ReadonlyMap<string, BpfMap> {
  const shared = new Map<string, BpfMap>();
  for (const map of Object.values(spec.maps)) {
    const path = pinPath(map, options);
    if (path === undefined) continue;
    const pinned = openPinnedIfThere(path, operation);
    if (pinned === undefined) continue;
    held.push(pinned);
    shared.set(map.name, pinned);
  }
  const { reuse = {} } = options;
  const given = reuse instanceof Collection ? ownMaps(reuse, spec) : reuse;
  for (const [name, map] of Object.entries(given)) {
    if (!Object.hasOwn(spec.maps, name))
      throw new BpfError(operation, unknownMap(undefined, name, Object.keys(spec.maps)));
    shared.set(name, map);
  }
  for (const [name, map] of shared) {
    const reason = whyIncompatible(spec, spec.map(name), map);
    if (reason !== undefined) throw new BpfError(operation, incompatibleMap(undefined, name, reason));
  }
  return shared;
}

/** A log is its object's: the numbers of its records mean other lines in another object. */
function ownMaps(collection: Collection, spec: ObjectSpec): Record<string, BpfMap> {
  return Object.fromEntries(
    Object.entries<BpfMap>(collection.maps).filter(
      ([name]) => Object.hasOwn(spec.maps, name) && name !== logMapName,
    ),
  );
}

function openPinnedIfThere(path: string, operation: string): BpfMap | undefined {
  try {
    const { kind, descriptor } = openPin(path, operation);
    if (kind === "map") {
      try {
        // The program would trust what another user put there, as one may in a freshly mounted bpffs.
        assertSafe(resolve(path), operation);
        return mapOf(descriptor, operation);
      } catch (error) {
        descriptor.close();
        throw error;
      }
    }
    descriptor.close();
    throw new BpfError(operation, incompatibleMap(undefined, path, `a ${kind} is pinned there`));
  } catch (error) {
    if (error instanceof BpfError && error.code === "TSB4052") return undefined;
    throw error;
  }
}

function whyIncompatible(spec: ObjectSpec, wanted: MapSpec, map: BpfMap): string | undefined {
  if (map.type !== wanted.type) return `it is of kind ${map.type}, the object wants ${wanted.type}`;
  if (map.type !== "ringbuf") {
    if (map.keySize !== wanted.keySize)
      return `its key has ${map.keySize} bytes, the object's ${wanted.keySize}`;
    if (map.valueSize !== wanted.valueSize)
      return `its value has ${map.valueSize} bytes, the object's ${wanted.valueSize}`;
  }
  for (const part of ["keyType", "valueType"] as const) {
    const [mine, theirs] = [wanted[part], map.source[part]];
    if (mine === undefined || theirs === undefined || map.source.btf === undefined) continue;
    const difference = sameLayout(spec.btf, mine, map.source.btf, theirs);
    if (difference !== undefined) return `its ${part === "keyType" ? "key" : "value"} differs: ${difference}`;
  }
  return undefined;
}
