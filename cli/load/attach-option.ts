import { UsageError } from "../usage-error.ts";

/** Where a program goes, as the command line names it. */
export type AttachTarget =
  | { readonly kind: "cgroup"; readonly path: string }
  | { readonly kind: "sockmap"; readonly map: string }
  | { readonly kind: "xdp"; readonly device: string }
  | { readonly kind: "tc"; readonly device: string; readonly direction: "ingress" | "egress" }
  | { readonly kind: "netns"; readonly path: string };

export interface AttachOption {
  readonly program: string;
  readonly target: AttachTarget;
}

const KINDS = ["cgroup", "sockmap", "xdp", "tc", "netns"] as const;

/** `PROGRAM=KIND:TARGET`. The target may hold any character, `:` and `=` too. */
export function parseAttach(text: string): AttachOption {
  const [, program, kind, target] = /^([^=]+)=([^:]+):(.+)$/.exec(text) ?? [];
  if (program === undefined || kind === undefined || target === undefined) {
    throw new UsageError(
      `--attach ${text}: write it as PROGRAM=KIND:TARGET`,
      "such as count=cgroup:/sys/fs/cgroup/shop",
    );
  }
  switch (kind) {
    case "cgroup":
    case "netns":
      return { program, target: { kind, path: target } };
    case "sockmap":
      return { program, target: { kind, map: target } };
    case "xdp":
      return { program, target: { kind, device: target } };
    case "tc":
      return { program, target: parseTc(text, target) };
    default:
      throw new UsageError(
        `--attach ${text}: there is no kind of target "${kind}"`,
        `they are ${KINDS.join(", ")}`,
      );
  }
}

function parseTc(text: string, target: string): AttachTarget {
  const slash = target.lastIndexOf("/");
  const [device, direction] = [target.slice(0, slash), target.slice(slash + 1)];
  if (slash < 1 || (direction !== "ingress" && direction !== "egress")) {
    throw new UsageError(
      `--attach ${text}: tc wants a device and a direction`,
      "such as count=tc:eth0/ingress",
    );
  }
  return { kind: "tc", device, direction };
}

/** As on the command line. */
export function formatTarget(target: AttachTarget): string {
  switch (target.kind) {
    case "cgroup":
    case "netns":
      return `${target.kind}:${target.path}`;
    case "sockmap":
      return `sockmap:${target.map}`;
    case "xdp":
      return `xdp:${target.device}`;
    case "tc":
      return `tc:${target.device}/${target.direction}`;
  }
}

/** What to write for a program of this kind, for help. */
export function exampleTarget(attachPoint: string): string {
  switch (attachPoint) {
    case "map":
      return "sockmap:MAP";
    case "xdp":
      return "xdp:DEVICE";
    case "tc":
      return "tc:DEVICE/ingress";
    case "netns":
      return "netns:/proc/self/ns/net";
    default:
      return "cgroup:PATH";
  }
}
