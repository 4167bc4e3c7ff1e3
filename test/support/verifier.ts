// Asks the running kernel's verifier who may call which helper and touch which field of a context. Independent of the test runner.

import { helperSince } from "../../compiler/kernel/availability.ts";
import { type Context, type ContextField, contexts } from "../../compiler/kernel/contexts.ts";
import {
  contextMethods,
  functions,
  type HelperName,
  type HelperUse,
  structMethods,
} from "../../compiler/kernel/helpers.ts";
import { type ProgramKindName, programKinds } from "../../compiler/kernel/programs.ts";
import { helperIds, type UapiStruct } from "../../compiler/kernel/uapi.gen.ts";
import { isOlder, type KernelVersion } from "../../compiler/kernel/version.ts";
import { binding } from "../../runtime/native.ts";

/** Helpers that compiled programs may call. */
export const usedHelpers: ReadonlySet<HelperName> = new Set<HelperName>([
  ...[functions, ...Object.values(contextMethods), ...Object.values(structMethods)].flatMap((uses) =>
    Object.values(uses).map((use) => use.helper),
  ),
  "sk_storage_get",
  "sk_storage_delete",
  "ringbuf_reserve",
  "map_lookup_elem",
]);

/** Offset and size of every element that the DSL shows of a field. */
export function elements(struct: UapiStruct, field: ContextField): [offset: number, size: number][] {
  const member = struct.fields.find((candidate) => candidate.name === field.kernel);
  if (member === undefined) throw new Error(`struct ${struct.name} has no ${field.kernel}`);
  const size = member.size / (member.length ?? 1);
  const indices =
    field.length === undefined
      ? [field.index ?? 0]
      : Array.from({ length: field.length }, (_, index) => index);
  return indices.map((index) => [member.offset + index * size, size]);
}

/** Loads `call helper; r0 = 0; exit`: the verifier looks at who calls before it looks at what is passed. */
export function mayCall(kind: ProgramKindName, helper: HelperName): boolean {
  const log = refusal(kind, [
    { code: 0x85, immediate: helperIds[helper] },
    { code: 0xb7, immediate: 0 },
    { code: 0x95 },
  ]);
  return log === undefined || !/cannot use helper|unknown func|invalid func/.test(log);
}

/** Loads `r0 = *(ctx + offset); r0 = 0; exit`, or the same with a store. */
export function mayAccess(
  kind: ProgramKindName,
  access: "load" | "store",
  offset: number,
  size: number,
): boolean {
  const width = { 4: 0x00, 8: 0x18 }[size];
  if (width === undefined) throw new Error(`a field of ${size} bytes`);
  const log = refusal(kind, [
    { code: 0xb7, destination: 2, immediate: 1 },
    access === "load"
      ? { code: 0x61 | width, destination: 0, source: 1, offset }
      : { code: 0x63 | width, destination: 1, source: 2, offset },
    { code: 0xb7, immediate: 0 },
    { code: 0x95 },
  ]);
  if (log !== undefined && !/invalid bpf_context access|cannot write into/.test(log)) throw new Error(log);
  return log === undefined;
}

export const kindsWithPacket = (Object.keys(programKinds) as ProgramKindName[]).filter(
  (kind) => "packet" in contexts[programKinds[kind].context],
);

/** Methods that move the packet to the verifier and not to the tables, or the other way round. */
export function differingPacketMoves(kind: ProgramKindName, running: KernelVersion): string[] {
  const differing: string[] = [];
  for (const [name, use] of Object.entries(contextMethods[programKinds[kind].context])) {
    const since = helperSince(use.helper, kind);
    if (since === undefined || isOlder(running, since)) continue;
    // Maps would have to be made; none of the helpers that take one changes the packet.
    if (use.arguments.some((shape) => shape.from === "map")) continue;
    const moves = use.movesPacket === true;
    if (keepsPacket(kind, use) === moves) differing.push(`${name} ${moves ? "does not move" : "moves"} it`);
  }
  return differing;
}

/** Loads a program that bounds-checks a byte of the packet, calls the helper and then reads the byte. */
function keepsPacket(kind: ProgramKindName, use: HelperUse): boolean {
  const { struct, packet }: Context = contexts[programKinds[kind].context];
  const member = (name: string | undefined) => {
    const field = struct.fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw new Error(`struct ${struct.name} has no packet`);
    return { code: field.size === 8 ? 0x79 : 0x61, source: 6, offset: field.offset };
  };
  const passed = use.arguments.map((shape, index): Instruction[] => {
    const destination = index + 1;
    if (shape.from === "receiver") return [{ code: 0xbf, destination, source: 6 }];
    if (shape.from === "value" || shape.from === "output") {
      return [
        { code: 0xbf, destination, source: 10 },
        { code: 0x07, destination, immediate: -8 },
      ];
    }
    return [{ code: 0xb7, destination, immediate: shape.from === "size" ? 8 : 0 }];
  });
  const body: Instruction[] = [
    { code: 0x7a, destination: 10, offset: -8, immediate: 0 },
    ...passed.flat(),
    { code: 0x85, immediate: helperIds[use.helper] },
    { code: 0x71, destination: 0, source: 7 },
  ];
  const log = refusal(kind, [
    { code: 0xbf, destination: 6, source: 1 },
    { ...member(packet?.data), destination: 7 },
    { ...member(packet?.end), destination: 8 },
    { code: 0xbf, destination: 0, source: 7 },
    { code: 0x07, destination: 0, immediate: 1 },
    { code: 0x2d, destination: 0, source: 8, offset: body.length },
    ...body,
    { code: 0xb7, immediate: 0 },
    { code: 0x95 },
  ]);
  if (log !== undefined && !/R7 invalid mem access/.test(log))
    throw new Error(`${kind} calls ${use.helper}: ${log}`);
  return log === undefined;
}

export interface Instruction {
  readonly code: number;
  readonly destination?: number;
  readonly source?: number;
  readonly offset?: number;
  readonly immediate?: number;
}

/** The verifier's log where it refuses, `undefined` where the program loads. */
export function refusal(kind: ProgramKindName, instructions: readonly Instruction[]): string | undefined {
  const bytes = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [index, instruction] of instructions.entries()) {
    bytes.setUint8(index * 8, instruction.code);
    bytes.setUint8(index * 8 + 1, ((instruction.source ?? 0) << 4) | (instruction.destination ?? 0));
    bytes.setInt16(index * 8 + 2, instruction.offset ?? 0, true);
    bytes.setInt32(index * 8 + 4, instruction.immediate ?? 0, true);
  }
  const program: { type: number; attachType?: number } = programKinds[kind];
  try {
    binding()
      .programLoad({
        type: program.type,
        ...(program.attachType === undefined ? {} : { expectedAttachType: program.attachType }),
        license: "Dual MIT/GPL",
        logLevel: 1,
        instructions: new Uint8Array(bytes.buffer),
      })
      .close();
    return undefined;
  } catch (error) {
    const log = error instanceof Error && "log" in error ? String(error.log) : "";
    if (log === "") throw new Error(`${kind} was refused for another reason: ${error}`, { cause: error });
    return log;
  }
}
