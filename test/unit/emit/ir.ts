import type { Span } from "../../../compiler/diagnostics/diagnostic.ts";
import * as ir from "../../../compiler/ir/build.ts";
import type {
  BinaryOperator,
  ContextLoad,
  HelperArgument,
  IrExpression,
  IrPlace,
  LogSite,
  MapLookup,
  PacketAccess,
} from "../../../compiler/ir/expressions.ts";
import type {
  IrFunction,
  IrGlobal,
  IrLocal,
  IrMap,
  IrModule,
  IrProgram,
} from "../../../compiler/ir/module.ts";
import type { IrStatement } from "../../../compiler/ir/statements.ts";
import type {
  BoolType,
  ContextType,
  IntType,
  IrType,
  Memory,
  RefType,
  StructType,
} from "../../../compiler/ir/types.ts";

// A few words to write modules of the intermediate representation in tests.

export const file = "/project/test.bpf.ts";

/** Distinct places in a source of one line each ten characters. */
let offset = 0;
export function span(): Span {
  offset += 10;
  return { file, start: offset, end: offset + 9 };
}

export function local(name: string, type: IrType): IrLocal {
  return { name, type, span: span() };
}

export const c = (type: IntType | BoolType, value: bigint | number): IrExpression =>
  ir.constant(type, BigInt(value), span());
export const load = (place: IrPlace): IrExpression => ir.load(place, span());
export const get = (variable: IrLocal): IrExpression => ir.loadLocal(variable, span());
export const at = (variable: IrLocal): IrPlace => ir.localPlace(variable, span());
export const deref = (reference: IrExpression): IrPlace => ir.derefPlace(reference, span());

