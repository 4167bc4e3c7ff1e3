import * as D from "../diagnostics/integers.ts";
import { spanOf } from "../frontend/span.ts";
import { ts } from "../frontend/typescript.ts";
import { i32, maximum, minimum, u32 } from "../ir/build.ts";
import type { EnumType, IntType } from "../ir/types.ts";
import { FunctionContext, type ModuleContext } from "./context.ts";
import type { Value } from "./value.ts";

/** Enums by symbol. Members fold with the language's rules for integers, not JavaScript's: `1 << 31` is 0x80000000. */
export class EnumTable {
  readonly #known = new Map<ts.Symbol, IntType | undefined>();
  /** Members folded so far, for initial values that name an earlier one. */
  readonly #members = new Map<ts.Symbol, bigint>();
  readonly #module: ModuleContext;

  constructor(module: ModuleContext) {
    this.#module = module;
  }

  /** The integer type of the enum; undefined where its declaration is wrong. */
  of(symbol: ts.Symbol): IntType | undefined {
    if (!this.#known.has(symbol)) {
      this.#known.set(symbol, undefined);
      this.#known.set(symbol, this.#fold(symbol));
    }
    return this.#known.get(symbol);
  }

  /** The value of a member, as a constant of the enum. */
  member(symbol: ts.Symbol): { readonly type: IntType | undefined; readonly value: bigint } | undefined {
    const declaration = symbol.valueDeclaration;
    if (!declaration || !ts.isEnumMember(declaration)) return undefined;
    const owner = this.#module.checker.getSymbolAtLocation(declaration.parent.name);
    const type = owner && this.of(owner);
    const value = this.#members.get(symbol);
    return value === undefined ? undefined : { type, value };
  }

  #fold(symbol: ts.Symbol): IntType | undefined {
    const declarations = symbol.declarations?.filter(ts.isEnumDeclaration) ?? [];
    const [declaration, other] = declarations;
    if (!declaration) return undefined;
    if (other) {
      this.#module.report(D.mergedEnum(spanOf(other.name), symbol.name));
      return undefined;
    }
    const members: { name: string; value: bigint; wraps: boolean; node: ts.EnumMember }[] = [];
    let next = 0n;
    let complete = true;
    for (const member of declaration.members) {
      const folded = member.initializer ? this.#initial(member.initializer) : { value: next, wraps: false };
      if (!folded) {
        complete = false;
        continue;
      }
      const memberSymbol = this.#module.checker.getSymbolAtLocation(member.name);
      if (memberSymbol) this.#members.set(memberSymbol, folded.value);
      members.push({ name: memberSymbol?.name ?? member.name.getText(), node: member, ...folded });
      next = folded.value + 1n;
    }
    if (!complete) return undefined;
    const signed = members.some((member) => member.value < 0n && !member.wraps);
    const base = signed ? i32 : u32;
    const final = members.map(({ name, value, wraps, node }) => {
      const cut = wraps && !signed ? BigInt.asUintN(32, value) : value;
      if (cut < minimum(base) || cut > maximum(base)) {
        this.#module.report(D.enumRange(spanOf(node), name, cut, signed));
        complete = false;
      }
      return { name, value: cut, node };
    });
    for (const { value, node } of final) {
      const memberSymbol = this.#module.checker.getSymbolAtLocation(node.name);
      if (memberSymbol) this.#members.set(memberSymbol, value);
    }
    if (!complete) return undefined;
    const type: EnumType = {
      name: symbol.name,
      members: final.map(({ name, value }) => ({ name, value })),
    };
    this.#module.enums.push(type);
    return { ...base, enum: type };
  }

  #initial(node: ts.Expression): { value: bigint; wraps: boolean } | undefined {
    const cx = new FunctionContext(this.#module, { constantOnly: true });
    const value = cx.expression(node);
    const folded = constantOf(value);
    if (folded === undefined && value.kind !== "error") {
      this.#module.report(D.enumNotConstant(spanOf(node)));
    }
    if (folded === undefined) return undefined;
    return { value: folded, wraps: value.kind === "literal" && value.wraps };
  }
}

/** The number that a value is, where the compiler knows it. */
export function constantOf(value: Value): bigint | undefined {
  if (value.kind === "literal") return value.value;
  if (value.kind === "scalar" && value.expression.op === "constant") return value.expression.value;
  return undefined;
}

/** An enum whose values are bits to be combined: every member but 0 is a power of two. */
export function isFlags(type: EnumType): boolean {
  return type.members.every(({ value }) => value >= 0n && (value & (value - 1n)) === 0n);
}

/** A constant of the enum, or a combination of its bits where it is made of bits. */
export function belongsTo(type: EnumType, value: bigint): boolean {
  if (type.members.some((member) => member.value === value)) return true;
  if (!isFlags(type)) return false;
  const all = type.members.reduce((bits, member) => bits | member.value, 0n);
  return value >= 0n && (value & ~all) === 0n;
}
