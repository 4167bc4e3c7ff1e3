import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ensureDist } from "../support/dist.ts";
import { clang, compileC, describeKernel, ensureBpffs, makeCgroup, makeNetns } from "../support/kernel.ts";
import { main, project, startTsbpf, transcript, tsbpf } from "./support/run.ts";

beforeAll(ensureDist);

// Objects from C: the command loads any, and what it prints is then not the compiler's.
const connects = `#include "bpf.h"
struct event { __u32 port; __u64 limit; };
const volatile __u64 limit = 1;
const volatile struct { __u16 low; _Bool on; } range = { 1, 0 };
__u32 seen = 5;
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); __type(value, struct event); } events SEC(".maps");
SEC("cgroup/connect4") int connect(struct bpf_sock_addr *ctx) {
  struct event event = { .port = __builtin_bswap16(ctx->user_port), .limit = limit };
  seen++;
  bpf_ringbuf_output(&events, &event, sizeof event, 0);
  return 1;
}
`;
const refused = `#include "bpf.h"
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } counts SEC(".maps");
SEC("cgroup/connect4") int connect(struct bpf_sock_addr *ctx) {
  __u32 key = 0, *count = bpf_map_lookup_elem(&counts, &key);
  return *count & 1;
}
`;

function object(source: string): Uint8Array {
  if (clang === undefined) throw new Error("needs clang");
  return compileC(source);
}

/** Starts a load, waits for a line, does something, interrupts, and gives all that was said. */
async function whileLoaded(
  args: readonly string[],
  cwd: string,
  ready: string,
  action: () => void | Promise<void>,
  until?: string,
  signal: NodeJS.Signals = "SIGINT",
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = startTsbpf(["load", ...args], { cwd });
  let [stdout, stderr] = ["", ""];
  const changed = (): Promise<unknown> =>
    Promise.race([
      once(child, "close"),
      once(child.stdout as never, "data"),
      once(child.stderr as never, "data"),
    ]);
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const closed = once(child, "close");
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  while (running() && !(stdout + stderr).includes(ready)) await changed();
  if (running()) await action();
  while (running() && until !== undefined && !stdout.includes(until)) await changed();
  child.kill(signal);
  const [code] = await closed;
  return { code, stdout, stderr };
}

/** Connects from the cgroup to a port where nobody listens: the attempt is what counts. */
async function connectFrom(
  cgroup: { spawn: (command: string, args: string[]) => NodeJS.EventEmitter },
  port: number,
): Promise<void> {
  const script = `require("net").connect(${port}, "127.0.0.1").on("error", () => {})`;
  await once(cgroup.spawn(process.execPath, ["-e", script]), "exit");
}

