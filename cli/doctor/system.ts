import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { readMountinfo } from "../../runtime/mountinfo.ts";
import { OLDEST_KERNEL } from "../options.ts";
import { type Category, type Outcome, ok } from "./check.ts";

/** The mesh needs what 6.1 brought; single programs do not. */
const MESH_KERNEL = [6, 1] as const;

function kernel(): Outcome {
  if (process.platform !== "linux") {
    return {
      status: "error",
      detail: `this is ${process.platform}`,
      hint: "the compiler works here; loading needs Linux",
    };
  }
  const [major = 0, minor = 0] = release().split(/[.-]/).map(Number);
  const atLeast = ([wantMajor, wantMinor]: readonly [number, number]): boolean =>
    major > wantMajor || (major === wantMajor && minor >= wantMinor);
  if (!atLeast(OLDEST_KERNEL)) {
    return {
      status: "error",
      detail: release(),
      hint: `Linux ${OLDEST_KERNEL.join(".")} or newer is needed`,
      code: "TSB4013",
    };
  }
  if (!atLeast(MESH_KERNEL)) {
    return {
      status: "warning",
      detail: release(),
      hint: `the mesh needs Linux ${MESH_KERNEL.join(".")} or newer; single programs load`,
    };
  }
  return ok(release());
}

// include/uapi/linux/capability.h
const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21, CAP_PERFMON: 38, CAP_BPF: 39 } as const;

/** Effective capabilities, from proc_pid_status(5). CAP_SYS_ADMIN holds what CAP_BPF and CAP_PERFMON were cut from. */
export function missingCapabilities(status: string): string[] {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const has = (name: keyof typeof CAPABILITIES): boolean =>
    (mask & (1n << BigInt(CAPABILITIES[name]))) !== 0n;
  if (has("CAP_SYS_ADMIN")) return has("CAP_NET_ADMIN") ? [] : ["CAP_NET_ADMIN"];
  return (["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"] as const).filter((name) => !has(name));
}

function privileges(): Outcome {
  const missing = missingCapabilities(readFileSync("/proc/self/status", "utf8"));
  if (missing.length > 0) {
    return {
      status: "error",
      detail: `without ${missing.join(", ")}`,
      hint: "run as root, or grant these capabilities",
      code: "TSB4010",
    };
  }
  return ok(process.getuid?.() === 0 ? "root" : "by capabilities");
}

function kernelBtf(): Outcome {
  if (existsSync("/sys/kernel/btf/vmlinux")) return ok();
  return {
    status: "warning",
    detail: "/sys/kernel/btf/vmlinux is missing",
    hint: "use a kernel with CONFIG_DEBUG_INFO_BTF=y; programs that read kernel structures do not load without",
    code: "TSB4012",
  };
}

function jit(): Outcome {
  const path = "/proc/sys/net/core/bpf_jit_enable";
  if (!existsSync(path))
    return {
      status: "warning",
      detail: "not in this kernel",
      hint: "programs run in the interpreter, many times slower",
    };
  if (readFileSync(path, "utf8").trim() !== "0") return ok();
  return { status: "warning", detail: "off", hint: "turn it on: sysctl net.core.bpf_jit_enable=1" };
}

function cgroup2(): Outcome {
  const mounts = readMountinfo();
  const mount = mounts.find((each) => each.fsType === "cgroup2");
  if (!mount) {
    return {
      status: "error",
      detail: mounts.some((each) => each.fsType === "cgroup") ? "only cgroup v1 is mounted" : "not mounted",
      hint: "mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 none /sys/fs/cgroup/unified",
      code: "TSB4041",
    };
  }
  try {
    accessSync(mount.mountPoint, constants.W_OK);
  } catch {
    return {
      status: "warning",
      detail: `${mount.mountPoint} is not writable`,
      hint: "cgroups cannot be made here; attach to existing ones",
    };
  }
  return ok(mount.mountPoint);
}

function bpffs(): Outcome {
  const mounts = readMountinfo().filter((each) => each.fsType === "bpf");
  const mount = mounts.find((each) => each.mountPoint === "/sys/fs/bpf") ?? mounts[0];
  if (mount) return ok(mount.mountPoint);
  return {
    status: "warning",
    detail: "not mounted",
    hint: "mount -t bpf bpf /sys/fs/bpf; only pinning needs it",
    code: "TSB4050",
  };
}

export const system: Category = {
  name: "system",
  checks: [
    { id: "kernel", title: "Linux kernel", run: kernel },
    { id: "privileges", title: "privileges for bpf(2)", run: privileges },
    { id: "kernel-btf", title: "BTF of the kernel", run: kernelBtf },
    { id: "jit", title: "JIT compiler", run: jit },
    { id: "cgroup2", title: "cgroup v2", run: cgroup2 },
    { id: "bpffs", title: "BPF file system", run: bpffs },
  ],
};
