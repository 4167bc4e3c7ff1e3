#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { keepCompiledScripts, loadScript } from "../compiler/startup/load-script.ts";

// A check is over before optimised code pays off: V8 starts optimising later than it would (a fifth of the processor time of a check).
setFlagsFromString("--interrupt-budget=1500000");

// Made by scripts/bundle.mjs from the modules beside this one. Reading 170 modules one by one takes as long as checking a program.
const bundle = fileURLToPath(new URL("../bundle/command-line.cjs", import.meta.url));
const { runCommandLine } = (
  existsSync(bundle) ? loadScript(bundle) : await import("./command-line.ts")
) as typeof import("./command-line.ts");

process.exitCode = await runCommandLine();
// A command that failed early has called too little of the code.
if (process.exitCode === 0) keepCompiledScripts();
