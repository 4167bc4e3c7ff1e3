import type { Diagnostic } from "./diagnostic.ts";
import { tooManyErrors } from "./internal.ts";

/** Enough to see a pattern; more only scrolls the first one away. */
export const maxDiagnostics = 25;

/**
 * What is shown of all that was found: in order of the files as first mentioned and of place, each complaint once, and at most
 * `maxDiagnostics` (a last one counts the rest).
 */
export function arrangeDiagnostics(found: readonly Diagnostic[]): Diagnostic[] {
  const files = [...new Set(found.map(({ span }) => span?.file))];
  const unique = new Map(found.map((diagnostic) => [identity(diagnostic), diagnostic]));
  const sorted = [...unique.values()].sort(
    (a, b) =>
      files.indexOf(a.span?.file) - files.indexOf(b.span?.file) ||
      (a.span?.start ?? 0) - (b.span?.start ?? 0) ||
      (a.span?.end ?? 0) - (b.span?.end ?? 0),
  );
  if (sorted.length <= maxDiagnostics) return sorted;
  const shown = sorted.slice(0, maxDiagnostics);
  const rest = sorted.slice(maxDiagnostics);
  // A warning among the first must not hide that there are errors behind it.
  if (!shown.some(isError)) shown.push(...rest.filter(isError).slice(0, 1));
  return [...shown, tooManyErrors(undefined, sorted.length - shown.length)];
}

/** Codes of lowering that say only that something else is wrong. */
const consequences: ReadonlySet<string> = new Set(["TSB1199", "TSB1511"]);

/** What the front end found, and what lowering found elsewhere: of two complaints about one line the first is the cause. */
export function mergeDiagnostics(
  first: readonly Diagnostic[],
  later: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
): Diagnostic[] {
  const errors = first.filter(isError);
  if (errors.length === 0) return [...first, ...later];
  const lines = new Set(errors.flatMap((diagnostic) => linesOf(diagnostic, sources)));
  const others = later.filter(
    (diagnostic) =>
      !consequences.has(diagnostic.code) && !linesOf(diagnostic, sources).some((line) => lines.has(line)),
  );
  return [...first, ...others];
}

function linesOf({ span }: Diagnostic, sources: ReadonlyMap<string, string>): string[] {
  const text = span && sources.get(span.file);
  if (!span || text === undefined) return [];
  const first = text.slice(0, span.start).split("\n").length;
  const count = text.slice(span.start, span.end).split("\n").length;
  return Array.from({ length: count }, (_, line) => `${span.file}:${first + line}`);
}

export function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === "error";
}

function identity({ code, message, span }: Diagnostic): string {
  return `${code} ${span?.file}:${span?.start}-${span?.end} ${message}`;
}
