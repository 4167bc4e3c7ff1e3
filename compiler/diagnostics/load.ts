import { define } from "./define.ts";

// What the kernel or the machine may say when an object is loaded, and misuse of what was loaded.

export const noPrivileges = define("TSB4010", "no privileges", (capability: string) => ({
  message: "operation not permitted",
  help: `run as root or with ${capability}; in a container the seccomp profile must allow bpf(2)`,
}));

export const addonMissing = define(
  "TSB4011",
  "native addon is missing",
  (reason: string, remedy: string) => ({
    message: reason,
    help: remedy,
  }),
);

export const noKernelBtf = define("TSB4012", "kernel has no BTF", () => ({
  message: "the kernel has no BTF (/sys/kernel/btf/vmlinux is missing)",
  help: "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, or give `kernelBtfPath`",
}));

export const notSupported = define(
  "TSB4013",
  "kernel does not support it",
  (feature: string, since: string | undefined, instead?: string) => ({
    message:
      since === undefined
        ? `${feature} is not supported`
        : `${feature} is not supported (requires >= ${since})`,
    ...(instead === undefined ? {} : { help: instead }),
  }),
);

export const loadFailed = define(
  "TSB4014",
  "object cannot be loaded",
  (reason: string, log: readonly string[]) => ({
    message: reason,
    ...(log.length > 0 ? { notes: log } : {}),
    help: "`tsbpf doctor` tells what this kernel offers",
  }),
);

export const unknownMap = define("TSB4020", "no such map", (name: string, names: readonly string[]) => ({
  message: `there is no map \`${name}\``,
  help: names.length === 0 ? "the object has no maps" : `the maps are ${names.join(", ")}`,
}));

export const unknownProgram = define(
  "TSB4021",
  "no such program",
  (name: string, names: readonly string[]) => ({
    message: `there is no program \`${name}\``,
    help: names.length === 0 ? "the object has no programs" : `the programs are ${names.join(", ")}`,
  }),
);

export const unknownGlobal = define(
  "TSB4022",
  "no such global",
  (name: string, names: readonly string[]) => ({
    message: `there is no global \`${name}\``,
    help: names.length === 0 ? "the object has no globals" : `the globals are ${names.join(", ")}`,
  }),
);

export const invalidOption = define(
  "TSB4023",
  "option is invalid",
  (option: string, what: string, help: string) => ({
    message: `\`${option}\` ${what}`,
    help,
  }),
);

export const readOnlyConstant = define("TSB4024", "constant cannot be set after load", (name: string) => ({
  message: `\`${name}\` is a constant: it is fixed when the object is loaded`,
  help: `set it before: \`load(file, { constants: { ${name}: … } })\`, or declare it with \`let\``,
}));

export const programNotLoaded = define("TSB4025", "program was not loaded", (name: string) => ({
  message: `program \`${name}\` was left out of the load`,
  help: "name it in `programs`, or leave that option out to load all",
}));

export const closedObject = define("TSB4060", "object is closed", (what: string) => ({
  message: `${what} is closed`,
  help: "use it before `close()`, and before the `using` scope that holds it ends",
}));

export const systemCallFailed = define(
  "TSB4099",
  "system call failed",
  (reason: string, log: readonly string[]) => ({
    message: reason,
    ...(log.length > 0 ? { notes: log } : {}),
    help: "`tsbpf doctor` tells what this machine lacks; `tsbpf explain TSB4099` what to look at",
  }),
);
