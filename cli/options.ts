import { InvalidArgumentError, Option } from "commander";
import type { BuildOptions } from "../compiler/index.ts";

export const FORMATS = ["text", "json", "github"] as const;
export type Format = (typeof FORMATS)[number];

export const LOG_LEVELS = ["debug", "info", "warn", "error", "off"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type KernelVersion = readonly [major: number, minor: number];

/** The oldest kernel that the compiler writes for. */
export const OLDEST_KERNEL: KernelVersion = [5, 10];

export function parseKernelVersion(text: string): KernelVersion {
  const match = /^(\d{1,3})\.(\d{1,4})$/.exec(text);
  if (!match) throw new InvalidArgumentError("write it as MAJOR.MINOR, such as 6.1.");
  const version: KernelVersion = [Number(match[1]), Number(match[2])];
  const [major, minor] = OLDEST_KERNEL;
  if (version[0] < major || (version[0] === major && version[1] < minor)) {
    throw new InvalidArgumentError(`the oldest supported kernel is ${OLDEST_KERNEL.join(".")}.`);
  }
  return version;
}

/** The options that compiling commands share. */
export interface CompileOptions {
  readonly format: Format;
  readonly clang?: string;
  readonly minKernel?: KernelVersion;
  readonly logLevel: LogLevel;
}

export function formatOption(): Option {
  return new Option("--format <format>", "how to print").choices(FORMATS).default("text");
}

export function minKernelOption(): Option {
  return new Option(
    "--min-kernel <X.Y>",
    `oldest kernel the object must load on (default: as the source declares, or ${OLDEST_KERNEL.join(".")})`,
  ).argParser(parseKernelVersion);
}

export function logLevelOption(): Option {
  return new Option("--log-level <level>", "console calls below it are compiled out")
    .choices(LOG_LEVELS)
    .default("info");
}

export function clangOption(): Option {
  return new Option("--clang <path>", "the clang to use (also $TSBPF_CLANG)");
}

/** What the compiler is asked, by those of the options that were given. */
export function compilerOptions(options: CompileOptions, cwd: string): BuildOptions {
  const { clang, minKernel, logLevel } = options;
  return {
    cwd,
    logLevel,
    ...(clang === undefined ? {} : { clang }),
    ...(minKernel === undefined ? {} : { minKernel }),
  };
}
