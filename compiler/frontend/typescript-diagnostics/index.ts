import type { Diagnostic, Span } from "../../diagnostics/diagnostic.ts";
import type { ts } from "../typescript.ts";
import { hasLocation, rootErrors, withoutLostNarrowing } from "./consequences.ts";
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

/** How many later places of one root are shown. */
const maxRepeats = 3;

export interface TypeErrors {
  readonly diagnostics: readonly Diagnostic[];
  /** Every place TypeScript complained about, those included that follow from others. */
  readonly places: readonly Span[];
}

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
): TypeErrors {
  const found = rootErrors(errors, covered).map((error) => {
    const translated = translate(error, program);
    return { error, root: translated?.root, diagnostic: translated?.diagnostic };
  });
  const folded = new FoldedDiagnostics();
  for (const { error, root, diagnostic } of withoutLostNarrowing(found)) {
    folded.add(diagnostic === undefined ? passOn(error) : withNumber(diagnostic, error.code), root);
  }
  const places = errors.filter(hasLocation).map(({ file, start, length }) => ({
    file: file.fileName,
    start,
    end: start + length,
  }));
  return { diagnostics: folded.diagnostics, places };
}

/** Complaints with one root become labels of the first. */
class FoldedDiagnostics {
  readonly diagnostics: Diagnostic[] = [];
  readonly #firsts = new Map<unknown, number>();

  add(diagnostic: Diagnostic, root: unknown): void {
    const index = root === undefined ? undefined : this.#firsts.get(root);
    const first = index === undefined ? undefined : this.diagnostics[index];
    if (index === undefined || first === undefined) {
      if (root !== undefined) this.#firsts.set(root, this.diagnostics.length);
      this.diagnostics.push(diagnostic);
      return;
    }
    const labels = first.labels ?? [];
    if (diagnostic.span === undefined || labels.length >= maxRepeats) return;
    this.diagnostics[index] = {
      ...first,
      labels: [...labels, { span: diagnostic.span, message: "and here" }],
    };
  }
}

function translate(error: ts.Diagnostic, program: ts.Program): Translated | undefined {
  const translation = translations.get(error.code);
  if (translation === undefined || !hasLocation(error)) return undefined;
  const { file, start, length } = error;
  const span = { file: file.fileName, start, end: start + length };
  const checker = program.getTypeChecker();
  return translation({ error, program, checker, span, node: nodeAt(file, start, length) });
}

function withNumber(diagnostic: Diagnostic, number: number): Diagnostic {
  return { ...diagnostic, notes: [...(diagnostic.notes ?? []), `TypeScript reports this as TS${number}`] };
}
