import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ensureDist } from "../support/dist.ts";
import { compileC, describeKernel, ensureBpffs, makeTemporary } from "../support/kernel.ts";
import { leftSince, objectIds } from "../support/kernel-objects.ts";
import { main, project, startTsbpf, tsbpf } from "./support/run.ts";

// What a shell, a machine or a stranger may hand the command: each ends with a reason and a remedy, and leaves nothing behind.

beforeAll(ensureDist);

const source = `import { cgroup } from "tsbpf/stdlib";
export const connect = cgroup.connect4(() => true);
`;
const counter = `#include "bpf.h"
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } counts SEC(".maps");
SEC("cgroup/connect4") int connect(struct bpf_sock_addr *ctx) { __u32 k = 0; return bpf_map_lookup_elem(&counts, &k) != 0; }
`;

function expectReason(stderr: string): void {
  expect(stderr).toMatch(/^error/m);
  expect(stderr).not.toMatch(/^\s+at |node:internal|in a way it should not|internal error/m);
}

test("a full disk behind stdout: 3, a reason, no stack", () => {
  using files = project({ "a.bpf.ts": source });
  const full = openSync("/dev/full", "w");
  try {
    const args = [main, "build", "a.bpf.ts", "--emit", "c"];
    const { status, stderr } = spawnSync(process.execPath, args, {
      cwd: files.path,
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
      timeout: 20_000,
    });
    expectReason(stderr);
    expect(stderr).toContain("no space left on the device");
    expect(status).toBe(3);
  } finally {
    closeSync(full);
  }
});

test("a clang that writes something else than an object: 3, and no object", () => {
  using files = project({ "a.bpf.ts": source });
  const clang = join(files.path, "fake");
  for (const script of ["cat >/dev/null; echo; printf '\\033[2J' >&2", "cat >/dev/null; kill -SEGV $$"]) {
    writeFileSync(clang, `#!/bin/sh\n${script}\n`);
    chmodSync(clang, 0o755);
    const { code, stderr } = tsbpf(["build", "a.bpf.ts", "--clang", clang], { cwd: files.path });
    expectReason(stderr);
    expect(stderr).toContain("error[TSB3004]");
    expect(code).toBe(3);
    expect(readdirSync(files.path).sort()).toEqual(["a.bpf.ts", "fake"]);
  }
});

test("names that no file has", () => {
  for (const name of ["/dev/zero", "/proc/self/mem", "/", "x".repeat(5000), "a\nb\u001b[2J"]) {
    const { code, stderr } = tsbpf(["load", name, "--no-attach"]);
    expectReason(stderr);
    expect(stderr).toMatch(/^error\[TSB40\d\d\]/);
    expect(stderr).not.toContain("\u001b");
    expect(code).toBe(1);
  }
});

