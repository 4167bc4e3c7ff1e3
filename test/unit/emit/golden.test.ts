import { describe, expect, test } from "vitest";
import { emitC, printIr } from "../../../compiler/emit/index.ts";
import { runPasses } from "../../../compiler/passes/index.ts";
import { modules } from "./modules.ts";

describe("what the compiler prints", () => {
  test.each(Object.entries(modules))("C of %s", async (name, make) => {
    await expect(emitC(runPasses(make()).module).text).toMatchFileSnapshot(`golden/${name}.c`);
  });

  test.each(Object.entries(modules))("intermediate representation of %s", async (name, make) => {
    await expect(printIr(make())).toMatchFileSnapshot(`golden/${name}.ir`);
  });

  test("names the source's lines for readers", () => {
    const make = modules.counting;
    if (make === undefined) throw new Error("no module");
    const { module } = runPasses(make());
    const text = emitC(module, { cwd: "/project", lineDirectives: true }).text;
    expect(text).toMatch(/^#line \d+ "test\.bpf\.ts"$/m);
    expect(text.replace(/^#line .*\n/gm, "")).toBe(emitC(module).text);
  });
});
