import { release } from "node:os";
import { invalidOption, unknownProgram } from "../compiler/diagnostics/load.ts";
import { unknownSection } from "../compiler/diagnostics/objects.ts";
import { pinObject, unpinObject } from "./bpffs.ts";
import { Collection } from "./collection.ts";
import { BpfError, systemFailure } from "./errors.ts";
import { GlobalSections } from "./global-variables.ts";
import { explainLoadFailure } from "./load-failure.ts";
import { ProgramLog } from "./log.ts";
import type { MapSpec } from "./map-definitions.ts";
import type { BpfMap } from "./maps/bpf-map.ts";
import { openMap } from "./maps/open.ts";
import { RingBuffer } from "./maps/ring-buffer.ts";
import { type Binding, binding } from "./native.ts";
import { logMapName } from "./own-names.ts";
import { Program } from "./program.ts";
import { pinPath, sharedMaps } from "./shared-maps.ts";
import type { ObjectSpec } from "./spec.ts";

export interface LoadObjectOptions {
  /** Maps of another collection to use instead of new ones: all of the same name, or those named. Their layout must be the same. */
  readonly reuse?: Collection | Readonly<Record<string, BpfMap>>;
  /** Where maps that ask to be pinned by name are pinned; `/sys/fs/bpf` by default. */
  readonly pinDirectory?: string;
  /** BTF of the running kernel, where it has none of its own. */
  readonly kernelBtfPath?: string;
  /** 0 none, 1 the verifier's log of each program, 2 verbose, 4 statistics; read with {@link VerifierError} or not at all. */
  readonly verifierLog?: 0 | 1 | 2 | 4;
}

/**
 * Loads an object into the kernel as its specification says now. Nothing stays behind when it fails.
 *
 * @throws {VerifierError} where the verifier refuses a program.
 * @throws {NotSupportedError} where the kernel lacks something that the object needs.
 * @throws {BpfError} TSB4010 without privileges, TSB4012 without the kernel's BTF, TSB4023 for a wrong edit, TSB4036 for a map that cannot be shared.
 */
export function loadObject<M = unknown>(spec: ObjectSpec, options: LoadObjectOptions = {}): Collection<M> {
  const operation = `load ${spec.name}`;
  checkSpec(spec, operation);
  const held: { close(): void }[] = [];
  const undo: (() => void)[] = [];
  let loaded = false;
  try {
    const object = openNative(spec, options, operation);
    held.push(object);
    const shared = sharedMaps(spec, options, operation, held);
    editObject(object, spec, shared, operation);
    raiseMemlockWhereItCounts();
    try {
      object.load({ logLevel: options.verifierLog ?? 0 });
    } catch (error) {
      throw explainLoadFailure(spec, operation, error);
    }
    pinMaps(object, spec, options, shared, operation, undo);
    const collection = collect<M>(object, spec, operation);
    loaded = true;
    return collection;
  } finally {
    for (const thing of held) thing.close();
    if (!loaded) for (const step of undo.reverse()) step();
  }
}

/** Kernels before 5.11 charge BPF memory to RLIMIT_MEMLOCK, whose default of 64 KiB few maps fit. */
function raiseMemlockWhereItCounts(): void {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  if (major > 5 || (major === 5 && minor >= 11)) return;
  try {
    binding().raiseMemlock();
  } catch {
    // Without the right to raise it the load may still fit; if not, it says what is missing.
  }
}

function checkSpec(spec: ObjectSpec, operation: string): void {
  const invalid = (option: string, what: string, help: string) =>
    new BpfError(operation, invalidOption(undefined, option, what, help));
  for (const map of Object.values(spec.maps)) {
    for (const [option, value] of [
      ["maxEntries", map.maxEntries],
      ["flags", map.flags],
      ["numaNode", map.numaNode ?? 0],
    ] as const) {
      if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
        throw invalid(
          `${map.name}.${option}`,
          `is ${String(value)}`,
          "it is an integer from 0 to 4294967295",
        );
      }
    }
  }
  for (const program of Object.values(spec.programs)) {
    if (program.load && program.kind === undefined && !isKnownToLibbpf(program.section)) {
      throw new BpfError(operation, unknownSection(undefined, program.name, program.section));
    }
  }
  spec.checkGlobals();
}

/** Tracing and other kinds that this runtime loads and does not attach. */
const LIBBPF_SECTIONS =
  /^\??(?:k(?:ret)?probe|u(?:ret)?probe|ksyscall|kretsyscall|usdt|tracepoint|tp|raw_tracepoint|raw_tp|tp_btf|fentry|fexit|fmod_ret|freplace|lsm|lsm_cgroup|iter|struct_ops|perf_event|lwt_\w+|netfilter|netkit|action|lirc_mode2|cgroup|sk_skb)(?:[./]|$)/;

function isKnownToLibbpf(section: string): boolean {
  return LIBBPF_SECTIONS.test(section);
}

