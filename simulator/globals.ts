import { readOnlyConstant, unknownGlobal } from "../compiler/diagnostics/load.ts";
import type { IrGlobal } from "../compiler/ir/module.ts";
import { encode } from "../runtime/btf/codec/codec.ts";
import { BpfError } from "../runtime/errors.ts";
import { codecOf } from "./codec.ts";
import { allocate, type Pointer } from "./memory.ts";

/** Constants and variables of a simulated program. */
export class SimulatedGlobals {
  readonly #file: string;
  readonly #globals = new Map<string, { readonly global: IrGlobal; readonly memory: Pointer }>();

  constructor(file: string, globals: readonly IrGlobal[]) {
    this.#file = file;
    for (const global of globals) {
      this.#globals.set(global.name, { global, memory: allocate(codecOf(global.type).size) });
    }
  }

  /** The memory of a global; `fill` writes its first value. */
  link(name: string, fill?: (memory: Pointer) => void): Pointer {
    const { memory } = this.#find(name, "link");
    fill?.(memory);
    return memory;
  }

  get(name: string): unknown {
    const { global, memory } = this.#find(name, "read global");
    return codecOf(global.type).read(memory.view, memory.at);
  }

  /** @throws {BpfError} TSB4022, TSB4024 where it is a constant and the program is there, TSB4030. */
  set(name: string, value: unknown, isLoaded = true): void {
    const { global, memory } = this.#find(name, "write global");
    const operation = `write global ${name}`;
    if (global.constant && isLoaded) throw new BpfError(operation, readOnlyConstant(undefined, name));
    const bytes = encode(codecOf(global.type), value, operation, name);
    memory.bytes(bytes.length).set(bytes);
  }

  /** As properties; a name that is not there is an error. */
  proxy(): Record<string, unknown> {
    return new Proxy(Object.create(null) as Record<string, unknown>, {
      get: (_target, name) =>
        typeof name === "symbol" || (name === "then" && !this.#globals.has(name))
          ? undefined
          : this.get(name),
      set: (_target, name, value) => {
        this.set(String(name), value);
        return true;
      },
      has: (_target, name) => typeof name === "string" && this.#globals.has(name),
      ownKeys: () => [...this.#globals.keys()],
      getOwnPropertyDescriptor: (_target, name) =>
        typeof name === "string" && this.#globals.has(name)
          ? { value: this.get(name), enumerable: true, configurable: true, writable: true }
          : undefined,
    });
  }

  #find(name: string, verb: string) {
    const found = this.#globals.get(name);
    if (found !== undefined) return found;
    const unknown = unknownGlobal(undefined, name, [...this.#globals.keys()]);
    throw new BpfError(`${verb} ${name} of ${this.#file}`, unknown);
  }
}
