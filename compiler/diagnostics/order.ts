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

export function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === "error";
}

function identity({ code, message, span }: Diagnostic): string {
  return `${code} ${span?.file}:${span?.start}-${span?.end} ${message}`;
}
