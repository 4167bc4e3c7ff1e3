import * as D from "../diagnostics/types.ts";
import { spanOf } from "../frontend/span.ts";
import { ts } from "../frontend/typescript.ts";
import { alignOf, sizeOf } from "../ir/build.ts";
import type { StructField, StructType } from "../ir/types.ts";
import type { ModuleContext } from "./context.ts";
import type { TypeTable } from "./types.ts";
import type { SourceType } from "./value.ts";

type Members = ts.InterfaceDeclaration | ts.TypeLiteralNode;

/** Structs by declaration (and type arguments): two with the same members are two types. */
export class StructTable {
  readonly #known = new Map<string, StructType | undefined>();
  readonly #ids = new Map<object, number>();
  readonly #open = new Set<ts.Symbol>();
  readonly #names = new Set<string>();
  readonly #module: ModuleContext;
  readonly #types: TypeTable;

  constructor(module: ModuleContext, types: TypeTable) {
    this.#module = module;
    this.#types = types;
  }

  of(
    type: ts.Type,
    at: ts.Node,
    parameters: ReadonlyMap<ts.Type, SourceType>,
  ): StructType | undefined | "no struct" {
    const symbol = type.getSymbol();
    const declarations = symbol?.declarations?.filter(isMembers) ?? [];
    const [declaration, other] = declarations;
    if (!symbol || !declaration || type.getCallSignatures().length > 0) return "no struct";
    const key = [
      symbol,
      ...this.#types.typeArguments(type).map((argument) => parameters.get(argument) ?? argument),
    ]
      .map((part) => this.#identify(part))
      .join(" ");
    if (this.#known.has(key)) return this.#known.get(key);
    if (this.#open.has(symbol)) {
      this.#module.report(D.recursiveStruct(spanOf(at), type.aliasSymbol?.name ?? symbol.name));
      return undefined;
    }
    if (other) {
      this.#module.report(D.mergedInterface(spanOf(nameOf(other)), symbol.name, spanOf(nameOf(declaration))));
      this.#known.set(key, undefined);
      return undefined;
    }
    this.#open.add(symbol);
    const struct = this.#layOut(type, declaration, parameters);
    this.#open.delete(symbol);
    this.#known.set(key, struct);
    if (struct) this.#module.structs.push(struct);
    return struct;
  }

  /** A struct that only the compiler knows, such as the result of a function that may return no number. */
  synthesize(name: string, members: readonly Omit<StructField, "offset">[]): StructType {
    const known = this.#known.get(`synthetic ${name}`);
    if (known) return known;
    const struct = place(this.#unique(name), members);
    this.#known.set(`synthetic ${name}`, struct);
    this.#module.structs.push(struct);
    return struct;
  }

  #identify(part: object): number {
    const known = this.#ids.get(part) ?? this.#ids.size;
    this.#ids.set(part, known);
    return known;
  }

  #layOut(
    type: ts.Type,
    declaration: Members,
    parameters: ReadonlyMap<ts.Type, SourceType>,
  ): StructType | undefined {
    const name = this.#nameFor(type, declaration);
    const names = memberNames(this.#module.checker, declaration);
    const members: Omit<StructField, "offset">[] = [];
    let complete = true;
    for (const member of names) {
      const problem = member.problem;
      const property = member.name === undefined ? undefined : type.getProperty(member.name);
      if (problem !== undefined || !property) {
        this.#module.report(D.unsupportedMember(spanOf(member.node), problem ?? "this member"));
        complete = false;
        continue;
      }
      if (members.some((known) => known.name === property.name)) continue;
      const at = ts.isPropertySignature(member.node) && member.node.type ? member.node.type : member.node;
      const field = this.#types.value(
        this.#module.checker.getTypeOfSymbolAtLocation(property, at),
        at,
        parameters,
      );
      if (field) members.push({ name: property.name, type: field.type });
      else complete = false;
    }
    if (complete && members.length === 0) {
      this.#module.report(D.emptyStruct(spanOf(nameOf(declaration)), name));
      return undefined;
    }
    return complete ? place(this.#unique(name), members) : undefined;
  }

  #nameFor(type: ts.Type, declaration: Members): string {
    if (ts.isInterfaceDeclaration(declaration)) return declaration.name.text;
    if (type.aliasSymbol) return type.aliasSymbol.name;
    const holder = declaration.parent;
    if (ts.isTypeAliasDeclaration(holder)) return holder.name.text;
    if (ts.isPropertySignature(holder) && ts.isIdentifier(holder.name)) return holder.name.text;
    return "anonymous";
  }

  #unique(name: string): string {
    let unique = name;
    for (let n = 2; this.#names.has(unique); n++) unique = `${name}_${n}`;
    this.#names.add(unique);
    return unique;
  }
}

/** Natural alignment: as C lays out a struct without attributes. */
function place(name: string, members: readonly Omit<StructField, "offset">[]): StructType {
  let offset = 0;
  let align = 1;
  const fields = members.map((member) => {
    const need = alignOf(member.type);
    offset = Math.ceil(offset / need) * need;
    align = Math.max(align, need);
    const field = { name: member.name, type: member.type, offset };
    offset += sizeOf(member.type);
    return field;
  });
  return { kind: "struct", name, fields, align, size: Math.ceil(offset / align) * align };
}

function isMembers(node: ts.Declaration): node is Members {
  return ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node);
}

function nameOf(declaration: Members): ts.Node {
  return ts.isInterfaceDeclaration(declaration) ? declaration.name : declaration;
}

interface Member {
  readonly node: ts.Node;
  readonly name?: string;
  readonly problem?: string;
}

/**
 * Base interfaces first, then the declared order. The checker's own order of properties is another one (own before inherited), so
 * the declarations decide.
 */
function memberNames(checker: ts.TypeChecker, declaration: Members): Member[] {
  const names: Member[] = [];
  if (ts.isInterfaceDeclaration(declaration)) {
    for (const clause of declaration.heritageClauses ?? []) {
      for (const base of clause.types) {
        const bases = checker.getTypeAtLocation(base).getSymbol()?.declarations?.filter(isMembers) ?? [];
        const [only, second] = bases;
        if (only && !second) names.push(...memberNames(checker, only));
        else names.push({ node: base, problem: "a base that is no single interface" });
      }
    }
  }
  for (const member of declaration.members) names.push(describe(member));
  return names;
}

function describe(node: ts.TypeElement): Member {
  if (!ts.isPropertySignature(node)) {
    const what = ts.isMethodSignature(node)
      ? "a method"
      : ts.isIndexSignatureDeclaration(node)
        ? "an index signature"
        : "a call signature or accessor";
    return { node, problem: what };
  }
  if (node.questionToken) return { node, problem: "an optional field" };
  if (!ts.isIdentifier(node.name) && !ts.isStringLiteral(node.name)) {
    return { node, problem: "a computed name" };
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(node.name.text)) {
    return { node, problem: "a name with other characters than letters, digits and `_`" };
  }
  return { node, name: node.name.text };
}
