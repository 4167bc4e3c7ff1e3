import { beforeAll, describe, expect, test } from "vitest";
import { ensureDist } from "../support/dist.ts";
import { project, transcript, tsbpf } from "./support/run.ts";

beforeAll(ensureDist);

const good = `import { SkAction, skMsg } from "tsbpf/stdlib";
export const pass = skMsg(() => SkAction.PASS);
`;
const wrong = `import { SkAction, skMsg } from "tsbpf/stdlib";
const port: number = "http";
export const pass = skMsg(() => SkAction.PASS);
`;

describe("tsbpf check", () => {
  const goldens: Record<string, string[]> = {
    "check-good": ["check", "good.bpf.ts"],
    "check-text": ["check", "wrong.bpf.ts"],
    "check-json": ["check", "--format", "json", "good.bpf.ts", "wrong.bpf.ts"],
    "check-github": ["check", "--format", "github", "wrong.bpf.ts"],
    "check-missing": ["check", "absent.bpf.ts"],
    "check-several": ["check", "good.bpf.ts", "wrong.bpf.ts", "absent.bpf.ts"],
  };
  for (const [name, args] of Object.entries(goldens)) {
    test(`tsbpf ${args.join(" ")}`, async () => {
      using files = project({ "good.bpf.ts": good, "wrong.bpf.ts": wrong });
      await expect(transcript(args, tsbpf(args, { cwd: files.path }))).toMatchFileSnapshot(
        `golden/${name}.txt`,
      );
    });
  }

  test("a path with spaces, a byte order mark and CRLF are no trouble", () => {
    using files = project({ "my program.bpf.ts": `\uFEFF${good.replaceAll("\n", "\r\n")}` });
    expect(tsbpf(["check", "my program.bpf.ts"], { cwd: files.path })).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
  });

  test("what two entries import is complained about once", () => {
    using files = project({
      "shared.bpf.ts": 'export const port: number = "http";\n',
      "a.bpf.ts": `import { port } from "./shared.bpf.ts";\n${good.replace("PASS)", "PASS); void port")}`,
      "b.bpf.ts": `import { port } from "./shared.bpf.ts";\n${good.replace("PASS)", "PASS); void port")}`,
    });
    const { stdout } = tsbpf(["check", "a.bpf.ts", "b.bpf.ts", "--format", "json"], { cwd: files.path });
    const report = JSON.parse(stdout);
    expect(
      report.diagnostics.filter((each: { place: { file: string } }) => each.place?.file === "shared.bpf.ts"),
    ).toHaveLength(1);
    expect(report.files.map((file: { ok: boolean }) => file.ok)).toEqual([false, false]);
  });

  test("--timings goes to stderr for people and into the document for programs", () => {
    using files = project({ "good.bpf.ts": good });
    const text = tsbpf(["check", "good.bpf.ts", "--timings"], { cwd: files.path });
    expect(text.stdout).toBe("");
    expect(text.stderr).toMatch(/^FILE .*TOTAL ms\ngood\.bpf\.ts( +\d+\.\d)+\n$/);
    const json = JSON.parse(
      tsbpf(["check", "good.bpf.ts", "--timings", "--format", "json"], { cwd: files.path }).stdout,
    );
    for (const time of Object.values(json.files[0].timings)) expect(time).toBeTypeOf("number");
  });
});
