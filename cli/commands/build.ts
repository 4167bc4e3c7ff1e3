import { Command, Option } from "commander";
import {
  type CompileOptions,
  clangOption,
  formatOption,
  logLevelOption,
  minKernelOption,
} from "../options.ts";
import type { Session } from "../program.ts";

export const EMITS = ["object", "c", "ir", "js"] as const;
export type Emit = (typeof EMITS)[number];

export interface BuildOptions extends CompileOptions {
  readonly out?: string;
  readonly emit: Emit;
  readonly timings?: boolean;
}

export function buildCommand(session: Session): Command {
  return new Command("build")
    .description("Compile programs to BPF objects.")
    .argument("<file...>", "*.bpf.ts entry files, one object each")
    .option("-o, --out <path>", "file to write, or the folder where there are several; - is stdout")
    .addOption(
      new Option(
        "--emit <what>",
        "object, the C given to clang, the intermediate representation, or the program as JavaScript",
      )
        .choices(EMITS)
        .default("object"),
    )
    .addOption(formatOption())
    .option("--timings", "print how long each phase took")
    .addOption(clangOption())
    .addOption(minKernelOption())
    .addOption(logLevelOption())
    .addHelpText(
      "after",
      `
Without -o an object is written beside its source (flows.bpf.ts → flows.bpf.o); C, IR and JavaScript are printed.

Examples:
  $ tsbpf build flows.bpf.ts
  $ tsbpf build flows.bpf.ts -o build/flows.bpf.o
  $ tsbpf build programs/*.bpf.ts -o build/
  $ tsbpf build flows.bpf.ts --emit c
  $ tsbpf build flows.bpf.ts --min-kernel 6.1 --log-level off`,
    )
    .action(async (files: string[], options: BuildOptions) => {
      const { runBuild } = await import("../build.ts");
      session.exitCode = await runBuild(files, options, session);
    });
}
