import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { check } from "../../compiler/index.ts";

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), `tsbpf-${process.pid}-overlay-`)));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const good = `import { tc, TcAction } from "tsbpf/stdlib";
export const pass = tc(() => TcAction.OK);
`;
const importing = `import { tc } from "tsbpf/stdlib";
import { verdict } from "./verdict.bpf.ts";
export const pass = tc(() => verdict());
`;
const verdict = `import { TcAction } from "tsbpf/stdlib";
export function verdict(): TcAction {
  return TcAction.OK;
}
`;

function codes(entry: string, overlay: Readonly<Record<string, string>>): string[] {
  const texts = new Map(Object.entries(overlay).map(([name, text]) => [join(folder, name), text]));
  return check(join(folder, entry), { cwd: folder, overlay: texts }).diagnostics.map(({ code }) => code);
}

test("an entry is read from the overlay and not from the disk", () => {
  writeFileSync(join(folder, "main.bpf.ts"), good);
  expect(codes("main.bpf.ts", {})).toEqual([]);
  expect(codes("main.bpf.ts", { "main.bpf.ts": good.replace("const", "var") })).toEqual(["TSB1108"]);
  expect(codes("main.bpf.ts", {})).toEqual([]);
});

test("an import is, too, whichever of the two is on the disk", () => {
  writeFileSync(join(folder, "main.bpf.ts"), importing);
  expect(codes("main.bpf.ts", {})).toEqual(["TSB1023"]);
  expect(codes("main.bpf.ts", { "verdict.bpf.ts": verdict })).toEqual([]);
  writeFileSync(join(folder, "verdict.bpf.ts"), verdict);
  expect(codes("main.bpf.ts", { "verdict.bpf.ts": verdict.replace("verdict()", "other()") })).toEqual([
    "TS2305",
  ]);
});

test("neither has to be on the disk", () => {
  expect(codes("main.bpf.ts", { "main.bpf.ts": importing, "verdict.bpf.ts": verdict })).toEqual([]);
});

test("what is refused of a file is refused of a text", () => {
  expect(codes("main.bpf.ts", { "main.bpf.ts": `${good}\0` })).toEqual(["TSB1006"]);
  expect(codes("main.bpf.ts", { "main.bpf.ts": `//${"x".repeat(9 << 20)}` })).toEqual(["TSB1007"]);
  expect(codes("main.ts", { "main.ts": good })).toEqual(["TSB1001"]);
});
