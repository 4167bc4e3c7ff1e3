import { readOnlyConstant, unknownGlobal } from "../compiler/diagnostics/load.ts";
import { decode, encode } from "./btf/codec/codec.ts";
import { BpfError, systemFailure } from "./errors.ts";
import type { GlobalSpec } from "./globals.ts";
import { type Binding, binding } from "./native.ts";
import { logLostName } from "./own-names.ts";
import type { ObjectSpec } from "./spec.ts";

interface LoadedSection {
  readonly descriptor: Binding.Descriptor;
  readonly size: number;
}

const FIRST = new Uint8Array(4);

/** The globals of a loaded object: each section is an array map of one entry. */
export class GlobalSections {
  private readonly spec: ObjectSpec;
  private readonly sections = new Map<string, LoadedSection>();
  private readonly globals = new Map<string, GlobalSpec>();

  constructor(spec: ObjectSpec) {
    this.spec = spec;
  }

  add(section: string, descriptor: Binding.Descriptor, size: number, globals: readonly GlobalSpec[]): void {
    this.sections.set(section, { descriptor, size });
    for (const global of globals) this.globals.set(global.name, global);
  }

  has(name: string): boolean {
    return this.globals.has(name);
  }

  names(): readonly string[] {
    return [...this.globals.keys()].filter((name) => name !== logLostName);
  }

  get(name: string): unknown {
    const operation = `read global ${name}`;
    const { global, section } = this.find(name, operation);
    return decode(this.spec.codec(global), this.read(section, operation), global.offset);
  }

  set(name: string, value: unknown): void {
    const operation = `write global ${name}`;
    const { global, section } = this.find(name, operation);
    if (global.constant) throw new BpfError(operation, readOnlyConstant(undefined, name));
    const bytes = encode(this.spec.codec(global), value, operation, name);
    try {
      binding().mapWriteAt(section.descriptor, global.offset, bytes);
    } catch (error) {
      throw systemFailure(operation, error);
    }
  }

  close(): void {
    for (const { descriptor } of this.sections.values()) descriptor.close();
  }

  private find(name: string, operation: string) {
    const global = this.globals.get(name);
    const section = global === undefined ? undefined : this.sections.get(global.section);
    if (global === undefined || section === undefined) {
      throw new BpfError(`${operation} of ${this.spec.name}`, unknownGlobal(undefined, name, this.names()));
    }
    return { global, section };
  }

  private read(section: LoadedSection, operation: string): Uint8Array {
    try {
      const image = binding().mapLookup(section.descriptor, FIRST, section.size);
      return image ?? new Uint8Array(section.size);
    } catch (error) {
      throw systemFailure(operation, error);
    }
  }
}

/** Globals as properties. A name that the object does not have is an error and not `undefined`. */
export function globalsProxy(sections: GlobalSections): Record<string, unknown> {
  return new Proxy(Object.create(null) as Record<string, unknown>, {
    get(_target, name) {
      // Asked of any object by `await`, by printing and by test tools.
      if (typeof name === "symbol" || (!sections.has(name) && ASKED_OF_ALL.has(name))) return undefined;
      return sections.get(name);
    },
    set(_target, name, value) {
      sections.set(String(name), value);
      return true;
    },
    has: (_target, name) => typeof name === "string" && sections.has(name),
    ownKeys: () => [...sections.names()],
    getOwnPropertyDescriptor: (_target, name) =>
      typeof name === "string" && sections.has(name)
        ? { value: sections.get(name), enumerable: true, configurable: true, writable: true }
        : undefined,
  });
}

const ASKED_OF_ALL = new Set([
  "then",
  "toJSON",
  "constructor",
  "inspect",
  "asymmetricMatch",
  "nodeType",
  "$$typeof",
  "tagName",
]);
