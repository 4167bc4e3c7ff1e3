import { unknownMap, unknownProgram } from "../compiler/diagnostics/load.ts";
import { BpfError } from "../runtime/errors.ts";
import type { GlobalsOf } from "../runtime/types.ts";
import type { SimulatedLog } from "./log.ts";
import type { Machine } from "./machine.ts";
import type { SimulatedMap } from "./maps/user-maps.ts";
import type { SimulatedProgram } from "./program.ts";
import type { SimulatedMapsOf, SimulatedProgramsOf } from "./types.ts";

/** What `simulate` gives: the maps, programs and globals of one source file, as `load` gives them, in this process alone. */
export class SimulatedCollection<M = unknown> implements Disposable {
  readonly maps: [keyof M] extends [never] ? Readonly<Record<string, SimulatedMap>> : SimulatedMapsOf<M>;
  readonly programs: [keyof M] extends [never]
    ? Readonly<Record<string, SimulatedProgram>>
    : SimulatedProgramsOf<M>;
  /** Constants and variables; a constant is given to `simulate` and fixed from then on. */
  readonly globals: [keyof M] extends [never] ? Record<string, unknown> : GlobalsOf<M>;
  /** What the programs `console.log`. */
  readonly log: SimulatedLog;
  /** What helpers answer: set its clock or its CPU between runs. */
  readonly machine: Machine;
  readonly #file: string;
  readonly #maps: Readonly<Record<string, SimulatedMap>>;
  readonly #programs: Readonly<Record<string, SimulatedProgram>>;

  /** @internal */
  constructor(parts: {
    readonly file: string;
    readonly maps: Readonly<Record<string, SimulatedMap>>;
    readonly programs: Readonly<Record<string, SimulatedProgram>>;
    readonly globals: Record<string, unknown>;
    readonly log: SimulatedLog;
    readonly machine: Machine;
  }) {
    this.#file = parts.file;
    this.#maps = parts.maps;
    this.#programs = parts.programs;
    // The source's names are only known when it runs: that they are the module's is what the caller says with `M`.
    this.maps = parts.maps as typeof this.maps;
    this.programs = parts.programs as typeof this.programs;
    this.globals = parts.globals as typeof this.globals;
    this.log = parts.log;
    this.machine = parts.machine;
  }

  /** @throws {BpfError} TSB4020 where the source has no map of that name. */
  map(name: string): SimulatedMap {
    const map = Object.hasOwn(this.#maps, name) ? this.#maps[name] : undefined;
    if (map !== undefined) return map;
    throw new BpfError(`use ${this.#file}`, unknownMap(undefined, name, Object.keys(this.#maps)));
  }

  /** @throws {BpfError} TSB4021 where the source has no program of that name. */
  program(name: string): SimulatedProgram {
    const program = Object.hasOwn(this.#programs, name) ? this.#programs[name] : undefined;
    if (program !== undefined) return program;
    throw new BpfError(`use ${this.#file}`, unknownProgram(undefined, name, Object.keys(this.#programs)));
  }

  /** There is nothing to close: it is here so that a test may say `using`, as with `load`. */
  close(): void {}

  [Symbol.dispose](): void {}
}
