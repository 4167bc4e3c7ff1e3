import { renderDiagnostics } from "../compiler/diagnostics/render.ts";
import { BpfError } from "../runtime/errors.ts";
import { VerifierError } from "../runtime/verifier-error.ts";
import { ExitCode, exitCodeFor } from "./exit-code.ts";
import type { Output } from "./output/stream.ts";
import { wantsColour } from "./output/tty.ts";
import { WriteError } from "./output-file.ts";

/** Says on stderr why a command could not go on, and answers with what exit code that is. */
export function reportFailure(error: unknown, output: Output, cwd: string): ExitCode {
  if (error instanceof BpfError) {
    const diagnostic = { ...error.diagnostic, message: `${error.operation}: ${error.diagnostic.message}` };
    output.progress(
      renderDiagnostics([diagnostic], error instanceof VerifierError ? error.sources : new Map(), "text", {
        cwd,
        color: wantsColour(process.stderr),
      }),
    );
    return exitCodeFor([diagnostic]);
  }
  if (error instanceof WriteError) {
    output.progress(`error: ${error.message}\n`);
    return ExitCode.environment;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  output.progress(
    `error: tsbpf failed in a way it should not: ${text}\nplease report it with the command that you ran\n`,
  );
  return ExitCode.diagnostics;
}
