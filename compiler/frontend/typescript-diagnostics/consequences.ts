import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { possiblyUndefined } from "../../diagnostics/nullability.ts";
import { replyToWrongOperation } from "../../diagnostics/program-shape.ts";
import { isLibrary } from "../source-graph.ts";
import { ts } from "../typescript.ts";
import { type FunctionNode, isFunction, nodeAt } from "./nodes.ts";

/** Files and library types that only a construct outside the language asks for: a rule reports that. */
const reportedElsewhere: ReadonlySet<number> = new Set([6053, 2318, 2697, 2705, 1055, 1064]);

/** A parameter or variable without a type; where the call around it is wrong as well, that is why. */
const implicitAny: ReadonlySet<number> = new Set([7005, 7006, 7031, 7034]);

/** "Untyped function calls may not accept type arguments": something made the callee `any`. */
const untypedCall = 2347;

/** A name or member that is not there. What comes of it is an error type, which narrows nothing. */
const unresolved: ReadonlySet<number> = new Set([2304, 2339, 2503, 2551, 2552, 2305, 2724]);

/** What a test with an unresolved name in it fails to rule out. */
const narrowed: ReadonlySet<string> = new Set([possiblyUndefined.code, replyToWrongOperation.code]);

export function hasLocation(error: ts.Diagnostic): error is ts.DiagnosticWithLocation {
  return error.file !== undefined && error.start !== undefined && error.length !== undefined;
}

/** The errors that are about the program itself and follow from no other. `covered` nodes are wrong as a whole. */
export function rootErrors(errors: readonly ts.Diagnostic[], covered: readonly ts.Node[]): ts.Diagnostic[] {
  return errors.filter((error) => isRelevant(error, covered) && !followsFromOthers(error, errors));
}

function isRelevant(error: ts.Diagnostic, covered: readonly ts.Node[]): boolean {
  if (error.category !== ts.DiagnosticCategory.Error || reportedElsewhere.has(error.code)) return false;
  if (!hasLocation(error)) return true;
  const { file, start, length } = error;
  if (isLibrary(file.fileName) || isModuleSpecifier(nodeAt(file, start, length))) return false;
  return !covered.some((node) => node.getSourceFile() === file && node.pos <= start && start < node.end);
}

/** Where modules lead is decided, and complained about, by `resolve-module.ts`. */
function isModuleSpecifier(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isStringLiteral(node) && (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent));
}

/** `list.map((x) => …)`: that `x` has no type follows from there being no `map`. */
function followsFromOthers(error: ts.Diagnostic, errors: readonly ts.Diagnostic[]): boolean {
  if (error.code === untypedCall) return errors.some(({ code }) => code !== untypedCall);
  if (!implicitAny.has(error.code) || !hasLocation(error)) return false;
  const call = ts.findAncestor(nodeAt(error.file, error.start, error.length), ts.isCallExpression);
  if (call === undefined) return false;
  return errors.some(
    (other) =>
      !implicitAny.has(other.code) &&
      other.file === error.file &&
      other.start !== undefined &&
      call.getStart() <= other.start &&
      other.start < call.end,
  );
}

/** An error with what it was translated to, if it was. */
export interface Explained {
  readonly error: ts.Diagnostic;
  readonly diagnostic: Diagnostic | undefined;
}

/** Leaves out what a condition would have ruled out, had all its names been there. */
export function withoutLostNarrowing<T extends Explained>(found: readonly T[]): readonly T[] {
  const isNarrowed = ({ diagnostic }: T) => diagnostic !== undefined && narrowed.has(diagnostic.code);
  const missing = found.filter((one) => unresolved.has(one.error.code) && !isNarrowed(one));
  if (missing.length === 0) return found;
  const places = missing.map(({ error }) => ({ owner: functionAround(error), start: error.start ?? 0 }));
  return found.filter((one) => {
    if (!isNarrowed(one)) return true;
    const owner = functionAround(one.error);
    const start = one.error.start ?? 0;
    return !places.some((place) => owner !== undefined && place.owner === owner && place.start < start);
  });
}

function functionAround(error: ts.Diagnostic): FunctionNode | undefined {
  if (!hasLocation(error)) return undefined;
  return ts.findAncestor(nodeAt(error.file, error.start, error.length), isFunction) as
    | FunctionNode
    | undefined;
}
