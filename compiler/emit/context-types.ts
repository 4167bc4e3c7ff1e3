import { type Context, contexts } from "../kernel/contexts.ts";
import type { UapiField, UapiStruct } from "../kernel/uapi.gen.ts";
import type { CDeclaration, CMember, CType } from "./c/ast.ts";
import { array, pointer, VOID } from "./c/build.ts";
import type { TypeEmitter } from "./types.ts";

const known: Readonly<Record<string, Context>> = contexts;

/** The contexts in use, as plain structs: the verifier knows them by offset, and no relocation slows the load. */
export class ContextTypes {
  readonly #used = new Set<UapiStruct>();

  tagOf(name: string): string {
    const { struct } = this.of(name);
    this.#used.add(struct);
    return struct.name;
  }

  of(name: string): Context {
    const context = known[name];
    if (context === undefined) throw new Error(`there is no context ${name}`);
    return context;
  }

  fieldOf(name: string, field: string): UapiField {
    const found = this.of(name).struct.fields.find((candidate) => candidate.name === field);
    if (found === undefined) throw new Error(`context ${name} has no field ${field}`);
    return found;
  }

  isContextTag(name: string): boolean {
    return [...this.#used].some((layout) => layout.name === name);
  }

  declarations(types: TypeEmitter): readonly CDeclaration[] {
    return [...this.#used].map((layout) => ({
      kind: "struct",
      tag: layout.name,
      members: membersOf(layout, types),
    }));
  }
}

/** The C type of a context's field, without the array of one that has several elements. */
export function contextElementType(field: UapiField, types: TypeEmitter): CType {
  if (field.pointer === true) return pointer(VOID);
  const bits = (8 * field.size) / (field.length ?? 1);
  return types.named(`${field.signed === true ? "i" : "u"}${bits}`);
}

/** Fields that overlap become a union; where C's own alignment leaves another gap than the kernel's, the gap is a member. */
function membersOf(layout: UapiStruct, types: TypeEmitter): readonly CMember[] {
  const members: CMember[] = [];
  let end = 0;
  for (const fields of overlapping(layout.fields)) {
    const offset = fields[0]?.offset ?? end;
    const align = Math.max(...fields.map((field) => field.size / (field.length ?? 1)));
    if (Math.ceil(end / align) * align !== offset) {
      members.push({ name: `__pad${end}`, type: array(types.named("u8"), offset - end) });
    }
    const own = fields.map((field): CMember => {
      const element = contextElementType(field, types);
      return { name: field.name, type: field.length === undefined ? element : array(element, field.length) };
    });
    const [only] = own;
    if (only !== undefined && own.length === 1) members.push(only);
    else members.push({ name: "", type: { kind: "record", keyword: "union", members: own } });
    end = offset + Math.max(...fields.map((field) => field.size));
  }
  return members;
}

function overlapping(fields: readonly UapiField[]): UapiField[][] {
  const groups: UapiField[][] = [];
  let end = 0;
  for (const field of fields) {
    const group = groups.at(-1);
    if (group !== undefined && field.offset < end) group.push(field);
    else groups.push([field]);
    end = Math.max(end, field.offset + field.size);
  }
  return groups;
}
