import { Command } from "commander";
import { buildCommand } from "./commands/build.ts";
import { checkCommand } from "./commands/check.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { explainCommand } from "./commands/explain.ts";
import { loadCommand } from "./commands/load.ts";
import { lspCommand } from "./commands/lsp.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Output } from "./output/stream.ts";
import { packageVersion } from "./version.ts";

/** What a command is given, and how it answers. */
export interface Session {
  readonly output: Output;
  readonly cwd: string;
  exitCode: ExitCode;
}

/**
 * The whole command line. A command's file holds its options, its help and its action; the action imports what it needs when it runs, so
 * that none pays for the others' start-up.
 */
export function program(session: Session): Command {
  const root = new Command("tsbpf")
    .description("Program the Linux kernel from TypeScript.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
    .showSuggestionAfterError(true)
    .showHelpAfterError("(--help lists what there is)")
    .addHelpText(
      "after",
      `
Examples:
  $ tsbpf check flows.bpf.ts                type-check a program, as the verifier will
  $ tsbpf build flows.bpf.ts                write flows.bpf.o
  $ tsbpf load flows.bpf.ts --attach connections=cgroup:/sys/fs/cgroup/shop
  $ tsbpf doctor                            what this machine can do
  $ tsbpf explain TSB1204                   what a diagnostic means

Exit codes: 0 ok, 1 diagnostics, 2 usage, 3 environment (no root, no clang, no BTF …).`,
    );
  const commands = [buildCommand, checkCommand, loadCommand, doctorCommand, explainCommand, lspCommand];
  for (const command of commands) {
    const made = command(session);
    made.copyInheritedSettings(root);
    root.addCommand(made);
  }
  return root;
}
