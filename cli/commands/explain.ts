import { Command } from "commander";
import { ExitCode } from "../exit-code.ts";
import { coloursFor } from "../output/tty.ts";
import type { Session } from "../program.ts";
import { UsageError } from "../usage-error.ts";

export function explainCommand(session: Session): Command {
  return new Command("explain")
    .description("Say what a diagnostic means, with a wrong and a right example.")
    .argument("[code]", "such as TSB1204")
    .option("--list", "list every code with its title")
    .option("--format <format>", "text or json (with --list)", "text")
    .addHelpText(
      "after",
      `
Examples:
  $ tsbpf explain TSB1204
  $ tsbpf explain --list`,
    )
    .action(async (code: string | undefined, options: { list?: boolean; format: string }) => {
      const { explanation, listCodes } = await import("../explain.ts");
      if (options.list) {
        session.output.data(listCodes(options.format));
        return;
      }
      if (code === undefined)
        throw new UsageError("which code?", "tsbpf explain TSB1204, or tsbpf explain --list");
      session.output.data(explanation(code, coloursFor(process.stdout)));
      session.exitCode = ExitCode.ok;
    });
}
