import { once } from "node:events";
import { beforeAll, describe, expect, test } from "vitest";
import { ensureDist } from "../support/dist.ts";
import { startTsbpf, transcript, tsbpf } from "./support/run.ts";

beforeAll(ensureDist);

// Output that users and scripts see: a change to it is seen in the golden file.
const goldens: Record<string, string[]> = {
  help: ["--help"],
  "help-build": ["build", "--help"],
  "help-check": ["check", "--help"],
  "help-load": ["load", "--help"],
  "help-doctor": ["doctor", "--help"],
  "help-lsp": ["lsp", "--help"],
  "help-explain": ["explain", "--help"],
  "no-command": [],
  "misspelt-command": ["biuld", "x.bpf.ts"],
  "misspelt-option": ["check", "--formt", "json", "x.bpf.ts"],
  "missing-argument": ["build"],
  "wrong-choice": ["check", "--format", "xml", "x.bpf.ts"],
  "old-kernel": ["check", "--min-kernel", "4.19", "x.bpf.ts"],
  "bad-kernel": ["check", "--min-kernel", "six", "x.bpf.ts"],
  "explain-unknown": ["explain", "TSB9999"],
  "explain-typescript": ["explain", "TS2345"],
  "explain-nothing": ["explain"],
  explain: ["explain", "tsb4070"],
};

describe("command line", () => {
  for (const [name, args] of Object.entries(goldens)) {
    test(`tsbpf ${args.join(" ")}`, async () => {
      await expect(transcript(args, tsbpf(args, { env: { COLUMNS: "80" } }))).toMatchFileSnapshot(
        `golden/${name}.txt`,
      );
    });
  }

  test("--version is the package's, on stdout", async () => {
    const { version } = (await import("../../package.json", { with: { type: "json" } })).default;
    expect(tsbpf(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("every code of the catalogue can be explained and is listed", async () => {
    const { catalogue } = await import("../../compiler/diagnostics/catalogue.ts");
    const listed = JSON.parse(tsbpf(["explain", "--list", "--format", "json"]).stdout);
    expect(listed.version).toBe(1);
    expect(listed.codes.map((entry: { code: string }) => entry.code)).toEqual([...catalogue.keys()]);
    expect(tsbpf(["explain", "--list"]).stdout.split("\n")).toHaveLength(catalogue.size + 2);
  });

  test("colours only where asked for", () => {
    const introducer = "\u001b[";
    expect(tsbpf(["explain", "TSB4070"]).stdout).not.toContain(introducer);
    expect(tsbpf(["explain", "TSB4070"], { env: { FORCE_COLOR: "1" } }).stdout).toContain(introducer);
    expect(tsbpf(["explain", "TSB4070"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } }).stdout).not.toContain(
      escape,
    );
  });

  test("an unknown code has the near ones beside it", () => {
    const answer = tsbpf(["explain", "TSB1052"]);
    expect(answer.code).toBe(2);
    expect(answer.stderr).toContain("TSB1051");
  });

  test("a reader that goes away is no crash", async () => {
    const child = startTsbpf(["explain", "--list"]);
    child.stdout?.destroy();
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const [code] = await once(child, "close");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});
