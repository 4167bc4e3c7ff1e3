import { setImmediate } from "node:timers";
import { type Codec, decode } from "../../runtime/btf/codec/codec.ts";
import { codecOf } from "../codec.ts";
import type { RingStorage } from "./ring-buffer.ts";
import { SimulatedMap } from "./user-maps.ts";

/** `RingBuffer`: what programs submitted, in order. A record goes to one reader. */
export class SimulatedRingBuffer<T = unknown> extends SimulatedMap {
  readonly #storage: RingStorage;
  readonly #record: Codec | undefined;

  /** @internal Records without a type are their bytes. */
  constructor(storage: RingStorage) {
    super(storage.map);
    this.#storage = storage;
    this.#record = storage.map.value === undefined ? undefined : codecOf(storage.map.value);
  }

  /** Takes what is in the buffer now. */
  drain(): T[] {
    const record = this.#record;
    return this.#storage
      .take()
      .map((bytes) => (record === undefined ? bytes.slice() : decode(record, bytes)) as T);
  }

  /** Calls back with every record, on the event loop. */
  on(callback: (record: T) => void): Disposable & { close(): void } {
    let waiting = false;
    let open = true;
    const deliver = (): void => {
      waiting = false;
      if (open) for (const record of this.drain()) callback(record);
    };
    const wake = (): void => {
      if (waiting) return;
      waiting = true;
      setImmediate(deliver);
    };
    const forget = this.#storage.listen(wake);
    wake();
    const close = (): void => {
      open = false;
      forget();
    };
    return { close, [Symbol.dispose]: close };
  }
}
