import { join } from "node:path";
import { packageRoot } from "../../package-root.ts";
import { ts } from "../typescript.ts";
import { type FunctionNode, isFunction } from "./nodes.ts";

/** A function that is the argument of a program constructor: `skMsg((msg) => …)`. */
export interface ProgramFunction {
  readonly kind: string;
  readonly node: FunctionNode;
  /** What the kernel takes. */
  readonly result: ts.Type | undefined;
}

export function programFunction(node: ts.Node, checker: ts.TypeChecker): ProgramFunction | undefined {
  if (!isFunction(node) || ts.isFunctionDeclaration(node)) return undefined;
  const call = node.parent;
  if (!ts.isCallExpression(call)) return undefined;
  const kind = constructedKind(checker.getResolvedSignature(call));
  if (kind === undefined) return undefined;
  const expected = checker.getContextualType(node)?.getCallSignatures()[0];
  return { kind, node, result: expected?.getReturnType() };
}

/** The innermost program around a node, not looking out of a function nested in it. */
export function enclosingProgram(node: ts.Node, checker: ts.TypeChecker): ProgramFunction | undefined {
  const owner = ts.findAncestor(node, isFunction);
  return owner === undefined ? undefined : programFunction(owner, checker);
}

/** `K` where the signature makes a `Program<K>`. */
function constructedKind(signature: ts.Signature | undefined): string | undefined {
  const type = signature?.getReturnType();
  if (type?.symbol?.name !== "Program" || type.aliasSymbol !== undefined) return undefined;
  const [kind] = (type as ts.TypeReference).typeArguments ?? [];
  return kind?.isStringLiteral() ? kind.value : undefined;
}

/** Every program kind of the standard library with its context's type. */
export function contextTypes(program: ts.Program): ReadonlyMap<string, ts.Type> {
  const checker = program.getTypeChecker();
  const library = program.getSourceFile(join(packageRoot, "stdlib", "index.d.ts"));
  const module = library === undefined ? undefined : checker.getSymbolAtLocation(library);
  const found = new Map<string, ts.Type>();
  const visit = (symbol: ts.Symbol): void => {
    const target = (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
    if ((target.flags & ts.SymbolFlags.Module) !== 0) checker.getExportsOfModule(target).forEach(visit);
    if ((target.flags & ts.SymbolFlags.Function) === 0) return;
    const [signature] = checker.getTypeOfSymbol(target).getCallSignatures();
    const kind = constructedKind(signature);
    const callback = signature?.getParameters()[0];
    if (kind === undefined || callback === undefined) return;
    const [run] = checker.getTypeOfSymbol(callback).getCallSignatures();
    const context = run?.getParameters()[0];
    if (context !== undefined) found.set(kind, checker.getTypeOfSymbol(context));
  };
  if (module !== undefined) checker.getExportsOfModule(module).forEach(visit);
  return found;
}

/** The program kinds whose context this is, whole or narrowed. */
export function kindsOfContext(type: ts.Type, contexts: ReadonlyMap<string, ts.Type>): string[] {
  const parts = type.isUnion() ? type.types : [type];
  return [...contexts]
    .filter(([, context]) => {
      const all = context.isUnion() ? context.types : [context];
      return parts.every((part) => all.includes(part));
    })
    .map(([kind]) => kind);
}

/** The values of an enum (or `boolean`) as they are written, the first one being the usual choice. */
export function valuesOf(type: ts.Type): string[] {
  if ((type.flags & ts.TypeFlags.BooleanLike) !== 0) return ["true", "false"];
  const parts = type.isUnion() ? type.types : [type];
  const names = parts.flatMap((part) => {
    const member = part.symbol?.valueDeclaration;
    if (member === undefined || !ts.isEnumMember(member)) return [];
    return [`${member.parent.name.text}.${part.symbol.name}`];
  });
  return names.sort((a, b) => Number(isUsual(b)) - Number(isUsual(a)));
}

function isUsual(name: string): boolean {
  return /\.(PASS|OK|ALLOW)$/.test(name);
}
