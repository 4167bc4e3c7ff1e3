import { execFile } from "node:child_process";
import { type Category, type Check, type Outcome, ok } from "./check.ts";

/** The first line that `command` prints, or `undefined` where it is not installed. */
function firstLine(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 5_000 }, (error, stdout, stderr) => {
      if (error && error.code === "ENOENT") resolve(undefined);
      else resolve((stdout || stderr).split("\n")[0]?.trim() ?? "");
    });
  });
}

function installed(
  id: string,
  command: string,
  args: readonly string[],
  packageName: string,
  needed: string,
): Check {
  return {
    id,
    title: command,
    async run(): Promise<Outcome> {
      const line = await firstLine(command, args);
      if (line !== undefined) return ok(/\d+(\.\d+)+/.exec(line)?.[0]);
      return {
        status: "warning",
        detail: "not installed",
        hint: `apt-get install ${packageName}; ${needed}`,
      };
    },
  };
}

/** What the demonstration uses. Nothing of the package itself needs them. */
export const programsAtHand: Category = {
  name: "demonstration",
  checks: [
    installed("ip", "ip", ["-V"], "iproute2", "the demonstration makes its namespaces with it"),
    installed("nginx", "nginx", ["-v"], "nginx-light", "without it Node's own http server answers"),
    installed("haproxy", "haproxy", ["-v"], "haproxy", "without it there is no proxy to compare with"),
    installed("curl", "curl", ["--version"], "curl", "the demonstration calls its services with it"),
    installed("bpftool", "bpftool", ["version"], "bpftool", "to verify from outside what is loaded"),
  ],
};
