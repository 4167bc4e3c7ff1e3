import * as M from "../diagnostics/maps.ts";
import { spanOf } from "../frontend/span.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { IrMap } from "../ir/module.ts";
import type { IrType } from "../ir/types.ts";
import { type MapClass, type MapOption, mapClass, mapFlags } from "../kernel/maps.ts";
import { isOlder } from "../kernel/version.ts";
import { FunctionContext, type ModuleContext } from "./context.ts";
import { constantOf } from "./enums.ts";
import { libraryName, resolveAlias } from "./library.ts";

/** The map class that `new …` makes, of the standard library. */
export function mapClassOf(module: ModuleContext, node: ts.Expression): MapClass | undefined {
  if (ts.isParenthesizedExpression(node)) return mapClassOf(module, node.expression);
  if (!ts.isNewExpression(node)) return undefined;
  const symbol = module.checker.getSymbolAtLocation(node.expression);
  const name = symbol && libraryName(resolveAlias(module.checker, symbol));
  return name === undefined ? undefined : mapClass(name);
}

export interface DeclaredMap {
  readonly map: IrMap;
  readonly className: string;
}

export function lowerMap(
  module: ModuleContext,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration,
): DeclaredMap | undefined {
  if (!module.maps.has(symbol)) module.maps.set(symbol, define(module, symbol, declaration));
  return module.maps.get(symbol);
}

function define(
  module: ModuleContext,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration,
): DeclaredMap | undefined {
  const kind = declaration.initializer && mapClassOf(module, declaration.initializer);
  const node = creation(declaration.initializer);
  if (!kind || !node) return undefined;
  const span = spanOf(declaration.name);
  if ((ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) === 0) {
    module.report(M.mapNotConstant(span, symbol.name));
    return undefined;
  }
  if (isOlder(module.options.minKernel, kind.since)) {
    module.report(M.mapNeedsKernel(spanOf(node), kind.name, kind.since, module.options.minKernel));
    return undefined;
  }
  const types = typesOf(module, kind, node);
  // A map with wrong options is still a map: what uses it is checked.
  const options = optionsOf(module, kind, node) ?? {
    maxEntries: 1n,
    flags: 0n,
    pin: false,
    numaNode: undefined,
  };
  if (!types) return undefined;
  const map: IrMap = {
    name: symbol.name,
    type: kind.type,
    ...types,
    maxEntries: Number(options.maxEntries),
    flags: Number(options.flags),
    ...(options.numaNode === undefined ? {} : { numaNode: options.numaNode }),
    pin: options.pin,
    span,
  };
  return { map, className: kind.name };
}

function creation(node: ts.Expression | undefined): ts.NewExpression | undefined {
  if (node && ts.isParenthesizedExpression(node)) return creation(node.expression);
  return node && ts.isNewExpression(node) ? node : undefined;
}

function typesOf(
  module: ModuleContext,
  kind: MapClass,
  node: ts.NewExpression,
): { readonly key?: IrType; readonly value?: IrType } | undefined {
  const made = module.checker.getTypeAtLocation(node);
  const given = module.types.typeArguments(made);
  const found: { key?: IrType; value?: IrType } = {
    ...(kind.key ? { key: kind.key } : {}),
    ...(kind.value ? { value: kind.value } : {}),
  };
  for (const [position, role] of kind.typeArguments.entries()) {
    const at = node.typeArguments?.[position];
    const type = given[position];
    if (!at || !type) {
      module.report(M.mapTypes(spanOf(node), kind.name, kind.typeArguments));
      return undefined;
    }
    const value = module.types.value(type, at);
    if (!value) return undefined;
    found[role] = value.type;
  }
  if (kind.lpmKey && !isPrefixKey(found.key)) {
    module.report(M.prefixKey(spanOf(node.typeArguments?.[0] ?? node)));
    return undefined;
  }
  return found;
}

/** kernel/bpf/lpm_trie.c trie_alloc(): a u32 `prefixlen`, then 1 to 256 bytes. */
function isPrefixKey(key: IrType | undefined): boolean {
  if (key?.kind !== "struct") return false;
  const [first] = key.fields;
  if (first?.name !== "prefixlen" || !ir.sameType(first.type, ir.u32)) return false;
  return key.size > 4 && key.size <= 4 + 256;
}

