import type { IrMap } from "../../compiler/ir/module.ts";
import { EAGAIN } from "../errno.ts";
import { allocate, Pointer } from "../memory.ts";

/** Before each record (kernel/bpf/ringbuf.c, struct bpf_ringbuf_hdr). */
const HEADER_SIZE = 8;

/** A record that a program is writing. */
export class Reservation extends Pointer {
  readonly size: number;
  state: "held" | "submitted" | "discarded" = "held";
  readonly #storage: RingStorage;

  constructor(storage: RingStorage, size: number) {
    super(allocate(size).view, 0);
    this.#storage = storage;
    this.size = size;
  }

  submit(_flags: bigint): void {
    this.#leave("submitted");
  }

  discard(_flags: bigint): void {
    this.#leave("discarded");
  }

  #leave(state: "submitted" | "discarded"): void {
    if (this.state !== "held") throw new Error(`a record is given up twice`);
    this.state = state;
    this.#storage.announce();
  }
}

/** `BPF_MAP_TYPE_RINGBUF`: records in order of reservation, for as long as they fit. */
export class RingStorage {
  readonly map: IrMap;
  readonly #records: Reservation[] = [];
  readonly #listeners = new Set<() => void>();
  #produced = 0;
  #consumed = 0;

  constructor(map: IrMap) {
    this.map = map;
  }

  /** Null where it does not fit. */
  reserve(size: number): Reservation | null {
    const room = roomFor(size);
    // One byte less than the buffer has (ringbuf.c, __bpf_ringbuf_reserve).
    if (this.#produced + room - this.#consumed > this.map.maxEntries - 1) return null;
    this.#produced += room;
    const record = new Reservation(this, size);
    this.#records.push(record);
    return record;
  }

  output(value: Pointer, size: number): number {
    const record = this.reserve(size);
    if (record === null) return EAGAIN;
    record.assign(value, size);
    record.submit(0n);
    return 0;
  }

  /** The end of a reservation's scope: what is still held is discarded. */
  close(record: Reservation | null): void {
    if (record?.state === "held") record.discard(0n);
  }

  /** `bpf_ringbuf_query`. */
  query(flags: bigint): bigint {
    switch (flags) {
      case 0n:
        return BigInt(this.#produced - this.#consumed);
      case 1n:
        return BigInt(this.map.maxEntries);
      case 2n:
        return BigInt(this.#consumed);
      case 3n:
        return BigInt(this.#produced);
      default:
        return 0n;
    }
  }

  /** Takes the records up to the first that is still being written. */
  take(): Uint8Array[] {
    const taken: Uint8Array[] = [];
    while (this.#records[0] !== undefined && this.#records[0].state !== "held") {
      const record = this.#records.shift() as Reservation;
      this.#consumed += roomFor(record.size);
      if (record.state === "submitted") taken.push(record.bytes(record.size));
    }
    return taken;
  }

  announce(): void {
    for (const listener of this.#listeners) listener();
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function roomFor(size: number): number {
  return Math.ceil((size + HEADER_SIZE) / 8) * 8;
}
