import type { Diagnostic } from "../compiler/diagnostics/diagnostic.ts";
import { invalidOption } from "../compiler/diagnostics/load.ts";
import type { CompileOptions } from "../compiler/index.ts";
import type { Collection } from "./collection.ts";
import { BpfError } from "./errors.ts";
import { type LoadObjectOptions, loadObject } from "./load-object.ts";
import { ObjectSpec, open } from "./spec.ts";

export interface LoadOptions extends LoadObjectOptions {
  /** Values of constants, by name. */
  readonly constants?: Readonly<Record<string, unknown>>;
  /** First values of global variables, by name. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Changes to maps, by name. */
  readonly maps?: Readonly<Record<string, MapChanges>>;
  /** The programs to load; by default all but those whose section begins with `?`. */
  readonly programs?: readonly string[];
  /** For a source file: how it is compiled. */
  readonly compiler?: CompileOptions & { readonly clang?: string };
}

export interface MapChanges {
  readonly maxEntries?: number;
  /** `BPF_F_*`. */
  readonly flags?: number;
  readonly numaNode?: number;
  /** Where the map is pinned; one that is there already is used. */
  readonly pin?: string;
}

/** A source file does not compile. */
export class CompileError extends BpfError {
  override readonly name: string = "CompileError";
  readonly diagnostics: readonly Diagnostic[];
  /** The text of the files that the diagnostics' spans name. */
  readonly sources: ReadonlyMap<string, string>;

  constructor(file: string, diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string>) {
    const first = diagnostics.find((diagnostic) => diagnostic.severity === "error") ?? diagnostics[0];
    super(
      `compile ${file}`,
      first ?? { code: "TSB1099", severity: "error", message: "the compiler made no object" },
    );
    this.diagnostics = diagnostics;
    this.sources = sources;
  }
}

/**
 * Reads an object file, or compiles a `*.bpf.ts` file first, and loads it into the kernel. With the module's types, maps, programs and globals
 * have the types of the source:
 *
 *     using app = await load<typeof import("./flows.bpf.js")>("flows.bpf.ts");
 *     app.programs.connections.attach({ cgroup: "/sys/fs/cgroup/shop" });
 *     for (const [key, stats] of app.maps.flows) console.log(key.remoteIp4, stats.bytes);
 *
 * Minimum kernel: 5.10. Needs CAP_BPF, and CAP_NET_ADMIN for network programs.
 *
 * @param object path of a source or an object file, the bytes of an object, or a specification from `open`.
 * @throws {CompileError} where a source file does not compile.
 * @throws {VerifierError} where the verifier refuses a program.
 * @throws {BpfError} as `open` and `loadObject`.
 */
export async function load<M = unknown>(
  object: string | Uint8Array | ObjectSpec,
  options: LoadOptions = {},
): Promise<Collection<M>> {
  const spec = await specificationOf(object, options);
  applyOptions(spec, options);
  return loadObject<M>(spec, options);
}

async function specificationOf(
  object: string | Uint8Array | ObjectSpec,
  options: LoadOptions,
): Promise<ObjectSpec> {
  if (object instanceof ObjectSpec) return object;
  if (typeof object !== "string" || !/\.[cm]?ts$/.test(object)) return open(object);
  const { build } = await import("../compiler/index.ts");
  const built = await build(object, options.compiler ?? {});
  if (built.object === undefined) throw new CompileError(object, built.diagnostics, built.sources);
  return open(built.object, { name: object });
}

const optionNames = [
  "constants",
  "variables",
  "maps",
  "programs",
  "compiler",
  "reuse",
  "pinDirectory",
  "kernelBtfPath",
  "verifierLog",
];
const mapOptionNames = ["maxEntries", "flags", "numaNode", "pin"];

function applyOptions(spec: ObjectSpec, options: LoadOptions): void {
  checkNames(spec, options, optionNames, "");
  for (const [name, changes] of Object.entries(options.maps ?? {})) {
    checkNames(spec, changes, mapOptionNames, `maps.${name}.`);
    Object.assign(spec.map(name), changes);
  }
  Object.assign(spec.constants, options.constants);
  Object.assign(spec.variables, options.variables);
  if (options.programs === undefined) return;
  for (const program of Object.values(spec.programs)) program.load = false;
  for (const name of options.programs) spec.program(name).load = true;
}

function checkNames(spec: ObjectSpec, options: object, known: readonly string[], prefix: string): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const help = `the options are ${known.join(", ")}`;
    throw new BpfError(`load ${spec.name}`, invalidOption(undefined, prefix + name, "is not known", help));
  }
}