describeKernel(
  "the command at a bad moment",
  () => {
    test("a disk that is full leaves neither the object nor its temporary file", () => {
      using files = project({ "a.bpf.ts": source });
      const script = `mkdir full; mount -t tmpfs -o size=4k none full; head -c 4096 /dev/zero > full/fill
"$0" "$1" build a.bpf.ts -o full/a.o; echo "code $?" >&2; ls -A full`;
      const { stdout, stderr } = spawnSync(
        "unshare",
        ["--mount", "sh", "-c", script, process.execPath, main],
        { cwd: files.path, encoding: "utf8", timeout: 20_000 },
      );
      expectReason(stderr);
      expect(stderr).toContain("error[TSB1051]");
      expect(stderr).toContain("code 3");
      expect(stdout).toBe("fill\n");
    });

    test("a file in the place of a folder, for cgroups and pins", () => {
      using files = project({ "o.o": compileC(counter), file: "" });
      const below = join(files.path, "file", "x");
      const attach = tsbpf(["load", "o.o", "--attach", `connect=cgroup:${below}`], { cwd: files.path });
      expectReason(attach.stderr);
      expect(attach.stderr).toContain("error[TSB4042]");
      expect(attach.code).toBe(1);
      const pin = tsbpf(["load", "o.o", "--no-attach", "--pin", below], { cwd: files.path });
      expectReason(pin.stderr);
      expect(pin.stderr).toContain("error[TSB4050]");
      expect(pin.code).toBe(3);
    });

    for (const signal of ["SIGKILL", "SIGTERM", "SIGHUP"] as const) {
      test(`${signal} at any moment leaves nothing in the kernel`, async () => {
        using files = project({ "o.o": compileC(counter) });
        const programs = objectIds("program");
        const maps = objectIds("map");
        const named = new Set<number>();
        for (const delay of [20, 60, 90, 120, 160, 220]) {
          const child = startTsbpf(["load", "o.o", "--no-attach", "--format", "json"], { cwd: files.path });
          const exited = once(child, "exit");
          let said = "";
          child.stdout?.on("data", (chunk: Buffer) => {
            said += String(chunk);
          });
          await new Promise((resolve) => setTimeout(resolve, delay));
          child.kill(signal);
          await exited;
          for (const [, id] of said.matchAll(/"id":(\d+)/g)) named.add(Number(id));
        }
        expect(await leftSince("program", programs, (id) => named.has(id))).toEqual([]);
        expect(await leftSince("map", maps, (id) => named.has(id))).toEqual([]);
      });
    }

    test("an interrupt while the compiler hangs is obeyed, and takes the compiler along", async () => {
      using files = project({ "a.bpf.ts": source });
      const clang = join(files.path, "fake");
      writeFileSync(clang, '#!/bin/sh\necho $$ > "$(dirname "$0")/pid"\nexec sleep 20\n');
      chmodSync(clang, 0o755);
      const child = startTsbpf(["load", "a.bpf.ts", "--no-attach", "--clang", clang], { cwd: files.path });
      const exited = once(child, "exit");
      const started = () =>
        existsSync(join(files.path, "pid")) && readFileSync(join(files.path, "pid"), "utf8");
      while (!started() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
      const pid = Number(started());
      expect(pid).toBeGreaterThan(0);
      child.kill("SIGTERM");
      expect(await exited).toEqual([0, null]);
      // Gone, or about to be: whoever takes in orphans collects it.
      const state = () => {
        try {
          return /^State:\t(.)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
        } catch {
          return undefined;
        }
      };
      for (let attempt = 0; attempt < 50 && state() === "S"; attempt++)
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect([undefined, "Z", "X"]).toContain(state());
    });

    test("two that pin in one folder: one does, the other says why not and undoes nothing of the first", async () => {
      using files = project({ "o.o": compileC(counter) });
      using bpffs = ensureBpffs();
      const args = ["load", "o.o", "--no-attach", "--pin", join(bpffs.path, "shop"), "--format", "json"];
      const both = [1, 2].map(() => {
        const child = startTsbpf(args, { cwd: files.path });
        let stderr = "";
        child.stderr?.on("data", (chunk: Buffer) => {
          stderr += String(chunk);
        });
        return { child, exited: once(child, "exit"), stderr: () => stderr };
      });
      // The one that was second ends by itself.
      const first = await Promise.race(
        both.map(async (one) => {
          const [code] = await one.exited;
          return { one, code };
        }),
      );
      expect(first.code).toBe(1);
      expectReason(first.one.stderr());
      expect(first.one.stderr()).toContain("error[TSB4051]");
      const winner = both.find((one) => one !== first.one);
      winner?.child.kill("SIGTERM");
      await winner?.exited;
      const pins = ["maps", "programs"].flatMap((kind) => readdirSync(join(bpffs.path, "shop", kind)));
      expect(pins.sort()).toEqual(["connect", "counts"]);
    });

    test("a home that cannot be written to is no trouble", () => {
      using files = project({ "a.bpf.ts": source });
      using home = makeTemporary();
      const env = { HOME: join(home.path, "none"), TMPDIR: "/nonexistent", XDG_CACHE_HOME: "/proc/none" };
      const { code, stderr } = tsbpf(["build", "a.bpf.ts"], { cwd: files.path, env });
      expect(stderr).toBe("wrote a.bpf.o\n");
      expect(code).toBe(0);
    });
  },
  "clang",
);
