import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Script } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CodeCache } from "../../compiler/startup/code-cache.ts";

describe("code cache", () => {
  let folder: string;
  const source = "(function (a) { return a + 1; })";
  const bytecode = () => new Script(source).createCachedData();
  const cache = (...folders: string[]) => new CodeCache("test", source, folders);
  const file = () => join(folder, readdirSync(folder)[0] ?? "");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tsbpf-cache-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("gives back what was written, and V8 takes it", () => {
    expect(cache(folder).read()).toBeUndefined();
    cache(folder).write(bytecode());
    const cachedData = cache(folder).read();
    expect(cachedData).toEqual(bytecode());
    const script = new Script(source, { cachedData: cachedData as Buffer });
    expect(script.cachedDataRejected).toBe(false);
    expect((script.runInThisContext() as (a: number) => number)(1)).toBe(2);
  });

  it("leaves no temporary file", () => {
    cache(folder).write(bytecode());
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it.each([
    ["one bit flipped", (bytes: Buffer) => bytes.fill(bytes[200] === 0 ? 1 : 0, 200, 201)],
    ["cut off", (bytes: Buffer) => bytes.subarray(0, bytes.length - 7)],
    ["empty", () => Buffer.alloc(0)],
    ["something else", () => Buffer.from("not bytecode at all")],
  ])("takes a damaged file for none: %s", (_name, damage) => {
    cache(folder).write(bytecode());
    writeFileSync(file(), damage(readFileSync(file())));
    expect(cache(folder).read()).toBeUndefined();
  });

  it("takes a file that others may write for none", () => {
    cache(folder).write(bytecode());
    chmodSync(file(), 0o666);
    expect(cache(folder).read()).toBeUndefined();
  });

  it("tells sources of the same length apart", () => {
    cache(folder).write(bytecode());
    expect(new CodeCache("test", source.replace("+", "-"), [folder]).read()).toBeUndefined();
  });

  it("writes to the next folder where the first cannot be had, and gives up quietly", () => {
    cache("/proc/none", folder).write(bytecode());
    expect(cache("/proc/none", folder).read()).toEqual(bytecode());
    expect(() => cache("/proc/none").write(bytecode())).not.toThrow();
  });
});
