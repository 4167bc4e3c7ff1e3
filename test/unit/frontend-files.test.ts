import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { maxSourceBytes } from "../../compiler/frontend/read-source.ts";
import { check } from "../../compiler/index.ts";

const fine = `import { SkAction, skMsg } from "tsbpf/stdlib";
export const pass = skMsg(() => SkAction.PASS);
`;
const wrong = `import { SkAction, skMsg, type u64 } from "tsbpf/stdlib";
export const pass = skMsg((msg) => {
  const size: u64 = msg.size;
  return SkAction.PASS;
});
`;

describe("files", () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "tsbpf-files-")));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, text: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const codes = (path: string, cwd = folder): string[] =>
    check(path, { cwd }).diagnostics.map(({ code }) => code);

  it("accepts names with spaces and any script", () => {
    mkdirSync(join(folder, "my dir"));
    expect(codes(write("my dir/größe 漢字 $(x).bpf.ts", fine))).toEqual([]);
  });

  it("takes a path relative to the working directory", () => {
    write("a.bpf.ts", fine);
    expect(codes("a.bpf.ts")).toEqual([]);
    expect(codes("./a.bpf.ts")).toEqual([]);
  });

  it("reports a missing file, by any way of naming it", () => {
    expect(codes("absent.bpf.ts")).toEqual(["TSB1001"]);
    expect(codes("a.bpf.ts/b.bpf.ts")).toEqual(["TSB1001"]);
    expect(codes("")).toEqual(["TSB1002"]);
    expect(codes("a\0b.bpf.ts")).toEqual(["TSB1001"]);
    expect(codes(`${"x".repeat(5000)}.bpf.ts`)).toHaveLength(1);
  });

  it("reports a folder, a pipe and a device", () => {
    mkdirSync(join(folder, "folder.bpf.ts"));
    expect(codes("folder.bpf.ts")).toEqual(["TSB1002"]);
    execFileSync("mkfifo", [join(folder, "pipe.bpf.ts")]);
    expect(codes("pipe.bpf.ts")).toEqual(["TSB1002"]);
    symlinkSync("/dev/zero", join(folder, "zero.bpf.ts"));
    expect(codes("zero.bpf.ts")).toEqual(["TSB1002"]);
  });

  it("reports a working directory that is gone", () => {
    expect(codes("a.bpf.ts", join(folder, "gone"))).toEqual(["TSB1001"]);
  });

  it("wants the entry file named *.bpf.ts", () => {
    expect(codes(write("a.ts", fine))).toEqual(["TSB1004"]);
    expect(codes(write("a.bpf.js", fine))).toEqual(["TSB1004"]);
    expect(codes(write("a.bpf.tsx", fine))).toEqual(["TSB1004"]);
    expect(codes(write("bpf.ts", fine))).toEqual(["TSB1004"]);
  });

  it("reports a file above the limit without reading it", () => {
    const path = write("huge.bpf.ts", fine);
    execFileSync("truncate", ["-s", String(maxSourceBytes + 1), path]);
    expect(codes(path)).toEqual(["TSB1007"]);
  });

  it("follows symbolic links, and takes a file with two names for one", () => {
    write("shared.bpf.ts", "export const limit = 5;\n");
    symlinkSync("shared.bpf.ts", join(folder, "alias.bpf.ts"));
    const entry = write(
      "main.bpf.ts",
      `import { SkAction, skMsg } from "tsbpf/stdlib";
import { limit } from "./shared.bpf.ts";
import { limit as same } from "./alias.bpf.ts";
export const pass = skMsg((msg) => (msg.size > limit + same ? SkAction.PASS : SkAction.DROP));
`,
    );
    symlinkSync("main.bpf.ts", join(folder, "link.bpf.ts"));
    const { diagnostics, sources } = check(join(folder, "link.bpf.ts"), { cwd: folder });
    expect(diagnostics).toEqual([]);
    expect([...sources.keys()].filter((path) => path.startsWith(folder))).toEqual([
      entry,
      join(folder, "shared.bpf.ts"),
    ]);
  });

  it("follows a link to a file of another name, as stores of packages have them", () => {
    write("0f3a", fine);
    symlinkSync("0f3a", join(folder, "a.bpf.ts"));
    expect(codes("a.bpf.ts")).toEqual([]);
  });

  it("reports links that lead in a circle, or nowhere", () => {
    symlinkSync("b.bpf.ts", join(folder, "a.bpf.ts"));
    symlinkSync("a.bpf.ts", join(folder, "b.bpf.ts"));
    expect(codes("a.bpf.ts")).toEqual(["TSB1003"]);
    symlinkSync("absent", join(folder, "c.bpf.ts"));
    expect(codes("c.bpf.ts")).toEqual(["TSB1001"]);
  });

  it.skipIf(process.getuid?.() === 0)("reports a file without permission", () => {
    const path = write("secret.bpf.ts", fine);
    chmodSync(path, 0o000);
    expect(codes(path)).toEqual(["TSB1003"]);
  });

  it("counts offsets from the first character after a byte order mark, and keeps line ends", () => {
    const plain = check(write("plain.bpf.ts", wrong), { cwd: folder }).diagnostics[0]?.span;
    const marked = check(write("marked.bpf.ts", `\ufeff${wrong}`), { cwd: folder }).diagnostics[0]?.span;
    expect(marked?.start).toBe(plain?.start);
    const text = `\ufeff${wrong.replaceAll("\n", "\r\n")}`;
    const { diagnostics, sources } = check(write("crlf.bpf.ts", text), { cwd: folder });
    const span = diagnostics[0]?.span;
    expect(sources.get(span?.file ?? "")?.slice(span?.start, span?.end)).toBe("msg.size");
  });

  it("keeps checking right after a file of the standard library was used by a wrong program", () => {
    const bad = write(
      "bad.bpf.ts",
      `${wrong}declare module "tsbpf/stdlib" { interface SkMsgContext { extra: u64 } }\n`,
    );
    expect(codes(bad).length).toBeGreaterThan(0);
    const uses = write("uses.bpf.ts", fine.replace("() => SkAction.PASS", "(msg) => (msg.extra ? 1 : 0)"));
    expect(codes(uses)).toContain("TSB1504");
    expect(codes(write("fine.bpf.ts", fine))).toEqual([]);
  });
});
