import { Command, Option } from "commander";
import { type CompileOptions, clangOption, logLevelOption, minKernelOption } from "../options.ts";
import type { Session } from "../program.ts";

export interface LoadOptions extends Omit<CompileOptions, "format"> {
  readonly format: "text" | "json";
  /** `false` for `--no-attach`. */
  readonly attach: readonly string[] | false;
  readonly set: readonly string[];
  readonly pin?: string;
  readonly verifierLog?: boolean;
}

const collect = (value: string, previous: readonly string[] | boolean): readonly string[] => [
  ...(Array.isArray(previous) ? previous : []),
  value,
];

export function loadCommand(session: Session): Command {
  return new Command("load")
    .description("Load programs into the kernel, attach them, and print what they say until interrupted.")
    .argument("<file>", "a *.bpf.ts entry file, or a BPF object")
    .addOption(
      new Option("--attach <program=kind:target>", "where a program goes; once for each program")
        .argParser(collect)
        .default([]),
    )
    .option("--no-attach", "load without attaching")
    .addOption(
      new Option("--set <name=value>", "set a constant or a global before loading")
        .argParser(collect)
        .default([]),
    )
    .option("--pin <dir>", "pin maps, programs and links below a folder of the BPF file system")
    .option("--verifier-log", "print the verifier's whole log where it refuses")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .addOption(clangOption())
    .addOption(minKernelOption())
    .addOption(logLevelOption())
    .addHelpText(
      "after",
      `
Targets: cgroup:PATH, sockmap:MAP, xdp:DEVICE, tc:DEVICE/ingress, tc:DEVICE/egress, netns:PATH.
SIGINT and SIGTERM detach everything; what --pin pinned stays in force.

Examples:
  $ tsbpf load flows.bpf.ts --attach connections=cgroup:/sys/fs/cgroup/shop
  $ tsbpf load drop.bpf.ts --attach drop=xdp:eth0 --set port=8080
  $ tsbpf load mesh.bpf.o --attach sockops=cgroup:/sys/fs/cgroup/shop --attach shortcut=sockmap:sockets
  $ tsbpf load flows.bpf.ts --no-attach          in the kernel until interrupted, running nowhere
  $ tsbpf load flows.bpf.ts --attach connections=cgroup:/sys/fs/cgroup/shop --format json | jq .value`,
    )
    .action(async (file: string, options: LoadOptions) => {
      const { runLoad } = await import("../load/run.ts");
      session.exitCode = await runLoad(file, options, session);
    });
}
