import { Script } from "node:vm";
import { emitJavaScript } from "../compiler/emit/javascript/index.ts";
import { type CompileOptions, check } from "../compiler/index.ts";
import type { IrMap, IrModule } from "../compiler/ir/module.ts";
import { keepReachable } from "../compiler/passes/reachable.ts";
import { CompileError } from "../runtime/load.ts";
import * as arithmetic from "./arithmetic.ts";
import { SimulatedCollection } from "./collection.ts";
import type { SimulatedContext } from "./context.ts";
import { SimulatedGlobals } from "./globals.ts";
import { simulatedHelpers } from "./helpers/index.ts";
import { SimulatedLog } from "./log.ts";
import { Machine, type MachineOptions } from "./machine.ts";
import { LpmStorage } from "./maps/lpm-trie.ts";
import { RingStorage } from "./maps/ring-buffer.ts";
import { SkStorageStorage, SocketStorage } from "./maps/sockets.ts";
import { ArrayStorage, HashStorage } from "./maps/storage.ts";
import {
  SimulatedKeyedMap,
  type SimulatedMap,
  SimulatedSkStorage,
  SimulatedSocketMap,
} from "./maps/user-maps.ts";
import { SimulatedRingBuffer } from "./maps/user-ring-buffer.ts";
import { allocate, box, build, copyOf, type Pointer } from "./memory.ts";
import { SimulatedProgram } from "./program.ts";

export interface SimulateOptions extends MachineOptions {
  /** Values of constants, by name. */
  readonly constants?: Readonly<Record<string, unknown>>;
  /** First values of global variables, by name. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Changes to maps, by name. */
  readonly maps?: Readonly<Record<string, { readonly maxEntries?: number }>>;
  /** How the source is compiled. */
  readonly compiler?: CompileOptions;
}

/**
 * Compiles a `*.bpf.ts` file and runs it in this process: no kernel, no privileges, no clang, on any system. The same source does the same here as in
 * the kernel, integers and layouts included. With the module's types, maps, programs and globals have the types of the source:
 *
 *     const app = simulate<typeof import("./firewall.bpf.js")>("firewall.bpf.ts");
 *     app.maps.rules.set({ prefixlen: 8, address: ip4("10.0.0.0") }, { deny: true, packets: 0n });
 *     expect(app.programs.filter.run({ packet }).returnValue).toBe(XdpAction.DROP);
 *
 * What is of one process only is simulated: no two CPUs run at once, maps live as long as the collection, a full LRU map drops exactly the entry that was
 * not used for longest.
 *
 * @throws {CompileError} where the file does not compile.
 * @throws {BpfError} TSB4022 and TSB4030 where an option names an unknown global or gives it a value that does not fit.
 */
export function simulate<M = unknown>(file: string, options: SimulateOptions = {}): SimulatedCollection<M> {
  const { module, diagnostics, sources } = check(file, options.compiler ?? {});
  if (module === undefined) throw new CompileError(file, diagnostics, sources);
  return simulateModule<M>(module, file, options);
}

type Storage = HashStorage | ArrayStorage | LpmStorage | RingStorage | SocketStorage | SkStorageStorage;

/** @internal */
export function simulateModule<M = unknown>(
  whole: IrModule,
  file: string,
  options: SimulateOptions = {},
): SimulatedCollection<M> {
  const module = keepReachable(whole);
  const cwd = options.compiler?.cwd ?? process.cwd();
  const machine = new Machine(options);
  const log = new SimulatedLog(module, cwd);
  const globals = new SimulatedGlobals(file, module.globals);
  const storages = new Map<string, Storage>();
  const maps: Record<string, SimulatedMap> = {};
  for (const declared of module.maps) {
    const map = { ...declared, ...options.maps?.[declared.name] };
    const { storage, user } = makeMap(map, machine);
    storages.set(map.name, storage);
    maps[map.name] = user;
  }
  const programs = link(emitJavaScript(whole, { cwd }), `${file}.js`, {
    ...arithmetic,
    allocate,
    box,
    build,
    copyOf,
    helpers: simulatedHelpers(machine),
    log: (site: number, ...values: (number | bigint | boolean)[]) => log.write(machine, site, values),
    map: (name: string) => storages.get(name),
    variable: (name: string, _size: number, fill?: (memory: Pointer) => void) => globals.link(name, fill),
  });
  for (const [name, value] of Object.entries({ ...options.constants, ...options.variables })) {
    globals.set(name, value, false);
  }
  const simulated = module.programs.map((program) => {
    const call = programs[program.name];
    if (call === undefined) throw new Error(`program ${program.name} was not printed`);
    return [program.name, new SimulatedProgram(program, machine, call)] as const;
  });
  return new SimulatedCollection<M>({
    file,
    maps,
    programs: Object.fromEntries(simulated),
    globals: globals.proxy(),
    log,
    machine,
  });
}

type Programs = Readonly<Record<string, (context: SimulatedContext) => number>>;

/** Evaluates what the compiler printed. A trace of an error that is thrown in it names `filename`. */
function link(text: string, filename: string, linkage: object): Programs {
  const linker = new Script(`(${text})`, { filename }).runInThisContext() as (linkage: object) => Programs;
  return linker(linkage);
}

function makeMap(map: IrMap, machine: Machine): { readonly storage: Storage; readonly user: SimulatedMap } {
  const keyed = <S extends HashStorage | ArrayStorage | LpmStorage>(storage: S) => ({
    storage,
    user: new SimulatedKeyedMap(storage, machine.cpus),
  });
  switch (map.type) {
    case "array":
    case "percpu_array":
      return keyed(new ArrayStorage(map, machine));
    case "hash":
    case "lru_hash":
    case "percpu_hash":
      return keyed(new HashStorage(map, machine));
    case "lpm_trie":
      return keyed(new LpmStorage(map));
    case "ringbuf": {
      const storage = new RingStorage(map);
      return { storage, user: new SimulatedRingBuffer(storage) };
    }
    case "sockmap":
    case "sockhash": {
      const storage = new SocketStorage(map);
      return { storage, user: new SimulatedSocketMap(storage) };
    }
    case "sk_storage": {
      const storage = new SkStorageStorage(map);
      return { storage, user: new SimulatedSkStorage(storage) };
    }
    default:
      throw new Error(`maps of type ${map.type} are not simulated`);
  }
}