export function field(base: IrPlace, name: string): IrPlace {
  if (base.type.kind !== "struct") throw new Error("no struct");
  const found = base.type.fields.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no field ${name}`);
  return ir.fieldPlace(base, found, span());
}

export function element(base: IrPlace, index: IrExpression): IrPlace {
  if (base.type.kind !== "array") throw new Error("no array");
  return { place: "element", type: base.type.element, base, array: base.type, index, span: span() };
}

export const global = (variable: IrGlobal): IrPlace => ({
  place: "global",
  type: variable.type,
  global: variable,
  span: span(),
});

export function binary(operator: BinaryOperator, left: IrExpression, right: IrExpression): IrExpression {
  return { op: "binary", type: left.type as IntType, operator, left, right, span: span() };
}

export const compare = (
  operator: "eq" | "ne" | "lt" | "le" | "gt" | "ge",
  left: IrExpression,
  right: IrExpression,
): IrExpression => ir.compare(operator, left, right, span());

export const contextField = (
  context: IrLocal,
  name: string,
  type: IntType | RefType = ir.u32,
  index?: number,
): ContextLoad => ({
  op: "contextLoad",
  type,
  context: get(context),
  field: name,
  span: span(),
  ...(index === undefined ? {} : { index }),
});

export function lookup(map: IrMap, key: IrExpression): MapLookup {
  if (map.value === undefined) throw new Error("no value");
  return { op: "mapLookup", type: ir.refTo(map.value, "map", { nullable: true }), map, key, span: span() };
}

export const update = (map: IrMap, key: IrExpression, value: IrExpression): IrExpression => ({
  op: "mapUpdate",
  type: ir.i32,
  map,
  key,
  value,
  flags: c(ir.u64, 0),
  span: span(),
});

export const helper = (name: string, type: IrType, ...args: HelperArgument[]): IrExpression => ({
  op: "helper",
  type,
  helper: name,
  arguments: args,
  span: span(),
});

export const pass = (value: IrExpression): HelperArgument => ({ pass: "value", value });

export const packet = (context: IrLocal, target: IrType, offset: IrExpression): PacketAccess => ({
  op: "packet",
  type: ir.refTo(target, "packet", { nullable: true }),
  context: get(context),
  offset,
  span: span(),
});

export const call = (definition: IrFunction, ...args: IrExpression[]): IrExpression => ({
  op: "call",
  type: definition.result,
  function: definition,
  arguments: args,
  span: span(),
});

export const structOf = (
  type: StructType,
  fields: Readonly<Record<string, IrExpression>>,
  base?: IrExpression,
): IrExpression => ({
  op: "struct",
  type,
  fields: Object.entries(fields).map(([name, value]) => {
    const found = type.fields.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`no field ${name}`);
    return { field: found, value };
  }),
  span: span(),
  ...(base === undefined ? {} : { base }),
});

export const declare = (variable: IrLocal, initial?: IrExpression): IrStatement => ({
  op: "let",
  local: variable,
  span: span(),
  ...(initial === undefined ? {} : { initial }),
});

export const set = (place: IrPlace, value: IrExpression): IrStatement => ({
  op: "assign",
  place,
  value,
  span: span(),
});

export const when = (
  condition: IrExpression,
  then: readonly IrStatement[],
  otherwise?: readonly IrStatement[],
): IrStatement => ({ op: "if", condition, then, span: span(), ...(otherwise && { otherwise }) });

export const give = (value?: IrExpression): IrStatement => ({
  op: "return",
  span: span(),
  ...(value && { value }),
});

export const run = (expression: IrExpression): IrStatement => ({ op: "evaluate", expression, span: span() });
export const isNull = (reference: IrExpression): IrExpression => ir.isNull(reference, span());
export const present = (reference: IrExpression): IrExpression => ir.isPresent(reference, span());

export function struct(name: string, members: Readonly<Record<string, IrType>>): StructType {
  let end = 0;
  let align = 1;
  const fields = Object.entries(members).map(([field, type]) => {
    const need = ir.alignOf(type);
    const begin = Math.ceil(end / need) * need;
    align = Math.max(align, need);
    end = begin + ir.sizeOf(type);
    return { name: field, type, offset: begin };
  });
  return { kind: "struct", name, fields, align, size: Math.ceil(end / align) * align };
}

export function map(
  name: string,
  type: string,
  shape: { key?: IrType; value?: IrType; maxEntries: number; flags?: number },
): IrMap {
  return { name, type, pin: false, flags: 0, span: span(), ...shape };
}

export function define(
  name: string,
  parameters: readonly IrLocal[],
  result: IrType,
  body: IrStatement[],
): IrFunction {
  return { name, parameters, result, body, span: span() };
}

export const reference = (type: IrType, memory: Memory, nullable = false): RefType =>
  ir.refTo(type, memory, { nullable });

const kinds = {
  sockOps: ["SockOpsContext", "sockops"],
  tc: ["TcContext", "tc"],
  xdp: ["XdpContext", "xdp"],
  skMsg: ["SkMsgContext", "sk_msg"],
  "cgroup.connect6": ["Connect6Context", "cgroup/connect6"],
  "cgroup.skbIngress": ["CgroupSkbContext", "cgroup_skb/ingress"],
} as const;

export function program(
  kind: keyof typeof kinds,
  name: string,
  body: (context: IrLocal) => IrStatement[],
): IrProgram {
  const [contextName, section] = kinds[kind];
  const type: ContextType = { kind: "context", name: contextName };
  const context = local("ctx", type);
  const definition = define(name, [context], ir.i32, []);
  definition.body = body(context);
  return { name, kind, section, function: definition, span: span() };
}

export function moduleOf(parts: Partial<IrModule>): IrModule {
  const programs = parts.programs ?? [];
  return {
    entry: file,
    sources: new Map([[file, "         \n".repeat(2000)]]),
    minKernel: [5, 10],
    structs: [],
    enums: [],
    maps: [],
    globals: [],
    functions: [],
    logSites: [],
    ...parts,
    programs,
  };
}

export function site(id: number, parts: readonly string[], types: readonly IrType[]): LogSite {
  return { id, level: "info", span: span(), parts, arguments: types };
}

export { ir };
