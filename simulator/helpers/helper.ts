import type { SimulatedContext } from "../context.ts";
import type { Machine } from "../machine.ts";
import type { RingStorage } from "../maps/ring-buffer.ts";
import type { SkStorageStorage, SocketStorage } from "../maps/sockets.ts";
import type { MapStorage } from "../maps/storage.ts";
import type { Pointer } from "../memory.ts";

/** What a helper is called with: scalars, references, the context, maps. */
export type HelperValue =
  | number
  | bigint
  | boolean
  | null
  | Pointer
  | SimulatedContext
  | MapStorage
  | SocketStorage
  | SkStorageStorage
  | RingStorage;

/** A helper, with the arguments that the compiler's table gives it. 32-bit results are `number`s, 64-bit ones `bigint`s. */
export type Helper = (...args: never[]) => number | bigint | Pointer | null | undefined;

export type HelperTable = Readonly<Record<string, Helper>>;

export type HelperFactory = (machine: Machine) => HelperTable;
