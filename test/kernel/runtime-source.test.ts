import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Collection, CompileError, type HashMap, load } from "../../runtime/index.ts";
import { describeKernel, makeCgroup, makeTemporary } from "../support/kernel.ts";

const source = (step: string, extra = ""): string => `
import { cgroup, constant, HashMap, type u32, type u64, atomics } from "tsbpf/stdlib";

interface Stats { calls: u64; port: u32; strict: boolean }
export const stats = new HashMap<u32, Stats>({ maxEntries: 16 });
export const strict = constant<boolean>(false);
export let runs: u64 = 0n;
${extra}
export const count = cgroup.connect4((ctx) => {
  runs += 1n;
  const known = stats.get(1);
  if (known) {
    atomics.add(known, "calls", ${step});
    known.strict = strict;
    return true;
  }
  stats.set(1, { calls: ${step}, port: 7, strict });
  console.log(\`first call from \${ctx.family}\`);
  return true;
});
`;

async function connectOnce(): Promise<void> {
  await once(connect(1, "127.0.0.1"), "error");
}

interface Stats {
  readonly calls: bigint;
  readonly port: number;
  readonly strict: boolean;
}

describeKernel(
  "from a source file",
  () => {
    test("compiles, loads, counts, and is replaced while it counts", async () => {
      using group = makeCgroup();
      using folder = makeTemporary();
      const file = join(folder.path, "count.bpf.ts");
      writeFileSync(file, source("1n"));
      using first = await load(file);
      const stats = first.map("stats") as HashMap<number, Stats>;
      const link = first.program("count").attach({ cgroup: group.path });
      using _ = group.enter();
      await connectOnce();
      await connectOnce();
      expect(stats.get(1)).toEqual({ calls: 2n, port: 7, strict: false });
      expect(first.globals.runs).toBe(2n);
      expect(
        first.log
          ?.drain()
          .map(({ level, text, file: where, line }) => [level, text, where.endsWith("count.bpf.ts"), line]),
      ).toEqual([["info", "first call from INET", true, 18]]);

      writeFileSync(file, source("10n"));
      using second = await load(file, { reuse: { stats }, constants: { strict: true } });
      link.update(second.program("count"));
      await connectOnce();
      expect(stats.get(1)).toEqual({ calls: 12n, port: 7, strict: true });
      expect(second.globals.runs).toBe(1n);
    });

    test("every instruction knows its line, and the line is the file's", async () => {
      using folder = makeTemporary();
      const file = join(folder.path, "lines.bpf.ts");
      const text = source("1n");
      writeFileSync(file, text);
      using app = await load(file);
      const program = app.spec.program("count");
      const lines = text.split("\n");
      let known = 0;
      for (let index = 0; index < program.instructionCount; index++) {
        const place = app.spec.lines?.lineOf(program.section, program.sectionOffset + index);
        if (place === undefined) continue;
        known++;
        expect(place.file).toMatch(/lines\.bpf\.ts$/);
        expect(place.text.trim()).toBe(lines[place.line - 1]?.trim());
        expect(place.column).toBeGreaterThan(0);
      }
      expect(known).toBeGreaterThan(program.instructionCount / 2);
    });

    test("typed from its module, where the names are the source's", async () => {
      type Module = typeof import("../../programs/examples/connection-log.bpf.js");
      const file = fileURLToPath(new URL("../../programs/examples/connection-log.bpf.ts", import.meta.url));
      using first = await load<Module>(file);
      using second = await load<Module>(file, { reuse: first });
      expect(second.maps.closed.id).toBe(first.maps.closed.id);
      const lost: bigint = second.globals.lost;
      expect(lost).toBe(0n);
      const durations: bigint[] = second.maps.closed.drain().map((closed) => closed.durationNs);
      expect(durations).toEqual([]);
      const plain: Collection = second;
      expect(plain.program("log")).toBe(second.programs.log);
      // @ts-expect-error a sockOps program is attached to a cgroup
      expect(() => second.programs.log.attach({ device: "lo" })).toThrow(/cannot be attached to a device/);
    });

    test("what does not compile is an error with its diagnostics, and nothing is loaded", async () => {
      using folder = makeTemporary();
      const file = join(folder.path, "wrong.bpf.ts");
      writeFileSync(file, source("1n", "export const bad: u32 = 1n;"));
      const error = await load(file).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(CompileError);
      if (!(error instanceof CompileError)) return;
      expect(
        error.diagnostics.some(
          (diagnostic) => diagnostic.severity === "error" && diagnostic.span?.file === file,
        ),
      ).toBe(true);
      expect(error.sources.get(file)).toContain("export const bad");
      expect(error.message).toMatch(/^compile .*wrong\.bpf\.ts: /);
    });
  },
  "clang",
);
