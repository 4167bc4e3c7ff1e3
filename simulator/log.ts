import type { IrMap, IrModule } from "../compiler/ir/module.ts";
import { metadataOf } from "../compiler/object/metadata.ts";
import { decodeLogRecord, type LogRecord } from "../runtime/log.ts";
import { type LogSite, parseMetadata } from "../runtime/metadata.ts";
import type { Machine } from "./machine.ts";
import { RingStorage } from "./maps/ring-buffer.ts";
import { SimulatedRingBuffer } from "./maps/user-ring-buffer.ts";

/** As large as the compiler makes it (compiler/emit/unit.ts). */
const BUFFER_SIZE = 256 << 10;
const HEADER_SIZE = 16;

/** What programs `console.log`: the records that the kernel's ring buffer would hold, put into words by the runtime. */
export class SimulatedLog {
  readonly #sites: ReadonlyMap<number, LogSite>;
  readonly #storage: RingStorage;
  readonly #buffer: SimulatedRingBuffer<Uint8Array>;
  #lost = 0n;

  /** @internal */
  constructor(module: IrModule, cwd: string) {
    const metadata = parseMetadata(new TextEncoder().encode(JSON.stringify(metadataOf(module, cwd))));
    if (typeof metadata === "string") throw new Error(metadata);
    this.#sites = metadata.logs;
    const span = { file: module.entry, start: 0, end: 0 };
    const map: IrMap = { name: "log", type: "ringbuf", maxEntries: BUFFER_SIZE, flags: 0, pin: false, span };
    this.#storage = new RingStorage(map);
    this.#buffer = new SimulatedRingBuffer(this.#storage);
  }

  /** How many records found no room. */
  get lost(): bigint {
    return this.#lost;
  }

  /** Takes what was logged since the last time. */
  drain(): LogRecord[] {
    return this.#buffer.drain().flatMap((bytes) => decodeLogRecord(this.#sites, bytes) ?? []);
  }

  /** Calls back with every record, on the event loop. */
  on(callback: (record: LogRecord) => void): Disposable & { close(): void } {
    return this.#buffer.on((bytes) => {
      const record = decodeLogRecord(this.#sites, bytes);
      if (record !== undefined) callback(record);
    });
  }

  /** @internal `console.log` in a program. */
  write(machine: Machine, site: number, values: readonly (number | bigint | boolean)[]): void {
    const record = this.#storage.reserve(HEADER_SIZE + 8 * values.length);
    if (record === null) {
      this.#lost++;
      return;
    }
    record.putU32(0, site);
    record.putU32(4, machine.cpu);
    record.putU64(8, machine.timeNs);
    for (const [index, value] of values.entries()) {
      record.putU64(HEADER_SIZE + 8 * index, BigInt.asUintN(64, BigInt(value)));
    }
    record.submit(0n);
  }
}
