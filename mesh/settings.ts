import { invalidMeshOption } from "../compiler/diagnostics/mesh-configuration.ts";
import { BpfError } from "../runtime/index.ts";

/** Socket-to-socket delivery. What it cannot carry is in `docs/mesh.md`. */
export interface ShortcutOptions {
  /** Default true. `testHazards` says whether it is safe on this kernel. */
  readonly enabled?: boolean;
  /** Bytes that one end may redirect before the other writes; then the connection goes on over TCP. Default 256 KiB. */
  readonly budget?: number;
  /** Bytes that one end may redirect in the connection's life. Default 64 MiB. */
  readonly limit?: number;
}

export interface ShortcutSettings {
  readonly enabled: boolean;
  readonly budget: bigint;
  readonly limit: bigint;
}

const names = ["enabled", "budget", "limit"];

/** @throws {BpfError} TSB5006. */
export function readSettings(options: ShortcutOptions = {}): ShortcutSettings {
  const refuse = (name: string, what: string, help: string) =>
    new BpfError("load mesh", invalidMeshOption(undefined, `shortcut.${name}`, what, help));
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw refuse(name, "is not known", `the options are ${names.join(", ")}`);
  }
  const { enabled = true, budget = 256 * 1024, limit = 64 * 1024 * 1024 } = options;
  if (typeof enabled !== "boolean") throw refuse("enabled", `is ${String(enabled)}`, "give true or false");
  for (const [name, value] of Object.entries({ budget, limit })) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw refuse(name, `is ${String(value)}`, "give a number of bytes");
  }
  return { enabled, budget: BigInt(budget), limit: BigInt(limit) };
}
