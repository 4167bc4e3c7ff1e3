import { notTheTarget } from "../compiler/diagnostics/attach.ts";
import { openPin } from "./bpffs.ts";
import { BpfError } from "./errors.ts";
import { binding } from "./native.ts";
import { Program } from "./program.ts";
import { programKindByType } from "./program-kinds.ts";

/**
 * A program that was pinned. The kernel tells its type and not what it was made to attach to, so where one type serves several kinds the
 * kind must be given.
 *
 * @param attachType `enum bpf_attach_type`, for kinds that share a program type (`cgroup.connect4` and `cgroup.connect6`).
 * @throws {BpfError} TSB4050, TSB4052; TSB4043 where something else than a program is pinned.
 */
export function openPinnedProgram(path: string, attachType = 0): Program {
  const operation = `open pinned program ${path}`;
  const { kind, descriptor } = openPin(path, operation);
  if (kind !== "program") {
    descriptor.close();
    throw new BpfError(
      operation,
      notTheTarget(undefined, path, "a program", `what is pinned there is a ${kind}`),
    );
  }
  const info = binding().programInfo(descriptor);
  return new Program(info.name, programKindByType(info.type, attachType), descriptor);
}
