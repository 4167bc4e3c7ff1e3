import { EnvironmentError, findCgroup2, run } from "./lab/index.ts";

/** What the run cannot do without: the command, how it is asked whether it is there, and the package that has it. */
const COMMANDS = [
  [["ip", "-V"], "iproute2"],
  [["ss", "-V"], "iproute2"],
  [["nsenter", "-V"], "util-linux"],
  [["setpriv", "-V"], "util-linux"],
  [["curl", "-V"], "curl"],
] as const;

/** Throws `EnvironmentError` where the run cannot be made, with the reason. */
export async function requireEnvironment(): Promise<void> {
  if (process.platform !== "linux")
    throw new EnvironmentError(`this is ${process.platform}, BPF is a part of Linux`);
  if (process.getuid?.() !== 0)
    throw new EnvironmentError("loading BPF programs needs root", "sudo npm start");
  findCgroup2();
  for (const [command, name] of COMMANDS) {
    await run(command).catch(() => {
      throw new EnvironmentError(`${command[0]} is not installed`, `apt-get install ${name}`);
    });
  }
}
