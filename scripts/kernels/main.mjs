import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask, findProgram, SetupError } from "../setup/step.mjs";
import { guestFiles } from "./guest-files.mjs";
import { runMachine } from "./machine.mjs";
import { bundleTests, compileObjects } from "./payload.mjs";
import { cache, kernelModules, provideKernel, releaseNames } from "./releases.mjs";

const USAGE = `usage: npm run test:kernels [-- KERNEL…] [-- --refresh]

Runs the tests of test/kernels/ on Debian's kernels ${releaseNames.join(", ")}: all, or those named. Each boots in QEMU, which emulates
the machine in software: neither KVM nor root is needed. Downloads stay in ${cache}.
  --refresh   download the kernels again
  --help      this text

Exit codes: 0 passed, 1 a test failed or a kernel crashed, 2 usage, 3 something is missing on this machine.
`;

/** What attaching to traffic control needs; Debian has it as modules. */
const MODULES = ["sch_ingress", "cls_bpf", "act_bpf"];
const SECONDS = 300;
const CONSOLE_LINES = 30;
/** The emulator now and then crashes a kernel that boots (seen with QEMU 7.2, in code that has nothing to do with BPF). */
const BOOTS = 3;

/** Returns the process's exit code. */
export async function main(args) {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(USAGE);
    return 0;
  }
  const refresh = args.includes("--refresh");
  const names = args.filter((arg) => arg !== "--refresh");
  const unknown = names.find((name) => !releaseNames.includes(name));
  if (unknown !== undefined) {
    process.stderr.write(`test:kernels: unknown argument '${unknown}'\n\n${USAGE}`);
    return 2;
  }
  const work = mkdtempSync(join(tmpdir(), `tsbpf-${process.pid}-kernels-`));
  // Ends the machine and removes the folder also when this is interrupted.
  process.once("exit", () => rmSync(work, { recursive: true, force: true }));
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  try {
    const tools = findTools();
    const files = await prepare(tools.busybox);
    const failed = [];
    for (const name of names.length > 0 ? names : releaseNames) {
      if (!(await testKernel(name, files, tools.qemu, work, refresh))) failed.push(name);
    }
    process.stdout.write(failed.length === 0 ? "all kernels passed\n" : `failed: ${failed.join(", ")}\n`);
    return failed.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\ntest:kernels: ${error.message}\n`);
    if (error.remedy) process.stderr.write(`  ${error.remedy}\n`);
    return error.exitCode;
  }
}

function findTools() {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new SetupError(
      `the kernels are for Linux on x86-64, this is ${process.platform} on ${process.arch}`,
    );
  }
  const qemu = findProgram("qemu-system-x86_64");
  const busybox = findProgram("busybox");
  // The guest has only the libraries that are copied for others, so its first program brings its own.
  const isStatic = busybox !== undefined && ask("ldd", [busybox]) === undefined;
  const missing = [
    ...(qemu === undefined ? ["qemu-system-x86"] : []),
    ...(isStatic ? [] : ["busybox-static"]),
    ...(findProgram("xz") === undefined ? ["xz-utils"] : []),
  ];
  if (missing.length > 0) {
    throw new SetupError(`missing: ${missing.join(", ")}`, {
      remedy: `apt-get install --no-install-recommends ${missing.join(" ")}`,
    });
  }
  return { qemu, busybox };
}

async function prepare(busybox) {
  const objects = await compileObjects();
  const tests = await bundleTests();
  return () => guestFiles(busybox, tests, objects);
}

/** Whether all tests passed. */
async function testKernel(name, files, qemu, work, refresh) {
  const kernel = provideKernel(name, { refresh });
  const folder = join(work, name);
  mkdirSync(folder);
  const image = files();
  kernelModules(kernel, MODULES).forEach(({ name: module, bytes }, index) => {
    image.file(`/modules/${String(index).padStart(2, "0")}-${module}.ko`, bytes);
  });
  const initramfs = join(folder, "initramfs");
  image.write(initramfs);
  process.stdout.write(`==> ${name}: ${kernel.package}\n`);
  let result = await runMachine({ qemu, image: kernel.image, initramfs, folder, seconds: SECONDS });
  for (let boot = 1; boot < BOOTS && !result.booted; boot++) {
    process.stdout.write(`${result.problem}: it has not booted, once more\n`);
    result = await runMachine({ qemu, image: kernel.image, initramfs, folder, seconds: SECONDS });
  }
  process.stdout.write(`${result.output.trimEnd()}\n`);
  const passed = result.exitCode === 0 && result.problem === undefined;
  if (result.problem !== undefined) {
    const tail = result.console.trimEnd().split("\n").slice(-CONSOLE_LINES).join("\n");
    process.stdout.write(`${result.problem}; the end of the kernel's log:\n${tail}\n`);
  }
  process.stdout.write(`==> ${name}: ${passed ? "passed" : "FAILED"} (${result.seconds.toFixed(1)} s)\n`);
  rmSync(folder, { recursive: true });
  return passed;
}
