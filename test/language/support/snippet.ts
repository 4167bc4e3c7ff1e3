import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Diagnostic } from "../../../compiler/diagnostics/diagnostic.ts";
import { emitC } from "../../../compiler/emit/index.ts";
import { type CompileOptions, check } from "../../../compiler/index.ts";
import type { IrModule } from "../../../compiler/ir/module.ts";
import { finishObject } from "../../../compiler/object/index.ts";
import { runPasses } from "../../../compiler/passes/index.ts";
import { compileC } from "../../../compiler/toolchain/index.ts";
import { type Collection, loadObject, open } from "../../../runtime/index.ts";

/** Everything the library exports that snippets use, so that they need not say it. */
const header = `import {
  type be16, type be32, type be64, type FixedArray, type Ref, type LpmKey, type TcContext, type SocketCommon,
  u8, u16, u32, u64, i8, i16, i32, i64, ArrayMap, HashMap, PerCpuArray, RingBuffer, LpmTrie, TcAction, XdpAction, AddressFamily,
  atomics, clamp, constant, htonl, htonll, htons, ip4, ip6, ktimeGetNs, MapUpdate, max, min, ntohl, ntohll, ntohs, range, struct, tc,
  xdp, zero,
} from "tsbpf/stdlib";
`;

const headerLines = header.split("\n").length - 1;

export interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  readonly module?: IrModule;
  /** `code line:text` of each diagnostic, lines counted in the snippet from 1. */
  readonly found: readonly string[];
}

/** Checks a snippet. Other files may be given by name. */
export function checkSnippet(
  source: string,
  options: CompileOptions & { readonly files?: Readonly<Record<string, string>> } = {},
): Checked {
  const cwd = mkdtempSync(join(tmpdir(), "tsbpf-language-"));
  try {
    for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(join(cwd, name), text);
    writeFileSync(join(cwd, "main.bpf.ts"), header + source);
    const { diagnostics, module, sources } = check("main.bpf.ts", { ...options, cwd });
    const found = diagnostics.map(({ code, span }) => {
      const text = span && sources.get(span.file);
      if (!span || text === undefined) return code;
      const line = text.slice(0, span.start).split("\n").length - headerLines;
      return `${code} ${line}:${text.slice(span.start, span.end)}`;
    });
    return { diagnostics, found, ...(module ? { module } : {}) };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** Compiles and loads a snippet; what is wrong with it is thrown with all that was said. */
export async function loadSnippet(
  source: string,
  options: CompileOptions & { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<Collection> {
  const { module, diagnostics, found } = checkSnippet(source, options);
  if (!module) {
    throw new Error(diagnostics.map(({ message }, index) => `${found[index]}: ${message}`).join("\n"));
  }
  const lowered = runPasses(module).module;
  const { text, map } = emitC(lowered);
  const compiled = await compileC(text, { map, module: lowered });
  if (!compiled.object) {
    const complaints = compiled.diagnostics.map(({ message, notes = [] }) => [message, ...notes].join("\n"));
    throw new Error(`${complaints.join("\n")}\n${text}`);
  }
  try {
    return loadObject(
      open(finishObject(compiled.object, lowered, map, { cwd: "/" }), { name: "test.bpf.o" }),
    );
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${text}`, { cause: error });
  }
}

/** Runs a tc program once on a packet. */
export function runTc(app: Collection, program = "run", data: Uint8Array = new Uint8Array(64)): number {
  return app.program(program).run({ data }).result | 0;
}

/**
 * Runs statements that compute `result`, a global of the type given, from the globals in `inputs`. Declarations may stand before them.
 */
export async function compute(
  type: string,
  statements: string,
  inputs: Readonly<Record<string, readonly [type: string, value: number | bigint | boolean]>> = {},
  declarations = "",
): Promise<unknown> {
  const names = Object.entries(inputs);
  const zero = (name: string) => (name === "boolean" ? "false" : /64$/.test(name) ? "0n" : "0");
  const globals = names.map(([name, [kind]]) => `export let ${name}: ${kind} = ${zero(kind)};`);
  using app = await loadSnippet(`${declarations}
${globals.join("\n")}
export let result: ${type} = ${zero(type)};
export const run = tc((packet) => {
  ${statements}
  return TcAction.OK;
});
`);
  for (const [name, [, value]] of names) app.globals[name] = value;
  runTc(app);
  return app.globals.result;
}
