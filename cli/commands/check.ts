import { Command } from "commander";
import { type CompileOptions, formatOption, logLevelOption, minKernelOption } from "../options.ts";
import type { Session } from "../program.ts";

export interface CheckOptions extends Omit<CompileOptions, "clang"> {
  readonly timings?: boolean;
}

export function checkCommand(session: Session): Command {
  return new Command("check")
    .description(
      "Check programs without building them: types, nullability, bounds, what the verifier will refuse.",
    )
    .argument("<file...>", "*.bpf.ts entry files")
    .addOption(formatOption())
    .addOption(minKernelOption())
    .addOption(logLevelOption())
    .option("--timings", "print how long each phase took")
    .addHelpText(
      "after",
      `
Diagnostics go to stdout. Needs neither clang nor Linux.

Examples:
  $ tsbpf check flows.bpf.ts
  $ tsbpf check programs/*.bpf.ts --format github
  $ tsbpf check flows.bpf.ts --min-kernel 6.1`,
    )
    .action(async (files: string[], options: CheckOptions) => {
      const { runCheck } = await import("../check.ts");
      session.exitCode = runCheck(files, options, session);
    });
}
