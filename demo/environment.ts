import { EnvironmentError, findCgroup2 } from "./lab/index.ts";

/** Throws `EnvironmentError` where the run cannot be made, with the reason. */
export function requireEnvironment(): void {
  if (process.platform !== "linux")
    throw new EnvironmentError(`this is ${process.platform}, BPF is a part of Linux`);
  if (process.getuid?.() !== 0)
    throw new EnvironmentError("loading BPF programs needs root", "sudo npm start");
  findCgroup2();
}