interface Options {
  readonly maxEntries: bigint;
  readonly flags: bigint;
  readonly pin: boolean;
  readonly numaNode: number | undefined;
}

function optionsOf(module: ModuleContext, kind: MapClass, node: ts.NewExpression): Options | undefined {
  const [argument] = node.arguments ?? [];
  const values = new Map<MapOption, { readonly value: bigint; readonly node: ts.Node }>();
  if (argument && !ts.isObjectLiteralExpression(argument)) {
    module.report(M.optionsLiteral(spanOf(argument)));
    return undefined;
  }
  let complete = true;
  for (const property of argument?.properties ?? []) {
    const option = readOption(module, kind, property);
    if (option) values.set(option.name, option);
    else complete = false;
  }
  if (!complete) return undefined;
  const entries = values.get("maxEntries");
  if (!maxEntriesAreValid(module, kind, entries, node)) return undefined;
  const flags = values.get("flags");
  if (flags && (flags.value & ~BigInt(kind.allowedFlags)) !== 0n) {
    module.report(M.mapFlagsRefused(spanOf(flags.node), kind.name));
    return undefined;
  }
  const numa = values.get("numaNode");
  if (numa && (numa.value < 0n || numa.value > 0x7fff_ffffn)) {
    module.report(M.optionRange(spanOf(numa.node), "numaNode", "0 to 2147483647"));
    return undefined;
  }
  const clone = values.get("clone")?.value === 1n ? BigInt(mapFlags.CLONE) : 0n;
  const numaFlag = numa ? BigInt(mapFlags.NUMA_NODE) : 0n;
  return {
    maxEntries: entries?.value ?? 0n,
    flags: (flags?.value ?? 0n) | BigInt(kind.requiredFlags) | clone | numaFlag,
    pin: values.get("pin")?.value === 1n,
    numaNode: numa && Number(numa.value),
  };
}

function readOption(
  module: ModuleContext,
  kind: MapClass,
  property: ts.ObjectLiteralElementLike,
): { readonly name: MapOption; readonly value: bigint; readonly node: ts.Node } | undefined {
  const name = property.name && ts.isIdentifier(property.name) ? property.name.text : undefined;
  if (
    name === undefined ||
    !(ts.isPropertyAssignment(property) || ts.isShorthandPropertyAssignment(property))
  ) {
    module.report(M.optionsLiteral(spanOf(property)));
    return undefined;
  }
  const known = kind.options.find((option) => option === name);
  if (!known) {
    module.report(M.unknownOption(spanOf(property), name, kind.name, kind.options));
    return undefined;
  }
  const initial = ts.isPropertyAssignment(property) ? property.initializer : property.name;
  const cx = new FunctionContext(module, { constantOnly: true });
  const lowered = cx.expression(initial);
  const value = constantOf(lowered);
  if (value === undefined) {
    if (lowered.kind !== "error") module.report(M.optionNotConstant(spanOf(initial), name));
    return undefined;
  }
  const isBool = lowered.kind === "scalar" && lowered.type.kind === "bool";
  if (isBool !== (known === "pin" || known === "clone")) {
    module.report(M.optionRange(spanOf(initial), name, isBool ? "a number" : "`true` or `false`"));
    return undefined;
  }
  return { name: known, value, node: initial };
}

const pageSize = 4096n;

function maxEntriesAreValid(
  module: ModuleContext,
  kind: MapClass,
  entries: { readonly value: bigint; readonly node: ts.Node } | undefined,
  node: ts.NewExpression,
): boolean {
  if (kind.maxEntries === "none") return true;
  if (!entries) {
    module.report(M.maxEntriesMissing(spanOf(node), kind.name));
    return false;
  }
  const { value } = entries;
  if (value < 1n || value > 0xffff_ffffn) {
    module.report(M.optionRange(spanOf(entries.node), "maxEntries", "1 to 4294967295"));
    return false;
  }
  // kernel/bpf/ringbuf.c ringbuf_map_alloc()
  if (kind.maxEntries === "bytes" && ((value & (value - 1n)) !== 0n || value % pageSize !== 0n)) {
    module.report(M.ringBufferSize(spanOf(entries.node), value));
    return false;
  }
  return true;
}
