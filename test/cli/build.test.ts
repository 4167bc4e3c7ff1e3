import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { open } from "../../runtime/index.ts";
import { ensureDist } from "../support/dist.ts";
import { clang } from "../support/kernel.ts";
import { main, project, transcript, tsbpf } from "./support/run.ts";

beforeAll(ensureDist);

const good = `import { ArrayMap, type u64, xdp, XdpAction } from "tsbpf/stdlib";

export const packets = new ArrayMap<u64>({ maxEntries: 1 });

export const count = xdp(() => {
  const seen = packets.ref(0);
  if (seen) seen.value += 1n;
  return XdpAction.PASS;
});
`;
const wrong = good.replace("if (seen) seen.value", "seen.value");

// Where a compiler is missing this says so; CI has one.
describe.skipIf(clang === undefined && process.env.CI !== "true")("tsbpf build", () => {
  test("writes an object beside its source, whole, and says so on stderr", () => {
    using files = project({ "my program.bpf.ts": good });
    const answer = tsbpf(["build", "my program.bpf.ts"], { cwd: files.path });
    expect(answer).toEqual({ code: 0, stdout: "", stderr: "wrote my program.bpf.o\n" });
    expect(readdirSync(files.path).sort()).toEqual(["my program.bpf.o", "my program.bpf.ts"]);
    const spec = open(join(files.path, "my program.bpf.o"));
    expect(Object.keys(spec.programs)).toEqual(["count"]);
    expect(Object.keys(spec.maps)).toEqual(["packets"]);
  });

  test("several sources go into a folder, which is made", () => {
    using files = project({ "a.bpf.ts": good, "b.bpf.ts": good });
    expect(tsbpf(["build", "a.bpf.ts", "b.bpf.ts", "-o", "out/deep"], { cwd: files.path }).code).toBe(0);
    expect(readdirSync(join(files.path, "out/deep")).sort()).toEqual(["a.bpf.o", "b.bpf.o"]);
  });

  test("to stdout", () => {
    using files = project({ "a.bpf.ts": good });
    const { stdout, status } = spawnSync(process.execPath, [main, "build", "a.bpf.ts", "-o", "-"], {
      cwd: files.path,
    });
    expect(status).toBe(0);
    expect(Object.keys(open(new Uint8Array(stdout)).programs)).toEqual(["count"]);
  });

  test("C, IR and JavaScript are text on stdout, also inside a JSON document", () => {
    using files = project({ "a.bpf.ts": good });
    const c = tsbpf(["build", "a.bpf.ts", "--emit", "c"], { cwd: files.path });
    expect(c).toMatchObject({ code: 0, stderr: "" });
    expect(c.stdout).toContain('#line 5 "a.bpf.ts"');
    const ir = tsbpf(["build", "a.bpf.ts", "--emit", "ir"], { cwd: files.path });
    expect(ir.stdout).toContain("count");
    const js = tsbpf(["build", "a.bpf.ts", "--emit", "js"], { cwd: files.path });
    expect(js).toMatchObject({ code: 0, stderr: "" });
    expect(js.stdout).toMatch(/^export default function link\([\s\S]*\n {2}return \{ count \};\n\}\n$/);
    const document = JSON.parse(
      tsbpf(["build", "a.bpf.ts", "--emit", "c", "--format", "json"], { cwd: files.path }).stdout,
    );
    expect(document).toMatchObject({
      errors: 0,
      files: [{ file: "a.bpf.ts", ok: true, output: null, text: c.stdout }],
    });
    expect(readdirSync(files.path)).toEqual(["a.bpf.ts"]);
  });

  test("a wrong program leaves the object of the right one as it was", async () => {
    using files = project({ "a.bpf.ts": wrong });
    writeFileSync(join(files.path, "a.bpf.o"), "before");
    const answer = tsbpf(["build", "a.bpf.ts"], { cwd: files.path });
    expect(readFileSync(join(files.path, "a.bpf.o"), "utf8")).toBe("before");
    await expect(transcript(["build", "a.bpf.ts"], answer)).toMatchFileSnapshot("golden/build-wrong.txt");
  });

  test("in JSON, what was written where", () => {
    using files = project({ "a.bpf.ts": good, "b.bpf.ts": wrong });
    const answer = tsbpf(["build", "a.bpf.ts", "b.bpf.ts", "-o", "out", "--format", "json", "--timings"], {
      cwd: files.path,
    });
    expect(answer.code).toBe(1);
    expect(answer.stderr).toBe("");
    const document = JSON.parse(answer.stdout);
    expect(document.files).toMatchObject([
      {
        file: "a.bpf.ts",
        ok: true,
        output: join(files.path, "out/a.bpf.o"),
        timings: { frontend: expect.any(Number) },
      },
      { file: "b.bpf.ts", ok: false, output: null },
    ]);
    expect(existsSync(join(files.path, "out/b.bpf.o"))).toBe(false);
  });

  test("what the machine lacks is told with 3: room, permission, a compiler", () => {
    using files = project({ "a.bpf.ts": good });
    const full = tsbpf(["build", "a.bpf.ts", "-o", "/dev/full"], { cwd: files.path });
    expect(full.code).toBe(3);
    expect(full.stderr).toContain(
      "error[TSB1051]: `/dev/full` cannot be written: no space left on the device",
    );
    const none = tsbpf(["build", "a.bpf.ts"], { cwd: files.path, env: { PATH: "/nonexistent" } });
    expect(none.code).toBe(3);
    expect(none.stderr).toContain("error[TSB3001]");
    const absent = tsbpf(["build", "a.bpf.ts", "--clang", "/nonexistent/clang"], { cwd: files.path });
    expect(absent.code).toBe(3);
    expect(absent.stderr).toMatch(/error\[TSB30\d\d\]/);
    expect(readdirSync(files.path)).toEqual(["a.bpf.ts"]);
  });

  test("a folder that is closed to the user", (context) => {
    if (process.getuid?.() !== 0) return context.skip("needs root, to be someone else");
    using files = project({ "a.bpf.ts": good });
    chmodSync(files.path, 0o755);
    mkdirSync(join(files.path, "closed"), { mode: 0o755 });
    const command = [
      "--reuid=65534",
      "--clear-groups",
      process.execPath,
      main,
      "build",
      "a.bpf.ts",
      "-o",
      "closed/a.o",
    ];
    const { status, stderr } = spawnSync("setpriv", command, { cwd: files.path, encoding: "utf8" });
    if (stderr.includes("Cannot find module")) return context.skip("the checkout is closed to others");
    expect(stderr).toContain("error[TSB1051]: `closed/a.o` cannot be written: permission denied");
    expect(status).toBe(3);
    expect(readdirSync(join(files.path, "closed"))).toEqual([]);
  });

  test("what makes no sense is told with 2, before anything is built", () => {
    using files = project({ "a.bpf.ts": good, "b.bpf.ts": good });
    for (const args of [
      ["a.bpf.ts", "-o", "a.bpf.ts"],
      ["a.bpf.ts", "b.bpf.ts", "-o", "-"],
    ]) {
      expect(tsbpf(["build", ...args], { cwd: files.path }).code).toBe(2);
    }
    expect(readFileSync(join(files.path, "a.bpf.ts"), "utf8")).toBe(good);
  });
});
