import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

// Set-up in a checkout of its own, with programs on PATH that only say that they were called.

const scripts = fileURLToPath(new URL("../../scripts", import.meta.url));
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), `tsbpf-${process.pid}-setup-`));
  chmodSync(root, 0o755);
  mkdirSync(join(root, "bin"));
  mkdirSync(join(root, ".cache"));
  cpSync(join(scripts, "setup.mjs"), join(root, "scripts", "setup.mjs"));
  for (const part of ["setup", "debian"]) {
    cpSync(join(scripts, part), join(root, "scripts", part), { recursive: true });
  }
  // Plain JavaScript modules, also without a package.json around.
  write("package.json", JSON.stringify({ type: "module" }));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { mode });
}

/** A program that records its arguments, then does what the shell lines say. */
function stub(name: string, body = "exit 0"): void {
  write(`bin/${name}`, `#!/bin/sh\necho "${name} $*" >> '${root}/calls'\n${body}\n`, 0o755);
}

const calls = () => (existsSync(join(root, "calls")) ? readFileSync(join(root, "calls"), "utf8") : "");

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function node(args: readonly string[], options: { path?: string; nobody?: boolean } = {}): Outcome {
  if (options.nobody && isRoot) chownSync(join(root, ".cache"), NOBODY, NOBODY);
  return spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, PATH: options.path ?? join(root, "bin"), TSBPF_CLANG: "" },
    ...(options.nobody && isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
}

/** Runs one step alone. */
function step(file: string, call: string): Outcome {
  const module = join(root, "scripts", "setup", file);
  const body = `import * as step from ${JSON.stringify(module)};
    try { const result = ${call}; if (result !== undefined) console.log(JSON.stringify(result)); }
    catch (error) { console.error(error.message); console.error(error.remedy); process.exit(error.exitCode ?? 99); }`;
  // The shell and the tools that stubs use; what a test is about is in front.
  return node(["--input-type=module", "-e", body], { path: `${join(root, "bin")}:/usr/bin:/bin` });
}

describe("npm run setup", () => {
  test("explains itself, and refuses what it does not know", () => {
    expect(node(["scripts/setup.mjs", "--help"])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("--demo"),
    });
    const unknown = node(["scripts/setup.mjs", "--dmeo"]);
    expect(unknown).toMatchObject({ status: 2, stdout: "" });
    expect(unknown.stderr).toContain("unknown argument '--dmeo'");
  });

  test("an old Node is told apart before anything else", () => {
    const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.4" } }); import("./scripts/setup.mjs");`;
    const old = node(["--input-type=module", "-e", pretend]);
    expect(old.status).toBe(3);
    expect(old.stderr).toContain("needs Node.js 20 or newer");
  });

  test("without root it prints what to install and ends with 3", () => {
    stub("apt-get");
    const result = node(["scripts/setup.mjs"], { nobody: true });
    expect(result.status).toBe(3);
    expect(result.stderr).toMatch(/missing: clang-19, g\+\+, make/);
    expect(result.stderr).toContain("apt-get update\n");
    expect(result.stderr).toMatch(/apt-get install -y --no-install-recommends clang-19 g\+\+ make/);
    expect(calls()).toBe("");
    expect(existsSync(join(root, ".cache", "setup.lock"))).toBe(false);
  });

  test("without apt it names the packages", () => {
    const result = node(["scripts/setup.mjs"], { nobody: true });
    expect(result).toMatchObject({ status: 3, stderr: expect.stringContaining("there is no apt-get") });
  });

  test.skipIf(!isRoot)(
    "with root it updates the lists first, and a network that fails is no stack trace",
    () => {
      stub("apt-get", "exit 100");
      const result = node(["scripts/setup.mjs"]);
      expect(result.status).toBe(3);
      expect(result.stderr).toContain("$ apt-get -o APT::Update::Error-Mode=any update\n");
      expect(result.stderr).toContain("is there a network");
      expect(result.stderr).not.toContain("    at ");
      expect(calls()).toBe("apt-get -o APT::Update::Error-Mode=any update\n");
    },
  );

  test.skipIf(!isRoot)("a lock that a killed process left does not block", () => {
    stub("apt-get", "exit 100");
    const gone = spawnSync(process.execPath, ["-e", "0"]).pid;
    write(".cache/setup.lock", `${gone}\n`);
    expect(node(["scripts/setup.mjs"]).stderr).toContain("apt-get could not install");
  });
});

