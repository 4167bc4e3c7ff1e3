import { Command } from "commander";
import {
  type CompileOptions,
  clangOption,
  formatOption,
  logLevelOption,
  minKernelOption,
} from "../options.ts";
import type { Session } from "../program.ts";

export interface LoadOptions extends CompileOptions {
  readonly attach: readonly string[];
  /** False for `--no-attach`. */
  readonly set: readonly string[];
  readonly pin?: string;
}

export function loadCommand(_session: Session): Command {
  return new Command("load").description("x");
}
