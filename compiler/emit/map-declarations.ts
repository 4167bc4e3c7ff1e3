import type { IrMap } from "../ir/module.ts";
import { mapTypes } from "../kernel/uapi.gen.ts";
import type { CDeclaration, CMember } from "./c/ast.ts";
import { array, named, pointer, record, variable } from "./c/build.ts";
import type { TypeEmitter } from "./types.ts";

/** Maps without keys and values: what they hold is no part of their definition. */
const records: ReadonlySet<string> = new Set(["ringbuf", "user_ringbuf"]);

/** Where the variables are that name the types of ring buffers' records; `finishObject` leaves their BTF and drops the section. */
export const recordSection = ".tsbpf.records";
export const recordPrefix = "tsbpf_record_";

/** `LIBBPF_PIN_BY_NAME` */
const pinByName = 1;

/** A map as libbpf reads it: numbers are the lengths of arrays, types the targets of pointers. */
export function mapDeclaration(types: TypeEmitter, name: string, map: IrMap): CDeclaration {
  const type = (mapTypes as Readonly<Record<string, number>>)[map.type];
  if (type === undefined) throw new Error(`the kernel has no map type ${map.type}`);
  const members: CMember[] = [numberMember("type", type)];
  if (map.maxEntries > 0) members.push(numberMember("max_entries", map.maxEntries));
  if (!records.has(map.type)) {
    if (map.key !== undefined) members.push({ name: "key", type: pointer(types.of(map.key)) });
    if (map.value !== undefined) members.push({ name: "value", type: pointer(types.of(map.value)) });
  }
  if (map.flags !== 0) members.push(numberMember("map_flags", map.flags));
  if (map.numaNode !== undefined) members.push(numberMember("numa_node", map.numaNode));
  if (map.pin) members.push(numberMember("pinning", pinByName));
  return {
    ...variable(name, record(members), undefined, map.span),
    attributes: ['section(".maps")', "used"],
  };
}

/** A pointer to what a ring buffer holds, only so that clang describes the type in BTF. */
export function recordDeclaration(types: TypeEmitter, name: string, map: IrMap): CDeclaration[] {
  if (!records.has(map.type) || map.value === undefined) return [];
  const holder = variable(`${recordPrefix}${name}`, pointer(types.of(map.value)));
  return [{ ...holder, attributes: [`section("${recordSection}")`, "used"] }];
}

function numberMember(name: string, value: number): CMember {
  return { name, type: pointer(array(named("int"), value)) };
}