describeKernel(
  "tsbpf load",
  () => {
    test("streams records with settings applied, and detaches on SIGINT", async () => {
      using files = project({ "connects.o": object(connects) });
      using cgroup = makeCgroup("load");
      const attach = `connect=cgroup:${cgroup.path}`;
      const args = ["connects.o", "--attach", attach, "--set", "limit=18446744073709551615"];
      const answer = await whileLoaded(args, files.path, "attached", () => connectFrom(cgroup, 7), "events");
      expect(answer.stdout).toBe("events { port: 7, limit: 18446744073709551615n }\n");
      expect(answer.stderr).toMatch(
        new RegExp(
          `^loaded connect \\(id \\d+\\); maps events \\(id \\d+\\)\nattached connect to cgroup:${cgroup.path}\ndetached\n$`,
        ),
      );
      expect(answer.code).toBe(0);
    });

    test("in JSON every line is a document", async () => {
      using files = project({ "connects.o": object(connects) });
      using cgroup = makeCgroup("load");
      const args = [
        "connects.o",
        "--attach",
        `connect=cgroup:${cgroup.path}`,
        "--format",
        "json",
        "--set",
        'range={"low":7,"on":true}',
      ];
      const answer = await whileLoaded(
        args,
        files.path,
        "attached",
        () => connectFrom(cgroup, 9),
        "record",
        "SIGTERM",
      );
      const lines = answer.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(lines).toEqual([
        {
          type: "loaded",
          programs: [{ name: "connect", id: expect.any(Number) }],
          maps: [{ name: "events", id: expect.any(Number) }],
        },
        { type: "attached", program: "connect", target: `cgroup:${cgroup.path}`, link: expect.any(Number) },
        { type: "record", map: "events", value: { port: 9, limit: "1" } },
        { type: "detached" },
      ]);
      expect(answer.code).toBe(0);
    });

    test("a source is compiled first, and what it logs comes with its line", async () => {
      const source = `import { cgroup, constant, ntohs, type u32 } from "tsbpf/stdlib";
export const watched = constant<u32>(1);
export const watch = cgroup.connect4((ctx) => {
  if (u32(ntohs(ctx.userPort)) === watched) console.warn(\`port \${ctx.userPort} at \${ctx.userIp4}\`);
  return true;
});
`.replace("type u32", "u32");
      using files = project({ "my watch.bpf.ts": source });
      using cgroup = makeCgroup("load");
      const attach = `watch=cgroup:${cgroup.path}`;
      const connectTwice = async (): Promise<void> => {
        await connectFrom(cgroup, 8);
        await connectFrom(cgroup, 7);
      };
      const args = ["my watch.bpf.ts", "--attach", attach, "--set", "watched=7"];
      const text = await whileLoaded(args, files.path, "attached", connectTwice, "port");
      expect(text.stdout).toBe("warn  port 7 at 127.0.0.1  my watch.bpf.ts:4\n");
      expect(text.code).toBe(0);
      const json = await whileLoaded(
        [...args, "--format", "json"],
        files.path,
        "attached",
        connectTwice,
        '"log"',
      );
      const log = json.stdout.split("\n").find((line) => line.includes('"log"')) ?? "{}";
      expect(JSON.parse(log)).toEqual({
        type: "log",
        level: "warn",
        text: "port 7 at 127.0.0.1",
        file: "my watch.bpf.ts",
        line: 4,
        column: expect.any(Number),
        cpu: expect.any(Number),
        timeNs: expect.stringMatching(/^\d+$/),
      });
    });

    test("attaches to devices, in the network namespace it runs in", async () => {
      const source = `import { tc, TcAction, xdp, XdpAction } from "tsbpf/stdlib";
export const look = xdp(() => {
  console.log("look");
  return XdpAction.PASS;
});
export const watch = tc(() => {
  console.debug("left out");
  console.error("watch");
  return TcAction.OK;
});
`;
      using files = project({ "devices.bpf.ts": source });
      using netns = makeNetns("load");
      netns.ip("link", "add", "v0", "type", "veth", "peer", "name", "v1");
      netns.ip("link", "set", "v0", "up");
      netns.ip("link", "set", "v1", "up");
      const attach = ["--attach", "look=xdp:v1", "--attach", "watch=tc:v0/egress"];
      const child = netns.spawn(process.execPath, [main, "load", "devices.bpf.ts", ...attach], {
        cwd: files.path,
      });
      let stdout = "";
      child.stdout?.on("data", (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      // IPv6 speaks first on a link that comes up; addresses make it speak again.
      for (
        let i = 1;
        child.exitCode === null && !(stdout.includes("look") && stdout.includes("watch"));
        i++
      ) {
        netns.ip("address", "add", `fd7b:1::${i}/64`, "dev", "v0");
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      child.kill("SIGINT");
      const [code] = await once(child, "exit");
      expect(code).toBe(0);
      expect([...new Set(stdout.trim().split("\n"))].sort()).toEqual([
        "error watch  devices.bpf.ts:8",
        "info  look  devices.bpf.ts:3",
      ]);
      expect(netns.ip("-d", "link", "show", "v1")).not.toContain("xdp");
    });

    test("a source with a mistake loads nothing", () => {
      using files = project({
        "x.bpf.ts": 'import { cgroup } from "tsbpf/stdlib";\nexport const x = cgroup.connect4(() => 7);\n',
      });
      const { code, stdout, stderr } = tsbpf(["load", "x.bpf.ts", "--no-attach"], { cwd: files.path });
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/^error\[TSB\d{4}\]: .*\n *--> x\.bpf\.ts:2:/);
    });

    test("without attaching it stays until interrupted", async () => {
      using files = project({ "connects.o": object(connects) });
      const answer = await whileLoaded(["connects.o", "--no-attach"], files.path, "loaded", () => {});
      expect(answer).toMatchObject({ code: 0, stdout: "" });
    });

    test("stops when its reader goes away", async () => {
      using files = project({ "connects.o": object(connects) });
      using cgroup = makeCgroup("load");
      const child = startTsbpf(["load", "connects.o", "--attach", `connect=cgroup:${cgroup.path}`], {
        cwd: files.path,
      });
      const closed = once(child, "exit");
      let stderr = "";
      child.stderr?.on("data", (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      while (child.exitCode === null && !stderr.includes("attached"))
        await once(child.stderr as never, "data");
      child.stdout?.destroy();
      await connectFrom(cgroup, 7);
      expect((await closed)[0]).toBe(0);
    });

    test("what is pinned is left, in folders by kind; a pin that is there already undoes the rest", async () => {
      const root = ensureBpffs();
      using files = project({ "connects.o": object(connects) });
      using cgroup = makeCgroup("load");
      const directory = join(root.path, `tsbpf-${process.pid}-load`);
      const args = ["connects.o", "--attach", `connect=cgroup:${cgroup.path}`, "--pin", directory];
      try {
        const answer = await whileLoaded(args, files.path, "attached", () => {});
        expect(answer.code).toBe(0);
        expect(["maps", "programs", "links"].map((kind) => readdirSync(join(directory, kind)))).toEqual([
          ["events"],
          ["connect"],
          ["connect"],
        ]);
        const again = tsbpf(["load", ...args], { cwd: files.path });
        expect(again.code).toBe(1);
        expect(again.stderr).toContain("TSB4051");
      } finally {
        const { rmSync } = await import("node:fs");
        rmSync(directory, { recursive: true, force: true });
        root[Symbol.dispose]?.();
      }
    });

    const mistakes: Record<string, [source: string, args: string[], code: number]> = {
      "load-unattached": [connects, [], 1],
      "load-wrong-target": [connects, ["--attach", "connect=xdp:lo"], 1],
      "load-unknown-program": [
        connects,
        ["--attach", "conect=cgroup:/x", "--attach", "connect=cgroup:/x"],
        1,
      ],
      "load-unknown-map": [connects, ["--attach", "connect=sockmap:sockets"], 1],
      "load-no-such-cgroup": [connects, ["--attach", "connect=cgroup:/nonexistent"], 1],
      "load-unknown-global": [connects, ["--no-attach", "--set", "limits=1"], 1],
      "load-bad-value": [connects, ["--no-attach", "--set", "limit=many"], 2],
      "load-out-of-range": [connects, ["--no-attach", "--set", "seen=4294967296"], 1],
      "load-bad-attach": [connects, ["--attach", "connect"], 2],
    };
    for (const [name, [source, args, code]] of Object.entries(mistakes)) {
      test(`${name} ends with ${code} and a reason`, async () => {
        using files = project({ "object.o": object(source) });
        const full = ["load", "object.o", ...args];
        const answer = tsbpf(full, { cwd: files.path });
        await expect(transcript(full, answer)).toMatchFileSnapshot(`golden/${name}.txt`);
        expect(answer.code).toBe(code);
      });
    }

    test("a program that the verifier refuses is explained, and its log is there on request", () => {
      using files = project({ "refused.o": object(refused) });
      const brief = tsbpf(["load", "refused.o", "--no-attach"], { cwd: files.path });
      expect(brief.code).toBe(1);
      expect(brief.stderr).toMatch(/^error\[TSB2\d\d\d\]: load program connect: /);
      expect(brief.stderr).toContain("--verifier-log");
      expect(brief.stderr).not.toContain("processed");
      const whole = tsbpf(["load", "refused.o", "--no-attach", "--verifier-log"], { cwd: files.path });
      expect(whole.stderr).toMatch(/R0 invalid mem access 'map_value_or_null'[\s\S]*processed \d+ insns/);
    });

    test("what the machine lacks is told with 3: privileges, a BPF file system", (context) => {
      using files = project({ "connects.o": object(connects) });
      using cgroup = makeCgroup("load");
      const pin = join(files.path, "pins");
      const args = ["connects.o", "--attach", `connect=cgroup:${cgroup.path}`, "--pin", pin];
      const noBpffs = tsbpf(["load", ...args], { cwd: files.path });
      expect(noBpffs.stderr).toContain("error[TSB4050]");
      expect(noBpffs.code).toBe(3);
      expect(existsSync(pin)).toBe(false);
      chmodSync(files.path, 0o755);
      const nobody = ["--reuid=65534", "--clear-groups", "--bounding-set=-all", process.execPath, main];
      const command = [...nobody, "load", "connects.o", "--no-attach"];
      const { status, stderr } = spawnSync("setpriv", command, { cwd: files.path, encoding: "utf8" });
      if (stderr.includes("Cannot find module")) return context.skip("the checkout is closed to others");
      expect(stderr).toContain("error[TSB4010]");
      expect(status).toBe(3);
    });

    test("hostile objects are refused with a code", () => {
      const good = object(connects);
      using files = project({
        "truncated.o": good.subarray(0, 700),
        "text.o": "not an object",
        "empty.o": "",
        "no-btf.o": compileC(connects, { debug: false }),
      });
      for (const file of ["truncated.o", "text.o", "empty.o", "no-btf.o", "absent.o"]) {
        const { code, stderr } = tsbpf(["load", file, "--no-attach"], { cwd: files.path });
        expect({ file, code }).toEqual({ file, code: 1 });
        expect(stderr, file).toMatch(/^error\[TSB40\d\d\]: /);
      }
      expect(existsSync(files.path)).toBe(true);
    });
  },
  "clang",
  "ip",
);
