import { check } from "../compiler/index.ts";
import type { CheckOptions } from "./commands/check.ts";
import { CompileReport } from "./compile-report.ts";
import type { ExitCode } from "./exit-code.ts";
import { compilerOptions } from "./options.ts";
import type { Session } from "./program.ts";

export function runCheck(files: readonly string[], options: CheckOptions, session: Session): ExitCode {
  const report = new CompileReport(session.cwd, options.format);
  for (const file of files) {
    const { diagnostics, sources, timings } = check(file, compilerOptions(options, session.cwd));
    report.add({ file, diagnostics, sources, timings });
  }
  session.output.data(report.diagnostics(process.stdout, options.timings));
  if (options.timings && options.format !== "json") session.output.progress(report.timings());
  return report.exitCode;
}
