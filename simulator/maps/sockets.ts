import { sizeOf } from "../../compiler/ir/build.ts";
import type { IrMap } from "../../compiler/ir/module.ts";
import { E2BIG, EINVAL, ENOENT } from "../errno.ts";
import { allocate, keyOf, type Pointer } from "../memory.ts";
import type { SimulatedSocket } from "../socket.ts";
import { checkFlags } from "./storage.ts";

/** `BPF_MAP_TYPE_SOCKMAP` and `BPF_MAP_TYPE_SOCKHASH` (net/core/sock_map.c). */
export class SocketStorage {
  readonly map: IrMap;
  readonly keySize: number;
  readonly #sockets = new Map<string, { readonly key: Uint8Array; readonly socket: SimulatedSocket }>();

  constructor(map: IrMap) {
    if (map.key === undefined) throw new Error(`map ${map.name} has no key`);
    this.map = map;
    this.keySize = sizeOf(map.key);
  }

  get(key: Pointer): SimulatedSocket | undefined {
    return this.#sockets.get(keyOf(key.bytes(this.keySize)))?.socket;
  }

  put(key: Pointer, socket: SimulatedSocket, flags: bigint): number {
    if (this.#isBeyond(key)) return E2BIG;
    const bytes = key.bytes(this.keySize).slice();
    const name = keyOf(bytes);
    const exists = this.#sockets.has(name);
    const failed = checkFlags(exists, flags);
    if (failed !== 0) return failed;
    if (!exists && this.#sockets.size >= this.map.maxEntries) return E2BIG;
    this.#sockets.set(name, { key: bytes, socket });
    return 0;
  }

  remove(key: Pointer): number {
    if (this.#sockets.delete(keyOf(key.bytes(this.keySize)))) return 0;
    return this.map.type === "sockmap" ? EINVAL : ENOENT;
  }

  keys(): Uint8Array[] {
    return [...this.#sockets.values()].map((entry) => entry.key);
  }

  #isBeyond(key: Pointer): boolean {
    return this.map.type === "sockmap" && key.u32(0) >= this.map.maxEntries;
  }
}

/** `BPF_MAP_TYPE_SK_STORAGE`: a value for each socket that has one. */
export class SkStorageStorage {
  readonly map: IrMap;
  readonly valueSize: number;
  readonly #values = new Map<SimulatedSocket, Pointer>();

  constructor(map: IrMap) {
    if (map.value === undefined) throw new Error(`map ${map.name} has no value`);
    this.map = map;
    this.valueSize = sizeOf(map.value);
  }

  get(socket: SimulatedSocket): Pointer | null {
    return this.#values.get(socket) ?? null;
  }

  create(socket: SimulatedSocket): Pointer {
    const known = this.#values.get(socket);
    if (known !== undefined) return known;
    const made = allocate(this.valueSize);
    this.#values.set(socket, made);
    return made;
  }

  remove(socket: SimulatedSocket): number {
    return this.#values.delete(socket) ? 0 : ENOENT;
  }
}
