import { Command, Option } from "commander";
import { type KernelVersion, minKernelOption } from "../options.ts";
import type { Session } from "../program.ts";

export interface LspOptions {
  readonly minKernel?: KernelVersion;
}

export function lspCommand(_session: Session): Command {
  return new Command("lsp")
    .description("Serve an editor: the diagnostics of check while you type (Language Server Protocol).")
    .option("--stdio", "speak on stdin and stdout, the only way there is")
    .addOption(minKernelOption())
    .addOption(new Option("--clientProcessId <pid>", "end when this process does").hideHelp())
    .addHelpText(
      "after",
      `
Editors start it themselves; docs/editor.md has the settings for VS Code, Neovim and Helix.
It needs neither clang nor Linux, and does not care which TypeScript the editor uses.`,
    )
    .action(async (options: LspOptions) => {
      const { runLsp } = await import("../lsp.ts");
      await runLsp(options);
    });
}
