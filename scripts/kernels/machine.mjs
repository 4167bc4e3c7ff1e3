// One virtual machine: it boots, runs its /init and ends, or is ended.

import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { EXIT_LINE, UP_LINE } from "./guest-files.mjs";

const BOOT_SECONDS = 90;
const MEMORY_MB = 1024;
const CRASH = /Kernel panic|Oops: |BUG: |WARNING: |general protection/;

/**
 * Returns `{ exitCode, output, console, problem, seconds, booted }`. `exitCode` is that of the guest's tests, `undefined` where they did not
 * end; `problem` says why they are not to be trusted. Nothing of ours has run in a machine that has not `booted`.
 */
export async function runMachine({ qemu, image, initramfs, folder, seconds }) {
  const output = join(folder, "output");
  const consoleLog = join(folder, "console");
  const text = (path) => (existsSync(path) ? readFileSync(path, "utf8").replaceAll("\r", "") : "");
  rmSync(output, { force: true });
  rmSync(consoleLog, { force: true });
  const started = process.hrtime.bigint();
  const elapsed = () => Number(process.hrtime.bigint() - started) / 1e9;
  const child = spawn(qemu, machineArguments(image, initramfs, consoleLog, output), {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaints = "";
  child.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  let problem;
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  const watchdog = setInterval(() => {
    if (elapsed() > seconds) problem = `not done after ${seconds} s`;
    else if (elapsed() > BOOT_SECONDS && !text(output).includes(UP_LINE)) {
      problem = `not booted after ${BOOT_SECONDS} s`;
    }
    if (problem !== undefined) end();
  }, 500);
  const failure = await new Promise((resolve) => {
    child.on("error", resolve);
    child.on("close", () => resolve(undefined));
  });
  clearInterval(watchdog);
  process.off("exit", end);
  const lines = text(output).split("\n");
  const booted = lines.includes(UP_LINE);
  const last = lines.findLast((line) => line.startsWith(EXIT_LINE));
  const exitCode = last === undefined ? undefined : Number(last.slice(EXIT_LINE.length));
  const crash = text(consoleLog)
    .split("\n")
    .find((line) => CRASH.test(line));
  if (failure) problem ??= failure.message;
  if (exitCode === undefined) problem ??= complaints.trim() || "ended without a result";
  if (crash !== undefined) problem = `${problem === undefined ? "" : `${problem}: `}${crash.trim()}`;
  return {
    exitCode,
    problem,
    booted,
    seconds: elapsed(),
    output: lines.filter((line) => !line.startsWith(EXIT_LINE) && line !== UP_LINE).join("\n"),
    console: text(consoleLog),
  };
}

function machineArguments(image, initramfs, consoleLog, output) {
  return [
    ["-M", "q35"],
    // 5-level page tables slow the emulator down and test nothing here.
    ["-cpu", "max,la57=off"],
    ["-smp", "2"],
    ["-m", String(MEMORY_MB)],
    // Attaching BPF makes the kernel patch its own code, and the emulator's threads race on that: one thread runs both CPUs in turn.
    ["-accel", "tcg,thread=single"],
    ["-nodefaults", "-no-user-config", "-no-reboot"],
    ["-display", "none"],
    ["-kernel", image],
    ["-initrd", initramfs],
    // A crash ends the machine at once: panic=-1 reboots, and -no-reboot makes that the end.
    ["-append", "console=ttyS0 panic=-1 oops=panic mitigations=off"],
    ["-serial", `file:${consoleLog}`],
    ["-serial", `file:${output}`],
  ].flat();
}
