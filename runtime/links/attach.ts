import { wrongTarget } from "../../compiler/diagnostics/attach.ts";
import { invalidOption } from "../../compiler/diagnostics/load.ts";
import { BpfError } from "../errors.ts";
import type { Program } from "../program.ts";
import type { AttachPoint } from "../program-kinds.ts";
import { attachCgroup, type CgroupTarget } from "./cgroup.ts";
import type { Link } from "./link.ts";
import { attachNetns, type NetnsTarget } from "./netns.ts";
import { attachSocketMap, type MapTarget } from "./socket-map.ts";
import { attachTc, type TcTarget } from "./tc.ts";
import { attachXdp, type XdpTarget } from "./xdp.ts";

export type { MapTarget } from "./socket-map.ts";

/** Where a program is attached; which form fits follows from its kind. */
export type AttachTarget = CgroupTarget | MapTarget | XdpTarget | TcTarget | NetnsTarget;

/** What the target of each kind looks like, for messages. */
const wanted: Readonly<Record<AttachPoint, string>> = {
  cgroup: "give a cgroup: `{ cgroup: path }`",
  map: "give a SockMap or SockHash: `{ map }`",
  xdp: "give a network device: `{ device: name }`",
  tc: 'give a network device and a direction: `{ device: name, direction: "ingress" }`',
  netns: "give a network namespace: `{ netns: path }`",
  none: "programs of this kind are not attached here",
};

const optionNames = ["cgroup", "map", "device", "netns", "direction", "mode", "flags", "priority", "classic"];

export function attach(program: Program, target: AttachTarget): Link {
  const operation = `attach program ${program.name}`;
  for (const name of Object.keys(target)) {
    if (!optionNames.includes(name)) {
      throw new BpfError(
        operation,
        invalidOption(undefined, name, "is not known", `the options are ${optionNames.join(", ")}`),
      );
    }
  }
  const point = program.kind.attachPoint;
  const mismatch = (what: string) =>
    new BpfError(operation, wrongTarget(undefined, program.name, program.kind.name, what, wanted[point]));

  if ("cgroup" in target) {
    if (point !== "cgroup") throw mismatch("a cgroup");
    return attachCgroup(program, target);
  }
  if ("map" in target) {
    if (point !== "map") throw mismatch("a map");
    return attachSocketMap(program, target);
  }
  if ("netns" in target) {
    if (point !== "netns") throw mismatch("a network namespace");
    return attachNetns(program, target);
  }
  if ("device" in target) {
    if (point === "tc" && "direction" in target) return attachTc(program, target);
    if (point === "xdp" && !("direction" in target)) return attachXdp(program, target);
    throw mismatch("direction" in target ? "tc on a device" : "a device");
  }
  throw mismatch("nothing");
}