describe("npm packages", () => {
  const entry = (version: string, more: object = {}) => ({
    version,
    integrity: `sha512-${version}`,
    ...more,
  });
  const lock = {
    "": { dependencies: { a: "^1" }, devDependencies: { d: "^1" } },
    "node_modules/a": entry("1.0.0", {
      dependencies: { b: "^1" },
      optionalDependencies: { "o-darwin": "1" },
    }),
    "node_modules/b": entry("2.0.0"),
    "node_modules/a/node_modules/b": entry("1.0.0"),
    "node_modules/d": entry("1.0.0"),
    "node_modules/o-darwin": entry("1.0.0", { optional: true, os: ["darwin"] }),
  };
  const { "": _root, "node_modules/o-darwin": _other, ...all } = lock;

  function install(installed: object, onDisk: readonly string[] = Object.keys(installed)): string {
    stub("npm");
    write("package-lock.json", JSON.stringify({ packages: lock }));
    write("node_modules/.package-lock.json", JSON.stringify({ packages: installed }));
    for (const path of onDisk) write(`${path}/package.json`, "{}");
    expect(step("node-modules.mjs", "step.installNodeModules()").status).toBe(0);
    return calls();
  }

  test("what matches the lock file is left alone, without packages for other systems", () => {
    expect(install(all)).toBe("");
  });

  test("another version is installed anew", () => {
    expect(install({ ...all, "node_modules/d": entry("1.0.1") })).toContain("npm ci");
  });

  test("another content of the same version too", () => {
    expect(install({ ...all, "node_modules/d": { version: "1.0.0", integrity: "sha512-x" } })).toContain(
      "npm ci",
    );
  });

  test("a missing dependency of a dependency too", () => {
    const { "node_modules/a/node_modules/b": _nested, ...rest } = all;
    expect(install(rest)).toContain("npm ci");
  });

  test("what npm recorded and somebody deleted too", () => {
    expect(install(all, ["node_modules/a", "node_modules/b", "node_modules/a/node_modules/b"])).toContain(
      "npm ci",
    );
  });

  test("a failing npm is an environment's fault", () => {
    stub("npm", "exit 1");
    write("package-lock.json", JSON.stringify({ packages: lock }));
    const result = step("node-modules.mjs", "step.installNodeModules()");
    expect(result).toMatchObject({ status: 3, stderr: expect.stringContaining("$ npm ci") });
  });
});

describe("libbpf", () => {
  test("a tarball of another content is not built", () => {
    // Asked for archives it names one; asked for the source it hands out something else.
    stub(
      "apt-get",
      `case "$*" in
        --version) ;;
        *indextargets*) echo http://archive.invalid/debian/;;
        *--download-only*) echo changed > libbpf_1.5.0.orig.tar.gz;;
        *install*) exit 100;;
      esac`,
    );
    const result = step("libbpf.mjs", "step.provideLibbpf()");
    const reached = calls().includes("--download-only");
    // Where Debian's keyring is absent it is not even fetched.
    expect(result.stderr).toContain(reached ? "expected 53492aff6dd4" : "debian-archive-keyring");
    expect(result.stderr).toContain("falling back");
    expect(calls()).not.toContain("make");
    expect(existsSync(join(root, "native", "vendor", "libbpf"))).toBe(false);
    expect(existsSync(join(root, "native", "vendor", "build"))).toBe(false);
  });

  test("apt is never pointed at the machine's own lists and sources", () => {
    stub(
      "apt-get",
      `case "$*" in
        --version) ;;
        *indextargets*) echo http://archive.invalid/debian/; echo http://archive.invalid/debian-security/;;
        *"-c "*update*) cp "$3" '${root}/apt.conf'; exit 100;;
        *) exit 100;;
      esac`,
    );
    const result = step("libbpf.mjs", "step.provideLibbpf()");
    expect(result.stderr).toContain("could not be had");
    expect(result.stderr).not.toContain("debian-security");
    if (!existsSync(join(root, "apt.conf"))) return expect(result.stderr).toContain("debian-archive-keyring");
    const settings = readFileSync(join(root, "apt.conf"), "utf8");
    for (const key of ["Dir::Etc::sourcelist", "Dir::Etc::sourceparts", "Dir::State", "Dir::Cache"]) {
      expect(settings).toMatch(new RegExp(`^${key} "${root}/native/vendor/build/apt`, "m"));
    }
  });

  test("what was built is not built again", () => {
    stub("apt-get");
    write("native/vendor/libbpf/lib/libbpf.a", "");
    write("native/vendor/libbpf.stamp", "libbpf 1.5.0 build 1");
    const result = step("libbpf.mjs", "step.provideLibbpf()");
    expect(JSON.parse(result.stdout)).toMatchObject({ fallback: false });
    expect(calls()).toBe("");
  });
});
