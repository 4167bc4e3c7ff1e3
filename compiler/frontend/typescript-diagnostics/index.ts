import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { isLibrary } from "../source-graph.ts";
import { ts } from "../typescript.ts";
import { translateMissingReturn, translateNotIterable, translateUntypedParameter } from "./functions.ts";
import { nodeAt } from "./nodes.ts";
import { translateMissingFields, translateNotAssignable } from "./not-assignable.ts";
import { translateOperands } from "./operators.ts";
import { passOn } from "./pass-on.ts";
import { translatePossiblyUndefined } from "./possibly-undefined.ts";
import type { Translated, Translation } from "./translation.ts";
import { translateReadOnly, translateTypeAsValue, translateUnknownMember } from "./unknown-member.ts";
import { translateMissingExport, translateUnknownName } from "./unknown-name.ts";

const translations: ReadonlyMap<number, Translation> = new Map([
  ...by(translatePossiblyUndefined, 2531, 2532, 2533, 2721, 2722, 2723, 18047, 18048, 18049),
  ...by(translateNotAssignable, 2322, 2345),
  ...by(translateMissingFields, 2739, 2740, 2741),
  ...by(translateOperands, 2365, 2367, 2447),
  ...by(translateUnknownName, 2304, 2503, 2552, 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 2868),
  ...by(translateTypeAsValue, 2585, 2693),
  ...by(translateUnknownMember, 2339, 2551, 2550, 2568),
  ...by(translateMissingExport, 2305, 2724),
  ...by(translateReadOnly, 2540),
  ...by(translateMissingReturn, 2355, 2366, 7030),
  ...by(translateUntypedParameter, 7006),
  ...by(translateNotIterable, 2488, 2495, 2549),
]);

function by(translation: Translation, ...numbers: readonly number[]): [number, Translation][] {
  return numbers.map((number) => [number, translation]);
}

/** Files and library types that only a construct outside the language asks for: a rule reports that. */
const reportedElsewhere: ReadonlySet<number> = new Set([6053, 2318, 2697, 2705, 1055, 1064]);

/** A parameter or variable without a type; where the call around it is wrong as well, that is why. */
const implicitAny: ReadonlySet<number> = new Set([7005, 7006, 7031, 7034]);

/** How many later places of one root are shown. */
const maxRepeats = 3;

/**
 * TypeScript's errors as ours. Those on the types of the language are put into its terms, under a code of the catalogue, with TypeScript's
 * number in a note; others keep its number and words. What follows from another error is left out.
 *
 * @param covered nodes that are wrong as a whole, so that nothing is said about their parts
 */
export function reportTypeScript(
  errors: readonly ts.Diagnostic[],
  program: ts.Program,
  covered: readonly ts.Node[] = [],
): Diagnostic[] {
  const checker = program.getTypeChecker();
  const found: Diagnostic[] = [];
  const roots = new Map<unknown, { readonly index: number; repeats: number }>();
  const relevant = errors.filter((error) => isRelevant(error, covered) && !followsFromCall(error, errors));
  for (const error of relevant) {
    const translated = hasLocation(error) ? translate(error, program, checker) : undefined;
    if (translated === undefined) {
      found.push(passOn(error));
      continue;
    }
    const diagnostic = withNumber(translated.diagnostic, error.code);
    const first = translated.root === undefined ? undefined : roots.get(translated.root);
    if (first === undefined) {
      if (translated.root !== undefined) roots.set(translated.root, { index: found.length, repeats: 0 });
      found.push(diagnostic);
    } else if (diagnostic.span !== undefined && first.repeats++ < maxRepeats) {
      const before = found[first.index];
      if (before === undefined) continue;
      const labels = [...(before.labels ?? []), { span: diagnostic.span, message: "and here" }];
      found[first.index] = { ...before, labels };
    }
  }
  return found;
}

function translate(
  error: ts.DiagnosticWithLocation,
  program: ts.Program,
  checker: ts.TypeChecker,
): Translated | undefined {
  const translation = translations.get(error.code);
  if (translation === undefined) return undefined;
  const { file, start, length } = error;
  const span = { file: file.fileName, start, end: start + length };
  return translation({ error, program, checker, span, node: nodeAt(file, start, length) });
}

function isRelevant(error: ts.Diagnostic, covered: readonly ts.Node[]): boolean {
  if (error.category !== ts.DiagnosticCategory.Error || reportedElsewhere.has(error.code)) return false;
  const { file, start } = error;
  if (file === undefined || start === undefined) return true;
  if (isLibrary(file.fileName) || isModuleSpecifier(nodeAt(file, start, error.length ?? 0))) return false;
  return !covered.some((node) => node.getSourceFile() === file && node.pos <= start && start < node.end);
}

/** Where modules lead is decided, and complained about, by `resolve-module.ts`. */
function isModuleSpecifier(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isStringLiteral(node) && (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent));
}

/** `list.map((x) => …)`: that `x` has no type follows from there being no `map`. */
function followsFromCall(error: ts.Diagnostic, errors: readonly ts.Diagnostic[]): boolean {
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

function hasLocation(error: ts.Diagnostic): error is ts.DiagnosticWithLocation {
  return error.file !== undefined && error.start !== undefined && error.length !== undefined;
}

function withNumber(diagnostic: Diagnostic, number: number): Diagnostic {
  return { ...diagnostic, notes: [...(diagnostic.notes ?? []), `TypeScript reports this as TS${number}`] };
}
