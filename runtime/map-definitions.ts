import { invalidMapDefinition } from "../compiler/diagnostics/objects.ts";
import { mapTypes } from "../compiler/kernel/uapi.gen.ts";
import type { Btf } from "./btf/btf.ts";
import { BpfError } from "./errors.ts";

// BTF-defined maps, as libbpf's parse_btf_map_def reads them: each variable of section `.maps` is a struct whose members say by their
// types what the map is. A number N is a pointer to `int[N]`, a type T is a pointer to T.

/** The kernel's name of a map type, lower case: `hash`, `lru_hash`, `sk_storage`, `ringbuf` … */
export type MapType = Exclude<keyof typeof mapTypes, "unspec">;

/** What an object says about one of its maps. Plain data: change it before load. */
export interface MapSpec {
  readonly name: string;
  readonly type: MapType;
  /** Bytes. */
  readonly keySize: number;
  /** Bytes. */
  readonly valueSize: number;
  /** BTF type of the key, where the object names one. */
  readonly keyType: number | undefined;
  readonly valueType: number | undefined;
  maxEntries: number;
  /** `BPF_F_*`. */
  flags: number;
  numaNode: number | undefined;
  /** Where the map is pinned; one that is pinned there already is used instead of a new one. */
  pin: string | undefined;
  /** The object asks to be pinned by name (`LIBBPF_PIN_BY_NAME`): below the directory given at load. */
  pinByName: boolean;
}

export function mapTypeName(type: number): MapType | undefined {
  for (const [name, number] of Object.entries(mapTypes)) {
    if (number === type && name !== "unspec") return name as MapType;
  }
  return undefined;
}

export function readMapDefinitions(btf: Btf, operation: string): MapSpec[] {
  const section = btf.dataSection(".maps");
  if (section === undefined) return [];
  return section.variables.map(({ type }) => {
    const variable = btf.variable(type);
    // Pins are named by it: `x/../../other` must not lead out of its folder.
    if (!/^[\w.$]+$/.test(variable.name) || /^\.+$/.test(variable.name)) {
      const what = "its name has other characters than letters, digits, `_`, `.` and `$`";
      throw new BpfError(operation, invalidMapDefinition(undefined, variable.name, what));
    }
    return readMap(btf, variable.name, variable.type, operation);
  });
}

interface Definition {
  type?: number;
  keySize?: number;
  valueSize?: number;
  keyType?: number;
  valueType?: number;
  maxEntries?: number;
  flags?: number;
  numaNode?: number;
  pinning?: number;
  extra?: number;
  inner?: boolean;
}

function readMap(btf: Btf, name: string, typeId: number, operation: string): MapSpec {
  const fail = (what: string) => new BpfError(operation, invalidMapDefinition(undefined, name, what));
  const struct = btf.resolve(typeId);
  if (struct.kind !== "struct") throw fail(`it is a ${struct.kind}, not a struct`);
  const definition: Definition = {};
  for (const member of struct.members) {
    const target = btf.resolve(member.type);
    const number = () => {
      const pointee = target.kind === "pointer" ? btf.resolve(target.type) : undefined;
      if (pointee?.kind !== "array") throw fail(`\`${member.name}\` is not a number`);
      return pointee.length;
    };
    const pointee = () => {
      if (target.kind !== "pointer") throw fail(`\`${member.name}\` is not a pointer to a type`);
      return target.type;
    };
    switch (member.name) {
      case "type":
        definition.type = number();
        break;
      case "max_entries":
        definition.maxEntries = number();
        break;
      case "map_flags":
        definition.flags = number();
        break;
      case "numa_node":
        definition.numaNode = number();
        break;
      case "key_size":
        definition.keySize = number();
        break;
      case "value_size":
        definition.valueSize = number();
        break;
      case "key":
        definition.keyType = pointee();
        break;
      case "value":
        definition.valueType = pointee();
        break;
      case "values":
        definition.inner = true;
        break;
      case "pinning":
        definition.pinning = number();
        break;
      case "map_extra":
        break;
      default:
        throw fail(`\`${member.name}\` means nothing`);
    }
  }
  return complete(btf, name, definition, fail);
}

/** Types whose key is an index of 4 bytes, whether or not the definition says so. */
const INDEXED: ReadonlySet<MapType> = new Set([
  "prog_array",
  "perf_event_array",
  "cgroup_array",
  "array_of_maps",
]);

function complete(btf: Btf, name: string, definition: Definition, fail: (what: string) => BpfError): MapSpec {
  if (definition.type === undefined) throw fail("it has no type");
  const type = mapTypeName(definition.type);
  if (type === undefined) throw fail(`type ${definition.type} is not known`);
  const size = (part: "key" | "value", bytes: number | undefined, typeId: number | undefined) => {
    const typed = typeId === undefined ? undefined : btf.size(typeId);
    if (bytes !== undefined && typed !== undefined && bytes !== typed) {
      throw fail(`its ${part} is of ${bytes} bytes and of a type of ${typed}`);
    }
    return typed ?? bytes ?? (INDEXED.has(type) || (definition.inner === true && part === "value") ? 4 : 0);
  };
  if (definition.pinning !== undefined && definition.pinning > 1)
    throw fail(`its pinning is ${definition.pinning}`);
  const valueType = definition.valueType ?? (type === "ringbuf" ? recordType(btf, name) : undefined);
  return {
    name,
    type,
    keySize: size("key", definition.keySize, definition.keyType),
    valueSize: size("value", definition.valueSize, definition.valueType),
    keyType: definition.keyType,
    valueType,
    maxEntries: definition.maxEntries ?? 0,
    flags: definition.flags ?? 0,
    numaNode: definition.numaNode,
    pin: undefined,
    pinByName: definition.pinning === 1,
  };
}

/**
 * What a ring buffer holds. The kernel allows its definition no value, so the compiler declares a pointer to the record's type under a name of
 * its own (compiler/emit/map-declarations.ts).
 */
function recordType(btf: Btf, map: string): number | undefined {
  const variable = btf.variableNamed(`tsbpf_record_${map}`);
  if (variable === undefined) return undefined;
  const pointer = btf.resolve(variable.type);
  return pointer.kind === "pointer" ? pointer.type : undefined;
}
