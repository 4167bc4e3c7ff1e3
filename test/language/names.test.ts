import { expect, test } from "vitest";
import type { HashMap } from "../../runtime/index.ts";
import { describeKernel } from "../support/kernel.ts";
import { compute, loadSnippet, runTc } from "./support/snippet.ts";

describeKernel(
  "names",
  () => {
    test("keywords, macros and builtins of C are names like others", async () => {
      const names =
        `goto float restrict extern _Bool linux asm __bpf__ __LINE__ __func__ __builtin_memcpy __int128 __attribute__ __has_builtin
        _Float16 _Nonnull __auto_type __typeof memcpy abs bpf_map_lookup_elem __sk_buff NULL size_t ctx $x x$ ünï`
          .trim()
          .split(/\s+/);
      const locals = names.map((name, n) => `const ${name}: u32 = ${n} + one; result += ${name};`).join("\n");
      const wanted = names.reduce((sum, _, n) => sum + n + 1, 0);
      expect(await compute("u32", locals, { one: ["u32", 1] })).toBe(wanted);
      const functions = names.map((name) => `function ${name}(x: u32): u32 { return x + 1; }`).join("\n");
      const calls = names.map((name) => `result += ${name}(one);`).join("\n");
      expect(await compute("u32", calls, { one: ["u32", 1] }, functions)).toBe(2 * names.length);
    });
    test("user space sees the names of the source", async () => {
      using app = await loadSnippet(`
        enum long { auto, unsigned }
        interface int { short: u32; double: long; __x: u32 }
        export let register: u32 = 0;
        export let __y: u32 = 3;
        let license: u32 = 1;
        export const volatile = new HashMap<u32, int>({ maxEntries: 2 });
        export const run = tc(() => {
          register = 4 + license++;
          volatile.set(1, { short: 5, double: long.unsigned, __x: 6 });
          return TcAction.OK;
        });
      `);
      runTc(app);
      expect(app.globals.register).toBe(5);
      expect(app.globals.__y).toBe(3);
      expect((app.map("volatile") as HashMap).get(1)).toEqual({ short: 5, double: 1, __x: 6 });
    });
  },
  "clang",
);