function openNative(spec: ObjectSpec, options: LoadObjectOptions, operation: string): Binding.BpfObject {
  // libbpf makes the names of .data, .bss and .rodata maps from it; the kernel takes letters, digits, `_` and `.` only.
  const name = spec.name.replace(/(\.bpf)?\.(o|ts)$/, "").replace(/[^A-Za-z0-9_]/g, "_") || "object";
  try {
    return new (binding().BpfObject)(spec.bytes, {
      name,
      ...(options.kernelBtfPath === undefined ? {} : { kernelBtfPath: options.kernelBtfPath }),
    });
  } catch (error) {
    throw explainLoadFailure(spec, operation, error);
  }
}

function editObject(
  object: Binding.BpfObject,
  spec: ObjectSpec,
  shared: ReadonlyMap<string, BpfMap>,
  operation: string,
): void {
  try {
    const known = new Set(object.programs.map((program) => program.name));
    for (const program of Object.values(spec.programs)) {
      if (!known.has(program.name)) {
        throw new BpfError(operation, unknownProgram(undefined, program.name, [...known]));
      }
      object.editProgram(program.name, {
        autoload: program.load,
        ...(program.kind === undefined
          ? {}
          : { type: program.kind.type, expectedAttachType: program.kind.attachType }),
      });
    }
    for (const map of Object.values(spec.maps)) {
      const existing = shared.get(map.name);
      if (existing !== undefined) {
        object.editMap(map.name, { pinPath: null, reuse: existing.descriptor });
        continue;
      }
      object.editMap(map.name, {
        pinPath: null,
        flags: map.flags,
        ...(map.maxEntries > 0 ? { maxEntries: map.maxEntries } : {}),
        ...(map.numaNode === undefined ? {} : { numaNode: map.numaNode }),
        // A ring buffer has no values to the kernel; a type given to it is for readers only (kernel/bpf/ringbuf.c, ringbuf_map_alloc).
        ...(map.type === "ringbuf" ? { keySize: 0, valueSize: 0 } : {}),
      });
    }
    for (const section of spec.sections) {
      if (section.globals.length > 0) object.editMap(section.name, { initial: spec.image(section) });
    }
  } catch (error) {
    throw systemFailure(operation, error);
  }
}

function pinMaps(
  object: Binding.BpfObject,
  spec: ObjectSpec,
  options: LoadObjectOptions,
  shared: ReadonlyMap<string, BpfMap>,
  operation: string,
  undo: (() => void)[],
): void {
  for (const map of Object.values(spec.maps)) {
    const path = pinPath(map, options);
    if (path === undefined || shared.has(map.name)) continue;
    const descriptor = object.mapDescriptor(map.name);
    try {
      pinObject(descriptor, path, operation);
      undo.push(() => unpinObject(path, operation));
    } finally {
      descriptor.close();
    }
  }
}

function sourceOf(spec: ObjectSpec, map: MapSpec) {
  return { name: map.name, type: map.type, btf: spec.btf, keyType: map.keyType, valueType: map.valueType };
}

/** Takes what was loaded out of libbpf's object. */
function collect<M>(object: Binding.BpfObject, spec: ObjectSpec, operation: string): Collection<M> {
  const held: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(thing: T): T => {
    held.push(thing);
    return thing;
  };
  try {
    const maps: Record<string, BpfMap> = {};
    const hidden: BpfMap[] = [];
    for (const map of Object.values(spec.maps)) {
      const opened = keep(
        openMap({ ...sourceOf(spec, map), descriptor: keep(object.mapDescriptor(map.name)) }),
      );
      if (map.name === logMapName && spec.metadata !== undefined) hidden.push(opened);
      else define(maps, map.name, opened);
    }
    const programs: Record<string, Program> = {};
    const summaries = new Map(object.programs.map((program) => [program.name, program]));
    for (const program of Object.values(spec.programs)) {
      if (!program.load) continue;
      const summary = summaries.get(program.name);
      const kind = program.kind ?? {
        name: program.section,
        type: summary?.type ?? 0,
        attachType: summary?.expectedAttachType ?? 0,
        attachPoint: "none" as const,
      };
      define(
        programs,
        program.name,
        keep(new Program(program.name, kind, object.programDescriptor(program.name))),
      );
    }
    const sections = new GlobalSections(spec);
    keep(sections);
    for (const section of spec.sections) {
      if (section.globals.length === 0) continue;
      sections.add(section.name, object.mapDescriptor(section.name), section.initial.length, section.globals);
    }
    const buffer = hidden.find((map) => map instanceof RingBuffer);
    const log =
      buffer === undefined || spec.metadata === undefined
        ? undefined
        : new ProgramLog(buffer as RingBuffer<Uint8Array>, spec.metadata.logs, sections);
    return new Collection<M>({ spec, maps, hidden, programs, sections, log });
  } catch (error) {
    for (const thing of held) thing.close();
    throw systemFailure(operation, error);
  }
}

function define<T>(record: Record<string, T>, name: string, value: T): void {
  Object.defineProperty(record, name, { value, enumerable: true });
}
