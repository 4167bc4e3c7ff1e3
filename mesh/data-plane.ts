import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { meshObjectMissing } from "../compiler/diagnostics/mesh-configuration.ts";
import { packageRoot } from "../compiler/package-root.ts";
import type * as programs from "../programs/mesh/mesh.bpf.ts";
import { BpfError } from "../runtime/index.ts";

/** What the object has, as its source types it. */
export type DataPlane = typeof import("../programs/mesh/mesh.bpf.ts");

// The enums of the programs: user space has their types alone, so the numbers are written here and held against the types.

export const Role = { CLIENT: 0, SERVER: 1 } as const satisfies Record<
  keyof typeof programs.Role,
  programs.Role
>;
export const Action = { DENY: 0, ALLOW: 1 } as const satisfies Record<
  keyof typeof programs.Action,
  programs.Action
>;
export const Pick = { RANDOM: 0, ROUND_ROBIN: 1 } as const satisfies Record<
  keyof typeof programs.Pick,
  programs.Pick
>;
export const Direction = { EGRESS: 0, INGRESS: 1 } as const satisfies Record<
  keyof typeof programs.Direction,
  programs.Direction
>;
export const Reason = { NO_RULE: 0, RULE: 1, UNREADABLE: 2, NO_BACKEND: 3 } as const satisfies Record<
  keyof typeof programs.Reason,
  programs.Reason
>;

/** IPPROTO_TCP. */
export const TCP = 6;

/** The object that the set-up compiles from `programs/mesh/mesh.bpf.ts`. */
export function compiledDataPlane(): Uint8Array {
  const path = join(packageRoot, "dist", "programs", "mesh.bpf.o");
  if (!existsSync(path)) throw new BpfError("load mesh", meshObjectMissing(undefined, path));
  return readFileSync(path);
}
