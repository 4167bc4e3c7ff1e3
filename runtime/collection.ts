import { closedObject, programNotLoaded, unknownMap, unknownProgram } from "../compiler/diagnostics/load.ts";
import { closeAll } from "./close-all.ts";
import { BpfError } from "./errors.ts";
import { type GlobalSections, globalsProxy } from "./global-variables.ts";
import type { ProgramLog } from "./log.ts";
import type { BpfMap } from "./maps/bpf-map.ts";
import type { Program } from "./program.ts";
import type { ObjectSpec } from "./spec.ts";
import type { GlobalsOf, MapsOf, ProgramsOf } from "./types.ts";

/** By name; with the types of the module where it is known, as in `load<typeof import("./flows.bpf.js")>`. */
export type CollectionMaps<M> = [keyof M] extends [never] ? Readonly<Record<string, BpfMap>> : MapsOf<M>;
export type CollectionPrograms<M> = [keyof M] extends [never]
  ? Readonly<Record<string, Program>>
  : ProgramsOf<M>;
export type CollectionGlobals<M> = [keyof M] extends [never] ? Record<string, unknown> : GlobalsOf<M>;

/** What `load` gives: the maps, programs and globals of one object in the kernel. */
export class Collection<M = unknown> implements Disposable {
  readonly spec: ObjectSpec;
  readonly maps: CollectionMaps<M>;
  readonly programs: CollectionPrograms<M>;
  /**
   * Constants and variables of the object, read from and written to the kernel on every access. Writing one touches its own bytes only, and a
   * scalar in one piece; reading and then writing is not atomic against programs that do the same.
   */
  readonly globals: CollectionGlobals<M>;
  /** What the programs `console.log`; `undefined` where they do not. */
  readonly log: ProgramLog | undefined;
  private readonly mapsByName: Readonly<Record<string, BpfMap>>;
  private readonly programsByName: Readonly<Record<string, Program>>;
  private readonly sections: GlobalSections;
  private readonly hidden: readonly BpfMap[];
  private isClosed = false;

  /** @internal */
  constructor(parts: {
    readonly spec: ObjectSpec;
    readonly maps: Readonly<Record<string, BpfMap>>;
    /** Maps that are the runtime's own. */
    readonly hidden: readonly BpfMap[];
    readonly programs: Readonly<Record<string, Program>>;
    readonly sections: GlobalSections;
    readonly log: ProgramLog | undefined;
  }) {
    this.spec = parts.spec;
    this.mapsByName = parts.maps;
    this.programsByName = parts.programs;
    this.hidden = parts.hidden;
    // The object's names are only known when it runs: that they are the module's is what the caller says with `M`.
    this.maps = parts.maps as CollectionMaps<M>;
    this.programs = parts.programs as CollectionPrograms<M>;
    this.sections = parts.sections;
    this.log = parts.log;
    this.globals = globalsProxy(parts.sections) as CollectionGlobals<M>;
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** @throws {BpfError} TSB4020 where the object has no map of that name. */
  map(name: string): BpfMap {
    this.assertOpen();
    const map = Object.hasOwn(this.mapsByName, name) ? this.mapsByName[name] : undefined;
    if (map !== undefined) return map;
    throw new BpfError(`use ${this.spec.name}`, unknownMap(undefined, name, Object.keys(this.mapsByName)));
  }

  /** @throws {BpfError} TSB4021 where the object has no program of that name, TSB4025 where it was left out of the load. */
  program(name: string): Program {
    this.assertOpen();
    const program = Object.hasOwn(this.programsByName, name) ? this.programsByName[name] : undefined;
    if (program !== undefined) return program;
    const operation = `use ${this.spec.name}`;
    if (Object.hasOwn(this.spec.programs, name))
      throw new BpfError(operation, programNotLoaded(undefined, name));
    throw new BpfError(operation, unknownProgram(undefined, name, Object.keys(this.programsByName)));
  }

  /**
   * Closes the programs, with the links that hold them, and the maps. What is pinned, and what another collection shares, stays. Closing again
   * does nothing.
   */
  close(): void {
    this.isClosed = true;
    const { programsByName, mapsByName, hidden, sections } = this;
    closeAll([...Object.values(programsByName), ...Object.values(mapsByName), ...hidden, sections]);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private assertOpen(): void {
    if (this.isClosed)
      throw new BpfError(
        `use ${this.spec.name}`,
        closedObject(undefined, `collection \`${this.spec.name}\``),
      );
  }
}
