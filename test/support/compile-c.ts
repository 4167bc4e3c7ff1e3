import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

/** The newest clang on this machine that can compile for BPF, or `undefined`. */
export const clang: string | undefined = [
  process.env.TSBPF_CLANG,
  "clang",
  ...Array.from({ length: 10 }, (_, i) => `clang-${23 - i}`),
].find((name) => name !== undefined && spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0);

const include = fileURLToPath(new URL("./include", import.meta.url));
const cache = new Map<string, Uint8Array>();

export interface CompileCOptions {
  /** Default `v3`. */
  readonly cpu?: string;
  /** False leaves out `-g`, and with it BTF. */
  readonly debug?: boolean;
  /** Further arguments for clang. */
  readonly args?: readonly string[];
}

/** Compiles a C program for BPF. `#include "bpf.h"` gives it the few declarations that the tests' programs need. */
export function compileC(source: string, options: CompileCOptions = {}): Uint8Array {
  if (clang === undefined) throw new Error("needs clang");
  const args = [
    "--target=bpf",
    `-mcpu=${options.cpu ?? "v3"}`,
    "-O2",
    ...(options.debug === false ? [] : ["-g"]),
    "-Wall",
    "-Werror",
    "-Wno-unused-variable",
    "-fno-ident",
    `-I${include}`,
    // <linux/bpf.h> needs <asm/types.h>, which Debian keeps in the architecture's folder.
    "-idirafter",
    `/usr/include/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`,
    ...(options.args ?? []),
    "-x",
    "c",
    "-c",
    "-",
    "-o",
    "-",
  ];
  const key = createHash("sha256").update(args.join("\0")).update("\0").update(source).digest("hex");
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const result = spawnSync(clang, args, { input: source, maxBuffer: 64 << 20 });
  if (result.status !== 0) throw new Error(`clang: ${result.stderr.toString()}\n${source}`);
  const object = new Uint8Array(result.stdout);
  cache.set(key, object);
  return object;
}
