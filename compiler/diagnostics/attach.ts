import { define } from "./define.ts";

// Attaching programs and keeping them attached.

export const wrongTarget = define(
  "TSB4040",
  "program cannot be attached there",
  (program: string, kind: string, target: string, wanted: string) => ({
    message: `program \`${program}\` is of kind ${kind} and cannot be attached to ${target}`,
    help: wanted,
  }),
);

export const cgroupV1 = define("TSB4041", "path is a cgroup v1", (path: string, v2: string | undefined) => ({
  message: `\`${path}\` is a cgroup v1, programs attach to cgroup v2`,
  help:
    v2 === undefined
      ? "mount cgroup v2: `mount -t cgroup2 none /sys/fs/cgroup/unified`"
      : `cgroup v2 is mounted at ${v2}`,
}));

export const targetNotFound = define(
  "TSB4042",
  "attach target does not exist",
  (target: string, help: string) => ({
    message: `${target} does not exist`,
    help,
  }),
);

export const notTheTarget = define(
  "TSB4043",
  "attach target is something else",
  (path: string, wanted: string, help: string) => ({
    message: `\`${path}\` is not ${wanted}`,
    help,
  }),
);

export const busy = define(
  "TSB4044",
  "attach target is busy",
  (target: string, reason: string, help: string) => ({
    message: `${target} is busy: ${reason}`,
    help,
  }),
);

export const linkSevered = define("TSB4045", "attach target is gone", (what: string) => ({
  message: `${what} is severed: what it was attached to is gone`,
  help: "close it and attach again",
}));

export const programMismatch = define(
  "TSB4046",
  "program is of another kind",
  (what: string, kind: string, other: string) => ({
    message: `${what} holds a program of kind ${kind}, not ${other}`,
    help: "a link is updated with a program of the same kind",
  }),
);

export const attachFailed = define(
  "TSB4047",
  "program cannot be attached",
  (target: string, reason: string) => ({
    message: `${target}: ${reason}`,
    help: "`tsbpf doctor` tells what this kernel offers",
  }),
);

export const noBpffs = define("TSB4050", "path is not on bpffs", (path: string) => ({
  message: `\`${path}\` is not on a BPF file system, where alone objects can be pinned`,
  help: "mount one: `mount -t bpf bpf /sys/fs/bpf`, and pin below it",
}));

export const pinExists = define("TSB4051", "pin exists already", (path: string) => ({
  message: `\`${path}\` exists already`,
  help: "unpin what is there, or choose another path",
}));

export const pinMissing = define("TSB4052", "nothing is pinned there", (path: string) => ({
  message: `nothing is pinned at \`${path}\``,
  help: "list what is there with `ls`; pins vanish with a restart of the machine",
}));

export const unsafePinDirectory = define(
  "TSB4053",
  "pin directory is open to others",
  (path: string, why: string) => ({
    message: `\`${path}\` ${why}: whoever can write there can replace what is pinned`,
    help: `make it root's alone: \`chown root: ${path} && chmod 0700 ${path}\``,
  }),
);
