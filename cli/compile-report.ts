import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../compiler/diagnostics/render.ts";
import { toReport } from "../compiler/diagnostics/render-json.ts";
import { type ExitCode, exitCodeFor } from "./exit-code.ts";
import type { Format } from "./options.ts";
import { toJson } from "./output/json.ts";
import { formatTable } from "./output/table.ts";
import { wantsColour } from "./output/tty.ts";

/** What came of one entry file. */
export interface Compiled {
  /** As the user wrote it. */
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
  readonly timings: Readonly<Record<string, number>>;
  /** Absolute path of what was written. */
  readonly output?: string;
  /** What was asked for on stdout. */
  readonly text?: string;
}

/** What came of all entry files of one run, and how it is said. */
export class CompileReport {
  readonly #compiled: Compiled[] = [];
  readonly #cwd: string;
  readonly #format: Format;

  constructor(cwd: string, format: Format) {
    this.#cwd = cwd;
    this.#format = format;
  }

  add(compiled: Compiled): void {
    this.#compiled.push(compiled);
  }

  get exitCode(): ExitCode {
    return exitCodeFor(this.#compiled.flatMap((each) => each.diagnostics));
  }

  /** In the format asked for; the schema of the JSON is in docs/cli.md. */
  diagnostics(stream: { readonly isTTY?: boolean }, withTimings = false): string {
    const { diagnostics, sources } = this.#merged();
    if (this.#format === "json") return this.#json(diagnostics, sources, withTimings);
    const rendered = renderDiagnostics(diagnostics, sources, this.#format, {
      cwd: this.#cwd,
      color: wantsColour(stream),
    });
    return this.#format === "text" ? rendered + this.#summary(diagnostics) : rendered;
  }

  /** Milliseconds by stage and file, for people. */
  timings(): string {
    const stages = [...new Set(this.#compiled.flatMap((each) => Object.keys(each.timings)))];
    const rows = this.#compiled.map(({ file, timings }) => {
      const total = Object.values(timings).reduce((sum, time) => sum + time, 0);
      return [file, ...stages.map((stage) => (timings[stage] ?? 0).toFixed(1)), total.toFixed(1)];
    });
    const columns = [
      { title: "FILE" },
      ...[...stages, "total"].map((stage) => ({
        title: `${stage.toUpperCase()} ms`,
        align: "right" as const,
      })),
    ];
    return `${formatTable(columns, rows)}\n`;
  }

  /** A file that several entries import says its diagnostics once. */
  #merged(): { diagnostics: Diagnostic[]; sources: Map<string, string> } {
    const sources = new Map(this.#compiled.flatMap((each) => [...each.sources]));
    const seen = new Set<string>();
    const diagnostics = this.#compiled
      .flatMap((each) => each.diagnostics)
      .filter((diagnostic) => {
        const { code, message, span } = diagnostic;
        if (span === undefined) return true;
        const key = JSON.stringify([code, message, span.file, span.start, span.end]);
        return !seen.has(key) && seen.add(key);
      });
    return { diagnostics, sources };
  }

  #summary(diagnostics: readonly Diagnostic[]): string {
    if (diagnostics.length === 0) return "";
    const errors = diagnostics.filter(({ severity }) => severity === "error").length;
    const warnings = diagnostics.length - errors;
    const counted = (n: number, what: string): string[] =>
      n === 0 ? [] : [`${n} ${what}${n === 1 ? "" : "s"}`];
    const parts = [...counted(errors, "error"), ...counted(warnings, "warning")].join(" and ");
    const codes = diagnostics.find(({ code }) => code.startsWith("TSB"))?.code;
    const more = codes === undefined ? "" : `; \`tsbpf explain ${codes}\` tells more`;
    return `\n${parts}${more}\n`;
  }

  #json(
    diagnostics: readonly Diagnostic[],
    sources: ReadonlyMap<string, string>,
    withTimings: boolean,
  ): string {
    const files = this.#compiled.map(({ file, diagnostics: own, output, text, timings }) => ({
      file,
      ok: own.every(({ severity }) => severity !== "error"),
      output: output ?? null,
      ...(text === undefined ? {} : { text }),
      ...(withTimings ? { timings } : {}),
    }));
    return `${toJson({ ...toReport(diagnostics, sources, { cwd: this.#cwd }), files }, 2)}\n`;
  }
}
