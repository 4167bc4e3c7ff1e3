import { closedObject } from "../../compiler/diagnostics/load.ts";
import { type Codec, decode } from "../btf/codec/codec.ts";
import { BpfError, systemFailure } from "../errors.ts";
import { type Binding, binding } from "../native.ts";
import { BpfMap, type MapSource } from "./bpf-map.ts";

export interface RingBufferOptions {
  /** Records taken from the kernel and not yet asked for; beyond it the reader pauses and the kernel's buffer fills. 1024 by default. */
  readonly highWater?: number;
}

/** A reader of a ring buffer that calls back. */
export interface Subscription extends Disposable {
  /** Stop taking records: they wait in the kernel's buffer, and when it is full the program's `reserve` and `output` fail. */
  pause(): void;
  resume(): void;
  /** Lets the process end although the reader is open. */
  unref(): void;
  /** Records that had fewer bytes than their type and were not delivered. */
  readonly malformed: number;
  close(): void;
}

/**
 * `BPF_MAP_TYPE_RINGBUF`: records from programs, in order. A buffer has one position of reading, so a record goes to one of its readers.
 * Minimum kernel: 5.8.
 *
 *     for await (const event of app.maps.events) console.log(event.port);
 *
 * Leaving the loop closes the reader, not the map.
 */
export class RingBuffer<T = unknown> extends BpfMap implements AsyncIterable<T> {
  declare readonly type: "ringbuf";
  private readonly readers = new Set<{ close(): void }>();
  private readonly record: Codec | undefined;

  constructor(source: MapSource, record?: Codec) {
    super(source);
    this.record = record;
  }

  /**
   * Calls back with every record, on the event loop. Records of a ring buffer without a type are their bytes.
   *
   * Records that did not fit into the buffer are lost before any reader: the program sees that `reserve` or `output` failed, and counts.
   */
  on(callback: (record: T) => void): Subscription {
    let malformed = 0;
    const reader = this.open((bytes) => {
      const record = this.decode(bytes);
      if (record === undefined) malformed++;
      else callback(record.value);
    });
    return {
      pause: () => reader.pause(),
      resume: () => reader.resume(),
      unref: () => reader.unref(),
      get malformed() {
        return malformed;
      },
      close: () => reader.close(),
      [Symbol.dispose]: () => reader.close(),
    };
  }

  /** Takes what is in the buffer now, without waiting. */
  drain(): T[] {
    const records: T[] = [];
    const reader = this.open((bytes) => {
      const record = this.decode(bytes);
      if (record !== undefined) records.push(record.value);
    });
    try {
      reader.consume();
    } finally {
      reader.close();
    }
    return records;
  }

  /** Reads until the loop is left or the map is closed. */
  records(options: RingBufferOptions = {}): AsyncIterableIterator<T> {
    return new RecordIterator<T>((deliver, ended) => {
      const reader = this.open((bytes) => {
        const record = this.decode(bytes);
        if (record !== undefined) deliver(record.value);
      }, ended);
      return reader;
    }, options.highWater ?? 1024);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.records();
  }

  override close(): void {
    for (const reader of [...this.readers]) reader.close();
    super.close();
  }

  /** A record shorter than its type was not written by a program of this object: it is passed over and counted. */
  private decode(bytes: Uint8Array): { readonly value: T } | undefined {
    if (this.record === undefined) return { value: bytes as T };
    return bytes.length < this.record.size ? undefined : { value: decode(this.record, bytes) as T };
  }

  private open(onRecord: (bytes: Uint8Array) => void, onClose?: () => void): Reader {
    const operation = `read map ${this.name}`;
    const descriptor = this.descriptor;
    let native: Binding.RingBufferReader;
    try {
      native = new (binding().RingBufferReader)(descriptor, (records) => {
        for (const record of records) onRecord(record);
      });
    } catch (error) {
      throw systemFailure(operation, error);
    }
    let closed = false;
    const live = () => {
      if (closed)
        throw new BpfError(operation, closedObject(undefined, `the reader of map \`${this.name}\``));
      return native;
    };
    const reader: Reader = {
      pause: () => live().pause(),
      resume: () => live().resume(),
      unref: () => live().unref(),
      consume: () => live().consume(),
      close: () => {
        if (closed) return;
        closed = true;
        this.readers.delete(reader);
        native.close();
        onClose?.();
      },
    };
    this.readers.add(reader);
    return reader;
  }
}

interface Reader {
  pause(): void;
  resume(): void;
  unref(): void;
  consume(): number;
  close(): void;
}

/** Records wait here between the callback and the loop that asks for them; when too many wait, the reader pauses. */
class RecordIterator<T> implements AsyncIterableIterator<T> {
  private readonly waiting: T[] = [];
  private readonly asking: ((result: IteratorResult<T>) => void)[] = [];
  private readonly highWater: number;
  private readonly reader: Reader;
  private paused = false;
  private ended = false;

  constructor(start: (deliver: (record: T) => void, ended: () => void) => Reader, highWater: number) {
    this.highWater = highWater;
    this.reader = start(
      (record) => this.deliver(record),
      () => this.end(),
    );
  }

  next(): Promise<IteratorResult<T>> {
    if (this.waiting.length > 0) {
      const value = this.waiting.shift() as T;
      if (this.paused && this.waiting.length <= this.highWater / 2) {
        this.paused = false;
        this.reader.resume();
      }
      return Promise.resolve({ done: false, value });
    }
    if (this.ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.asking.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.waiting.length = 0;
    this.reader.close();
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private deliver(record: T): void {
    if (this.ended) return;
    const asker = this.asking.shift();
    if (asker !== undefined) {
      asker({ done: false, value: record });
      return;
    }
    this.waiting.push(record);
    if (!this.paused && this.waiting.length >= this.highWater) {
      this.paused = true;
      this.reader.pause();
    }
  }

  private end(): void {
    this.ended = true;
    for (const asker of this.asking.splice(0)) asker({ done: true, value: undefined });
  }
}
