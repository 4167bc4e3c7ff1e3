import { Command, Option } from "commander";
import { ExitCode } from "../exit-code.ts";
import { coloursFor } from "../output/tty.ts";
import type { Session } from "../program.ts";

export function doctorCommand(session: Session): Command {
  return new Command("doctor")
    .description("Check what this machine can do: kernel, privileges, toolchain.")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
√ is fine, ‼ works with less, × must be mended first. Exit code 3 if there is a ×.

Examples:
  $ tsbpf doctor
  $ tsbpf doctor --format json | jq '.categories[].checks[] | select(.status != "ok")'`,
    )
    .action(async (options: { format: "text" | "json" }) => {
      const [{ diagnose, count }, { renderJson, renderText }, { categories }] = await Promise.all([
        import("../doctor/check.ts"),
        import("../doctor/render.ts"),
        import("../doctor/categories.ts"),
      ]);
      const report = await diagnose(categories);
      session.output.data(
        options.format === "json" ? renderJson(report) : renderText(report, coloursFor(process.stdout)),
      );
      if (count(report, "error") > 0) session.exitCode = ExitCode.environment;
    });
}
