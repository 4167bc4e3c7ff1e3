import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

describe("scripts run from kept bytecode", () => {
  let folder: string;
  const file = () => join(folder, "main.cjs");
  /** As a new process would. */
  const fresh = async () => {
    vi.resetModules();
    return await import("../../compiler/startup/load-script.ts");
  };
  const keptRun = async () => {
    const { loadScript, keepCompiledScripts } = await fresh();
    const answer = (loadScript(file(), [join(folder, "kept")]) as { answer: () => unknown }).answer();
    keepCompiledScripts();
    return answer;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tsbpf-script-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("keeps what it compiled", async () => {
    writeFileSync(file(), "exports.answer = () => 41;\n");
    await keptRun();
    expect(readdirSync(join(folder, "kept"))).toEqual([expect.stringMatching(/^main\.cjs-.*\.v8$/)]);
  });

  it("notices another text of the same length, even with the old time of change", async () => {
    writeFileSync(file(), "exports.answer = () => 41;\n");
    expect(await keptRun()).toBe(41);
    expect(await keptRun()).toBe(41);
    const { atime, mtime } = statSync(file());
    writeFileSync(file(), "exports.answer = () => 42;\n");
    utimesSync(file(), atime, mtime);
    expect(await keptRun()).toBe(42);
  });

  it("gives a script its neighbours, Node's modules and its own place", async () => {
    writeFileSync(
      file(),
      'const { word } = require("./other.cjs"); const { sep } = require("node:path");\nexports.answer = () => [word, sep, __dirname];\n',
    );
    writeFileSync(join(folder, "other.cjs"), 'exports.word = "√";\n');
    expect(await keptRun()).toEqual(["√", "/", folder]);
    expect(await keptRun()).toEqual(["√", "/", folder]);
  });

  it("runs a script once, also where scripts require one another", async () => {
    writeFileSync(
      file(),
      'exports.name = "main"; const { seen } = require("./other.cjs");\nexports.answer = () => seen;\n',
    );
    writeFileSync(join(folder, "other.cjs"), 'exports.seen = require("./main.cjs").name;\n');
    expect(await keptRun()).toBe("main");
  });
});
