import * as D from "../diagnostics/types.ts";
import { anyType } from "../diagnostics/unsupported-syntax.ts";
import { spanOf } from "../frontend/span.ts";
import { ts } from "../frontend/typescript.ts";
import * as ir from "../ir/build.ts";
import type { ArrayType, BoolType, IntType, StructType } from "../ir/types.ts";
import { contexts } from "../kernel/contexts.ts";
import { mapClass } from "../kernel/maps.ts";
import { kernelStructs } from "../kernel/structs.ts";
import type { ModuleContext } from "./context.ts";
import { EnumTable } from "./enums.ts";
import { isKernelStructName } from "./kernel-struct.ts";
import { libraryName } from "./library.ts";
import { StructTable } from "./structs.ts";
import type { SourceType } from "./value.ts";

const integers: ReadonlyMap<string, IntType> = new Map([
  ["u8", ir.u8],
  ["u16", ir.u16],
  ["u32", ir.u32],
  ["u64", ir.u64],
  ["i8", ir.i8],
  ["i16", ir.i16],
  ["i32", ir.i32],
  ["i64", ir.i64],
  ["be16", ir.be16],
  ["be32", ir.be32],
  ["be64", ir.be64],
]);

export function integerNamed(name: string): IntType | undefined {
  return integers.get(name);
}

export type ValueType = IntType | BoolType | StructType | ArrayType;

/** Stands for a type whose mistake was reported. */
export type Resolution = SourceType | undefined;

/** From the checker's types to the types of the language. */
export class TypeTable {
  readonly enums: EnumTable;
  readonly structs: StructTable;
  readonly #module: ModuleContext;

  constructor(module: ModuleContext) {
    this.#module = module;
    this.enums = new EnumTable(module);
    this.structs = new StructTable(module, this);
  }

  get #checker(): ts.TypeChecker {
    return this.#module.checker;
  }

  /** The type that a type node declares; reported at the node where it has no meaning in the kernel. */
  ofNode(node: ts.TypeNode, parameters: ReadonlyMap<ts.Type, SourceType> = noParameters): Resolution {
    return this.of(this.#checker.getTypeFromTypeNode(node), node, parameters);
  }

  of(type: ts.Type, at: ts.Node, parameters: ReadonlyMap<ts.Type, SourceType> = noParameters): Resolution {
    const parameter = parameters.get(type);
    if (parameter) return parameter;
    if (type.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined)) return { kind: "void" };
    if (type.isUnion() && type.types.some((part) => part.flags & ts.TypeFlags.Undefined)) {
      return this.#optional(this.#checker.getNonNullableType(type), at, parameters);
    }
    const context = contextOfUnion(type);
    if (context !== undefined) return { kind: "context", name: context };
    const library = this.#library(type, at, parameters);
    if (library !== "not the library's") return library;
    const value = this.value(type, at, parameters);
    return value && { kind: "value", type: value.type, readonly: value.readonly };
  }

  #optional(type: ts.Type, at: ts.Node, parameters: ReadonlyMap<ts.Type, SourceType>): Resolution {
    const inner = this.of(type, at, parameters);
    if (!inner) return undefined;
    if (inner.kind === "value") return { kind: "optional", type: inner.type, readonly: inner.readonly };
    if (inner.kind === "box") return { ...inner, nullable: true };
    if (inner.kind === "reservation") return inner;
    this.#module.report(D.unsupportedType(spanOf(at), this.#checker.typeToString(type)));
    return undefined;
  }

  /** Types of the standard library that are no values: maps, contexts, `Ref`, reservations. */
  #library(
    type: ts.Type,
    at: ts.Node,
    parameters: ReadonlyMap<ts.Type, SourceType>,
  ): Resolution | "not the library's" {
    const symbol = contextAlias(type) ?? type.getSymbol();
    const name = symbol && libraryName(symbol);
    if (name === undefined) return "not the library's";
    const context = contextOfInterface(name);
    if (context) return { kind: "context", name: context };
    if (isKernelStructName(name)) return { kind: "value", type: kernelStructs[name].layout, readonly: true };
    const [argument] = this.typeArguments(type);
    if (name === "Ref" && argument) {
      const target = this.value(argument, at, parameters);
      if (!target) return undefined;
      if (target.type.kind === "int" || target.type.kind === "bool") {
        return { kind: "box", type: target.type, nullable: false };
      }
      this.#module.report(D.unsupportedType(spanOf(at), this.#checker.typeToString(type)));
      return undefined;
    }
    if (name === "Reservation" && argument) {
      const record = this.value(argument, at, parameters);
      return record && { kind: "reservation", record: record.type };
    }
    if (mapClass(name)) return { kind: "map", className: name };
    return "not the library's";
  }

  typeArguments(type: ts.Type): readonly ts.Type[] {
    if (type.aliasTypeArguments) return type.aliasTypeArguments;
    if (isReference(type)) return this.#checker.getTypeArguments(type);
    return [];
  }

  /** A type that has a layout: an integer, a boolean, an enum, a struct, an array. */
  value(
    type: ts.Type,
    at: ts.Node,
    parameters: ReadonlyMap<ts.Type, SourceType> = noParameters,
  ): { readonly type: ValueType; readonly readonly: boolean } | undefined {
    const found = this.#value(type, at, parameters);
    if (!found) this.#module.poisoned ??= spanOf(at);
    return found;
  }

  #value(
    type: ts.Type,
    at: ts.Node,
    parameters: ReadonlyMap<ts.Type, SourceType>,
  ): { readonly type: ValueType; readonly readonly: boolean } | undefined {
    const parameter = parameters.get(type);
    if (parameter?.kind === "value") return parameter;
    if (type.flags & ts.TypeFlags.BooleanLike) return { type: ir.bool, readonly: false };
    if (type.flags & ts.TypeFlags.EnumLike) return this.#enum(type);
    const alias = type.aliasSymbol && libraryName(type.aliasSymbol);
    const integer = alias === undefined ? undefined : integers.get(alias);
    if (integer) return { type: integer, readonly: false };
    const [argument] = type.aliasTypeArguments ?? [];
    if (alias === "Readonly" && argument) {
      const inner = this.value(argument, at, parameters);
      return inner && { type: inner.type, readonly: true };
    }
    const array = this.#array(type, at, parameters);
    if (array !== "no array") return array && { type: array, readonly: false };
    if (type.flags & ts.TypeFlags.Any) {
      // Either the source says `any` or TypeScript has complained already.
      if (at.kind === ts.SyntaxKind.AnyKeyword) this.#module.report(anyType(spanOf(at), at.getText()));
      return undefined;
    }
    if (type.flags & (ts.TypeFlags.NumberLike | ts.TypeFlags.BigIntLike)) {
      const wide = (type.flags & ts.TypeFlags.BigIntLike) !== 0;
      this.#module.report(D.noWidth(spanOf(at), this.#checker.typeToString(type), wide ? "u64" : "u32"));
      return undefined;
    }
    if (type.flags & ts.TypeFlags.Object) {
      const struct = this.structs.of(type, at, parameters);
      if (struct !== "no struct") return struct && { type: struct, readonly: false };
    }
    this.#module.report(D.unsupportedType(spanOf(at), this.#checker.typeToString(type)));
    return undefined;
  }

  #enum(type: ts.Type): { readonly type: IntType; readonly readonly: boolean } | undefined {
    const base = this.#checker.getBaseTypeOfLiteralType(type);
    const symbol = base.getSymbol();
    const declaration = symbol?.valueDeclaration;
    const owner =
      declaration && ts.isEnumMember(declaration)
        ? this.#checker.getSymbolAtLocation(declaration.parent.name)
        : symbol;
    const resolved = owner && this.enums.of(owner);
    return resolved && { type: resolved, readonly: false };
  }

  /** `FixedArray` loses its alias where TypeScript simplifies the intersection, so the interface inside it decides. */
  #array(
    type: ts.Type,
    at: ts.Node,
    parameters: ReadonlyMap<ts.Type, SourceType>,
  ): ArrayType | undefined | "no array" {
    const parts = type.isIntersection() ? type.types : [type];
    const elements = parts.find((part) => {
      const symbol = part.getSymbol();
      return symbol !== undefined && libraryName(symbol) === "FixedElements";
    });
    if (!elements || !isReference(elements)) return "no array";
    const [elementType, lengthType] = this.#checker.getTypeArguments(elements);
    if (!elementType || !lengthType) return "no array";
    const element = this.value(elementType, at, parameters);
    if (!element) return undefined;
    const length = lengthType.isNumberLiteral() ? lengthType.value : Number.NaN;
    if (!Number.isInteger(length) || length < 1 || length > 0x7fffffff) {
      this.#module.report(D.arrayLength(spanOf(at), this.#checker.typeToString(lengthType)));
      return undefined;
    }
    return ir.arrayOf(element.type, length);
  }
}

