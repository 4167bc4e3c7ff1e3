export type Status = "ok" | "warning" | "error";

/** What a check found. `detail` follows the title: a version, a path; `hint` says what to do where it is not ok. */
export interface Outcome {
  readonly status: Status;
  readonly detail?: string;
  readonly hint?: string;
  /** The diagnostic that one meets without it, for `tsbpf explain`. */
  readonly code?: string;
}

export interface Check {
  /** Permanent: `kernel-btf`. Scripts read it from the JSON. */
  readonly id: string;
  readonly title: string;
  run(): Outcome | Promise<Outcome>;
}

export interface Category {
  readonly name: string;
  readonly checks: readonly Check[];
}

export interface Finding extends Outcome {
  readonly id: string;
  readonly title: string;
}

export interface Report {
  readonly categories: readonly { readonly name: string; readonly findings: readonly Finding[] }[];
}

export const ok = (detail?: string): Outcome => ({
  status: "ok",
  ...(detail === undefined ? {} : { detail }),
});

/** Runs everything. A check that throws has failed, and its error is the detail. */
export async function diagnose(categories: readonly Category[]): Promise<Report> {
  const report: { name: string; findings: Finding[] }[] = [];
  for (const { name, checks } of categories) {
    const findings: Finding[] = [];
    for (const { id, title, run } of checks) {
      let outcome: Outcome;
      try {
        outcome = await run();
      } catch (error) {
        outcome = { status: "error", detail: error instanceof Error ? error.message : String(error) };
      }
      findings.push({ id, title, ...outcome });
    }
    report.push({ name, findings });
  }
  return { categories: report };
}

export function count(report: Report, status: Status): number {
  return report.categories
    .flatMap((category) => category.findings)
    .filter((finding) => finding.status === status).length;
}
