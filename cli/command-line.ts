import { CommanderError } from "commander";
import { ExitCode } from "./exit-code.ts";
import { processOutput } from "./output/stream.ts";
import { program, type Session } from "./program.ts";
import { UsageError } from "./usage-error.ts";

/** Runs the command that the process was started with. */
export async function runCommandLine(): Promise<ExitCode> {
  const session: Session = { output: processOutput(), cwd: process.cwd(), exitCode: ExitCode.ok };
  try {
    const command = program(session);
    for (const each of [command, ...command.commands]) each.exitOverride();
    await command.parseAsync();
    return session.exitCode;
  } catch (error) {
    return report(error, session);
  }
}

async function report(error: unknown, session: Session): Promise<ExitCode> {
  if (error instanceof CommanderError) {
    // Help and version that were asked for end here too, with 0; help for want of a command with 1.
    return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  }
  if (error instanceof UsageError) {
    session.output.progress(`error: ${error.message}\n${error.help === undefined ? "" : `${error.help}\n`}`);
    return ExitCode.usage;
  }
  const { reportFailure } = await import("./failure.ts");
  return reportFailure(error, session.output, session.cwd);
}
