import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emitC } from "../../../compiler/emit/index.ts";
import { check } from "../../../compiler/index.ts";
import type { IrModule } from "../../../compiler/ir/module.ts";
import { finishObject } from "../../../compiler/object/index.ts";
import { runPasses } from "../../../compiler/passes/index.ts";
import { compileC } from "../../../compiler/toolchain/index.ts";
import { type Collection, loadObject, open } from "../../../runtime/index.ts";
import { KeyedMap } from "../../../runtime/maps/keyed-map.ts";
import { SimulatedKeyedMap } from "../../../simulator/index.ts";
import { simulateModule } from "../../../simulator/simulate.ts";
import { runTc } from "../../kernel/emit/run.ts";
import { generateProgram } from "./program.ts";
import type { Tape } from "./tape.ts";
import { globals, header, maps } from "./world.ts";

const inputs = [
  { mark: 0, priority: 0 },
  { mark: 1, priority: 0xffffffff },
  { mark: 0x80000000, priority: 7 },
  { mark: 12345, priority: 0xdeadbeef },
] as const;

export interface Disagreement {
  /** Which of the tapes. */
  readonly index: number;
  readonly source: string;
  readonly input: (typeof inputs)[number];
  readonly kernel: unknown;
  readonly simulator: unknown;
}

/**
 * Runs the programs of all tapes, in one object, in the kernel and in JavaScript, and compares what they return and leave behind.
 *
 * @throws where the compiler, clang or the verifier refuses what the generator made: the one or the other is wrong then.
 */
export function compareExecutions(given: readonly Tape[]): Promise<Disagreement | undefined> {
  return compareSources(given.map((tape, index) => generateProgram(`p${index}`, tape)));
}

/** As `compareExecutions`, of the sources of programs `p0`, `p1` … */
export async function compareSources(sources: readonly string[]): Promise<Disagreement | undefined> {
  const source = [header, ...sources].join("\n");
  const module = compile(source);
  using app = await loadInKernel(module, source);
  const simulated = simulateModule(module, "random.bpf.ts");
  for (const [index, text] of sources.entries()) {
    const name = `p${index}`;
    for (const input of inputs) {
      resetKernel(app);
      for (const map of maps) resetMap(simulated.map(map));
      Object.assign(simulated.globals, firstGlobals());
      const expected = {
        result: simulated.program(name).run({ ...input, packet: new Uint8Array(64) }).returnValue,
        ...stateOf(simulated.globals, (map) => simulated.map(map)),
      };
      const kernel = {
        result: runTc(app, name, input),
        ...stateOf(app.globals, (map) => app.map(map)),
      };
      if (show(kernel) !== show(expected)) {
        return { index, source: text, input, kernel: show(kernel), simulator: show(expected) };
      }
    }
  }
  return undefined;
}

function compile(source: string): IrModule {
  const cwd = mkdtempSync(join(tmpdir(), "tsbpf-random-"));
  try {
    writeFileSync(join(cwd, "random.bpf.ts"), source);
    const { module, diagnostics, sources } = check("random.bpf.ts", { cwd });
    if (module !== undefined) return module;
    const told = diagnostics.map(({ code, message, span }) => {
      const text = span === undefined ? "" : (sources.get(span.file)?.slice(span.start, span.end) ?? "");
      return `${code}: ${message}: ${text}`;
    });
    throw new Error(`${told.join("\n")}\n${source}`);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

async function loadInKernel(module: IrModule, source: string): Promise<Collection> {
  const lowered = runPasses(module).module;
  const { text, map } = emitC(lowered);
  const { object, diagnostics } = await compileC(text, { map, module: lowered });
  if (object === undefined) {
    throw new Error(
      `${diagnostics.map((d) => [d.message, ...(d.notes ?? [])].join("\n")).join("\n")}\n${text}`,
    );
  }
  try {
    return loadObject(open(finishObject(object, lowered, map, { cwd: "/" }), { name: "random.bpf.o" }));
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${source}`, { cause: error });
  }
}

function firstGlobals(): Record<(typeof globals)[number], unknown> {
  return { g0: 5, g1: -9n, g2: 250, g3: -1, result: 1n, numbers: new Uint32Array([3, 0xffffffff, 0, 70000]) };
}

const emptyWide = {
  flag: false,
  x: 0,
  y: 0n,
  pair: { a: 0, b: 0 },
  list: new Int16Array(4),
  z: 0,
  port: 0,
  address: 0,
  total: 0n,
};

function resetKernel(app: Collection): void {
  Object.assign(app.globals, firstGlobals());
  for (const name of maps) resetMap(app.map(name));
}

function resetMap(map: unknown): void {
  const keyed = asKeyed(map);
  if (keyed.type !== "array") keyed.clear();
  else for (let index = 0; index < keyed.maxEntries; index++) keyed.set(index, { ...emptyWide, z: index });
  if (keyed.name === "table") keyed.set({ a: 1, b: 0 }, { ...emptyWide, y: -3n, x: 65535 });
}

type AnyKeyedMap = KeyedMap<unknown, unknown> | SimulatedKeyedMap;

function asKeyed(map: unknown): AnyKeyedMap {
  if (map instanceof KeyedMap || map instanceof SimulatedKeyedMap) return map as AnyKeyedMap;
  throw new Error("this map has no entries");
}

function stateOf(values: Readonly<Record<string, unknown>>, mapOf: (name: string) => unknown) {
  const entries = maps.map((name) => [name, [...asKeyed(mapOf(name)).entries()].map(show).sort()] as const);
  return {
    globals: Object.fromEntries(globals.map((name) => [name, values[name]])),
    maps: Object.fromEntries(entries),
  };
}

/** As text that shows every difference. */
function show(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === "bigint") return `${inner}n`;
    return ArrayBuffer.isView(inner) ? [...(inner as unknown as Iterable<unknown>)].map(String) : inner;
  });
}