/** What several contexts share, and a context that has it: a parameter of such a type takes any of them. */
const sharedContexts: ReadonlyMap<string, string> = new Map([
  ["SockOpsCommon", "SockOpsContext"],
  ["SockOpsReply", "SockOpsContext"],
  ["SockOpsConnection", "SockOpsContext"],
  ["SockOpsState", "SockOpsContext"],
  ["SockOpsArguments", "SockOpsContext"],
  ["SockAddrCommon", "Connect4Context"],
  ["PacketReader", "TcContext"],
  ["PacketWriter", "TcContext"],
  ["WritableHeaders", "TcContext"],
  ["ReadonlyHeaders", "CgroupSkbContext"],
]);

function contextOfInterface(name: string): string | undefined {
  return Object.hasOwn(contexts, name) ? name : sharedContexts.get(name);
}

/** `CgroupSkbContext | TcContext`: any of them. */
function contextOfUnion(type: ts.Type): string | undefined {
  if (!type.isUnionOrIntersection()) return undefined;
  const names = type.types.map((part) => {
    const symbol = part.getSymbol();
    const name = symbol && libraryName(symbol);
    return name === undefined ? undefined : contextOfInterface(name);
  });
  return names.includes(undefined) ? undefined : names[0];
}

const noParameters: ReadonlyMap<ts.Type, SourceType> = new Map();

function isReference(type: ts.Type): type is ts.TypeReference {
  return (
    (type.flags & ts.TypeFlags.Object) !== 0 &&
    ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference) !== 0
  );
}

/** A union or intersection that the library names, such as `SockOpsContext`. */
function contextAlias(type: ts.Type): ts.Symbol | undefined {
  return type.aliasSymbol && libraryName(type.aliasSymbol) !== undefined ? type.aliasSymbol : undefined;
}
