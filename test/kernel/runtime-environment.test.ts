import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { probeFeatures } from "../../runtime/index.ts";
import { ensureDist, packageRoot } from "../support/dist.ts";
import { compileC, describeKernel, makeTemporary } from "../support/kernel.ts";

// What a machine may lack, shown to a process in a mount namespace of its own.

const runtime = join(packageRoot, "dist/runtime/index.js");
const object = (source: string) => compileC(`#include "bpf.h"\n${source}`);

/** Runs a module after `mounts` changed what it sees, and returns the JSON that it printed. */
function inOwnMounts(mounts: string, source: string, files: Record<string, Uint8Array> = {}): unknown {
  using folder = makeTemporary();
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder.path, name), bytes);
  const script = join(folder.path, "main.mjs");
  writeFileSync(
    script,
    `import { BpfError, load, open, openPinnedMap, probeFeature } from ${JSON.stringify(runtime)};\nprocess.chdir(${JSON.stringify(folder.path)});\n${source}`,
  );
  const result = spawnSync(
    "unshare",
    ["--mount", "sh", "-ec", `${mounts}\nexec "$0" "$1"`, process.execPath, script],
    { encoding: "utf8", timeout: 20_000 },
  );
  if (result.status !== 0) throw new Error(result.stderr);
  return JSON.parse(result.stdout);
}

const report =
  "const tell = (error) => console.log(JSON.stringify({ code: error.code, name: error.name, message: error.message }));";

describeKernel(
  "a machine that lacks something",
  () => {
    beforeAll(ensureDist, 120_000);

    test("no BTF of the kernel: the kernel's option is named", () => {
      const fentry = object('SEC("fentry/tcp_connect") int p(void *ctx) { return 0; }');
      const result = inOwnMounts(
        "mount -t tmpfs tmpfs /sys/kernel/btf",
        `${report} await load("p.o").then((app) => app.close(), tell);`,
        { "p.o": fentry },
      );
      expect(result).toMatchObject({ code: "TSB4012" });
      expect((result as { message: string }).message).toContain("CONFIG_DEBUG_INFO_BTF=y");
    });

    test("no BTF of the kernel: an object that does not ask for it loads all the same", () => {
      const result = inOwnMounts(
        "mount -t tmpfs tmpfs /sys/kernel/btf",
        `using_(await load("p.o")); function using_(app) { console.log(JSON.stringify([app.program("p").run({ data: new Uint8Array(64) }).result, probeFeature("kernel:btf")])); app.close(); }`,
        { "p.o": object('SEC("tc") int p(struct __sk_buff *skb) { return 3; }') },
      );
      expect(result).toEqual([3, "no"]);
    });

    test("only cgroup v1 is mounted: how to mount v2 is said", () => {
      const result = inOwnMounts(
        "for m in $(awk '/ - cgroup2 /{print $5}' /proc/self/mountinfo); do umount \"$m\"; done",
        `${report} const app = await load("p.o"); try { app.program("p").attach({ cgroup: "/sys/fs/cgroup" }); } catch (error) { tell(error); } app.close();`,
        { "p.o": object('SEC("cgroup/connect4") int p(struct bpf_sock_addr *ctx) { return 1; }') },
      ) as { code: string; message: string };
      expect(result.code).toMatch(/^TSB404[123]$/);
      expect(result.message).toContain("mount -t cgroup2");
    });

    test("no bpffs: where to mount it is said", () => {
      const result = inOwnMounts(
        "if awk '{print $5}' /proc/self/mountinfo | grep -qx /sys/fs/bpf; then umount /sys/fs/bpf; fi",
        `${report} const app = await load("p.o"); try { app.program("p").pin("/sys/fs/bpf/tsbpf-nothing/p"); } catch (error) { tell(error); } app.close();`,
        { "p.o": object('SEC("tc") int p(struct __sk_buff *skb) { return 0; }') },
      ) as { code: string; message: string };
      expect(result.code).toBe("TSB4050");
      expect(result.message).toContain("mount -t bpf bpf /sys/fs/bpf");
    });
  },
  "clang",
);

describeKernel("feature probes", () => {
  test("say what this kernel has, and leave nothing to wonder about", () => {
    const answers = new Map<string, string>(probeFeatures().map(({ name, answer }) => [name, answer]));
    // Root on any kernel from 5.10 on has these.
    for (const name of [
      "program:sockOps",
      "program:skMsg",
      "program:skSkb",
      "program:cgroup.connect",
      "program:xdp",
      "program:tc",
    ]) {
      expect([name, answers.get(name)]).toEqual([name, "yes"]);
    }
    for (const name of [
      "map:hash",
      "map:lru_hash",
      "map:array",
      "map:percpu_hash",
      "map:percpu_array",
      "map:lpm_trie",
      "map:sockmap",
      "map:sockhash",
      "map:sk_storage",
      "map:ringbuf",
    ]) {
      expect([name, answers.get(name)]).toEqual([name, "yes"]);
    }
    for (const name of ["link:cgroup", "link:netns", "capability:net_admin", "mount:cgroup2"]) {
      expect([name, answers.get(name)]).toEqual([name, "yes"]);
    }
    expect([...answers.values()]).not.toContain("unknown");
  });
});
